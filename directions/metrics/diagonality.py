"""How diagonal the Hessian of every output is (section 4.5, Table 2).

    here     shape                 meaning
    f        w -> [batch, *out]    usually w -> G(z + wQ)
    H        never whole           of every output of one point: [dim, dim, out]
    share    []                    outputs whose largest |entry| is on the diagonal, D %
    ratio    []                    mean |diagonal| over mean |off-diagonal|, D_R

Entries are visited pair by pair and only sums and maxima are kept, so that memory does not grow
with the dimensions of w.
"""

from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from directions.penalty import Function

TINY = 1e-8  # added to the mean off-diagonal magnitude, as in the paper's figures
PAIRS = 64  # of coordinates, in one pass


class Diagonality(NamedTuple):
    """One point's scores over all outputs, and the two means whose ratio is not of outputs."""

    share: float  # of outputs with the largest magnitude on the diagonal; ties count
    mean_of_ratios: float  # the paper's D_R: dominated by outputs with little off the diagonal
    diagonal: float  # mean magnitude on the diagonal
    off_diagonal: float  # mean magnitude off it


@torch.no_grad()
def diagonality(
    f: Function, point: Float[Tensor, " dim"], epsilon: float = 0.1, pairs: int = PAIRS
) -> Diagonality:
    """Score the Hessians of all outputs of `f` at one point.

    By central differences over four points, on the diagonal too, where the step is then twice
    epsilon, as in the paper's figures. 2 dim^2 - 2 dim + 3 passes or fewer.
    """
    dim = len(point)
    if dim < 2:
        raise ValueError("a Hessian has nothing off the diagonal with 1 direction")
    axes = torch.eye(dim, dtype=point.dtype, device=point.device) * epsilon
    row, column = torch.triu_indices(dim, dim, device=point.device)
    sums: dict[bool, Tensor] = {}
    largest: dict[bool, Tensor] = {}
    for some in torch.arange(len(row), device=point.device).split(pairs):
        i, j = axes[row[some]], axes[column[some]]
        shifts = torch.cat([i + j, i - j, j - i, -i - j])
        outputs = f(point + shifts)
        assert isinstance(outputs, Tensor)
        plus, one, other, minus = outputs.flatten(1).float().chunk(4)
        entries = ((plus - one - other + minus) / (4 * epsilon**2)).abs()
        for on in (True, False):
            kept = entries[(row[some] == column[some]) == on]
            if len(kept):
                sums[on] = sums.get(on, 0) + kept.sum(0)
                largest[on] = torch.maximum(largest.get(on, kept[0]), kept.amax(0))
    diagonal, off = sums[True] / dim, sums[False] / (dim * (dim - 1) / 2)
    return Diagonality(
        (largest[True] >= largest[False]).float().mean().item(),
        (diagonal / (off + TINY)).mean().item(),
        diagonal.mean().item(),
        off.mean().item(),
    )
