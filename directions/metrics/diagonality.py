"""How diagonal the Hessian of every output is (section 4.5, Table 2).

    here     shape                 meaning
    f        w -> [batch, *out]    usually w -> G(z + wQ)
    H        never whole           of every output of one point: [dim, dim, out]
    entries  [pair, out]           some pairs of coordinates, i <= j, of H
    share    []                    outputs whose largest |entry| is on the diagonal, D %
    ratio    []                    mean |diagonal| over mean |off-diagonal|, D_R

Entries are visited pair by pair and only sums and maxima are kept, so that memory does not grow
with the dimensions of w. Where they come from is another matter: `directions.metrics.entries`.
"""

from collections.abc import Iterable
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from directions.metrics.entries import PAIRS, Entries, difference_entries
from directions.penalty import Function

TINY = 1e-8  # added to the mean off-diagonal magnitude, as in the paper's figures


class Diagonality(NamedTuple):
    """One point's scores over all outputs, and the two means whose ratio is not of outputs."""

    share: float  # of outputs with the largest magnitude on the diagonal; ties count
    mean_of_ratios: float  # the paper's D_R: dominated by outputs with little off the diagonal
    diagonal: float  # mean magnitude on the diagonal
    off_diagonal: float  # mean magnitude off it


def diagonality(
    f: Function, point: Float[Tensor, " dim"], epsilon: float = 0.1, pairs: int = PAIRS
) -> Diagonality:
    """Score the Hessians of all outputs of `f` at one point, by differences of four points."""
    return scores(difference_entries(f, point, epsilon, pairs), len(point))


def scores(entries: Iterable[Entries], dim: int) -> Diagonality:
    """Score Hessians of `dim` coordinates whose entries come in portions, each pair once."""
    found = Tally(dim)
    for some in entries:
        found.add(some)
    return found.scores()


class Tally:
    """Sums and maxima of magnitudes, on the diagonal and off it, over the entries so far."""

    def __init__(self, dim: int) -> None:
        if dim < 2:
            raise ValueError("a Hessian has nothing off the diagonal with 1 direction")
        self.dim = dim
        self.sums: dict[bool, Tensor] = {}
        self.largest: dict[bool, Tensor] = {}

    def add(self, some: Entries) -> None:
        """Take some pairs into account."""
        sizes = some.values.float().abs()
        for on in (True, False):
            kept = sizes[(some.row == some.column) == on]
            if len(kept):
                self.sums[on] = self.sums.get(on, 0) + kept.sum(0)
                self.largest[on] = torch.maximum(self.largest.get(on, kept[0]), kept.amax(0))

    def scores(self) -> Diagonality:
        """Score, once every pair was added."""
        diagonal = self.sums[True] / self.dim
        off = self.sums[False] / (self.dim * (self.dim - 1) / 2)
        return Diagonality(
            (self.largest[True] >= self.largest[False]).float().mean().item(),
            (diagonal / (off + TINY)).mean().item(),
            diagonal.mean().item(),
            off.mean().item(),
        )
