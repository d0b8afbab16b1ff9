"""Two bases side by side: which row of one is which of the other, up to order and sign."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float

from directions.metrics.matching import matched


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


def arranged(
    basis: Float[np.ndarray, "mine latent"],
    other: Float[np.ndarray, "theirs latent"],
    order: Sequence[int],
    name: str,
) -> Matching:
    """Put what is matched on the diagonal: rows in `order`, columns as they are paired with them.

    Rows and columns without a partner come last.
    """
    mine = basis[list(order)]
    pairs = matched(torch.from_numpy(mine), torch.from_numpy(other))
    rows, columns = pairs.rows.tolist(), pairs.others.tolist()
    rows += [row for row in range(len(mine)) if row not in rows]
    columns += [column for column in range(len(other)) if column not in columns]
    return Matching(np.abs(mine @ other.T)[rows][:, columns], name)
