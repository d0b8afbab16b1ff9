"""Two bases side by side: which row of one is which of the other, up to order and sign."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from scipy.optimize import linear_sum_assignment


@dataclass(frozen=True)
class Matching:
    """|cosine| of every row with every row of another basis, the matched ones on the diagonal."""

    cosines: Float[np.ndarray, "mine theirs"]
    other: str

    @property
    def agreement(self) -> str:
        """What lies on the diagonal, in words."""
        matched = self.cosines.diagonal()
        return f"{matched.min():.2f} to {matched.max():.2f}, {matched.mean():.2f} in the mean"


def matched(
    basis: Float[np.ndarray, "mine latent"],
    other: Float[np.ndarray, "theirs latent"],
    order: Sequence[int],
    name: str,
) -> Matching:
    """Pair the rows so that the sum of |cosine| is largest (the Hungarian method).

    Rows stand in `order`; columns are the rows they are paired with, then those without a partner.
    """
    cosines = np.abs(basis[list(order)] @ other.T)
    rows, columns = linear_sum_assignment(-cosines)
    rest = [row for row in range(len(cosines)) if row not in rows]
    others = [column for column in range(cosines.shape[1]) if column not in columns]
    return Matching(cosines[[*rows, *rest]][:, [*columns, *others]], name)
