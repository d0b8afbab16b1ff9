"""How far the step of the differences changes the Hessians, and their scores (section 4.5).

here      shape    meaning
epsilon   []       step of the differences
error     []       |H(epsilon) - H| / |H|, over all outputs and pairs i <= j; H is exact
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from directions.metrics.diagonality import Diagonality, Tally
from directions.metrics.entries import PAIRS, Entries, derivatives, differences, pairs_of
from directions.penalty import Function

EPSILONS = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3)


class Swept(NamedTuple):
    """One point: exact scores, and error and scores at every step."""

    exact: Diagonality
    errors: tuple[float, ...]
    steps: tuple[Diagonality, ...]


@torch.no_grad()
def epsilon_sweep(
    f: Function,
    point: Float[Tensor, " dim"],
    epsilons: Sequence[float] = EPSILONS,
    pairs: int = PAIRS,
) -> Swept:
    """Compare differences at several steps with the exact second derivatives, at one point."""
    dim = len(point)
    exact, steps = Tally(dim), [Tally(dim) for _ in epsilons]
    squares, size = [0.0] * len(epsilons), 0.0
    row, column = (index.to(point.device) for index in pairs_of(dim))
    for i, j in zip(row.split(pairs), column.split(pairs), strict=True):
        truth = derivatives(f, point, i, j)
        exact.add(Entries(i, j, truth))
        size += truth.double().square().sum().item()
        for number, epsilon in enumerate(epsilons):
            found = differences(f, point, i, j, epsilon)
            steps[number].add(Entries(i, j, found))
            squares[number] += (found - truth).double().square().sum().item()
    errors = tuple((one / max(size, 1e-300)) ** 0.5 for one in squares)
    return Swept(exact.scores(), errors, tuple(one.scores() for one in steps))
