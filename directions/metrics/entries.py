"""Entries of the Hessians of all outputs at one point, some pairs of coordinates at a time.

    here     shape                 meaning
    f        w -> [batch, *out]    treats rows independently
    e_i      [dim]                 unit vectors
    values   [pair, out]           H_ij, second derivatives of every output, i <= j

Either by differences of four points, as in the paper's figures, or exactly: the derivative along
e_j of the derivative along e_i, both carried forward, so that memory is that of a few passes
whatever the size of the picture. Networks of rectifiers bend at kinks too, which differences see
within their step and derivatives never do: the two need not agree however small the step.
"""

import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import torch
from jaxtyping import Float, Int64
from torch import Tensor
from torch.func import jvp

from directions.penalty import Function

PAIRS = 64  # of coordinates, in one pass


class Entries(NamedTuple):
    """Second derivatives by some pairs of coordinates."""

    row: Int64[Tensor, " pair"]
    column: Int64[Tensor, " pair"]
    values: Float[Tensor, "pair out"]


Source = Callable[[Function, Tensor, int], Iterator[Entries]]
"""How entries are found: of `f`, `point` and the number of pairs in a pass."""


@torch.no_grad()
def difference_entries(
    f: Function, point: Float[Tensor, " dim"], epsilon: float = 0.1, pairs: int = PAIRS
) -> Iterator[Entries]:
    """Yield entries by central differences over four points.

    On the diagonal too, where the step is then twice epsilon, as in the paper's figures.
    2 dim^2 + 2 dim passes.
    """
    for row, column in _portions(point, pairs):
        yield Entries(row, column, differences(f, point, row, column, epsilon))


@torch.no_grad()
def exact_entries(
    f: Function, point: Float[Tensor, " dim"], pairs: int = PAIRS
) -> Iterator[Entries]:
    """Yield entries by forward-mode differentiation; each costs about four passes."""
    for row, column in _portions(point, pairs):
        yield Entries(row, column, derivatives(f, point, row, column))


@torch.no_grad()
def differences(
    f: Function,
    point: Float[Tensor, " dim"],
    row: Int64[Tensor, " pair"],
    column: Int64[Tensor, " pair"],
    epsilon: float,
) -> Float[Tensor, "pair out"]:
    """(f(+i +j) - f(+i -j) - f(-i +j) + f(-i -j)) / 4 epsilon^2 for some pairs."""
    axes = torch.eye(len(point), dtype=point.dtype, device=point.device) * epsilon
    i, j = axes[row], axes[column]
    outputs = f(point + torch.cat([i + j, i - j, j - i, -i - j]))
    assert isinstance(outputs, Tensor)
    plus, one, other, minus = _wide(outputs).chunk(4)
    return (plus - one - other + minus) / (4 * epsilon**2)


@torch.no_grad()
def derivatives(
    f: Function,
    point: Float[Tensor, " dim"],
    row: Int64[Tensor, " pair"],
    column: Int64[Tensor, " pair"],
) -> Float[Tensor, "pair out"]:
    """The derivative along e_j of the derivative along e_i, for some pairs."""
    axes = torch.eye(len(point), dtype=point.dtype, device=point.device)
    points = point.repeat(len(row), 1)

    def along_rows(x: Tensor) -> Tensor:
        return jvp(f, (x,), (axes[row],))[1]

    with warnings.catch_warnings():
        # torch compiles some of its own rules when they are first asked for, and warns of that.
        warnings.filterwarnings("ignore", "`torch.jit.script", DeprecationWarning)
        return _wide(jvp(along_rows, (points,), (axes[column],))[1])


def pairs_of(dim: int) -> tuple[Int64[Tensor, " pair"], Int64[Tensor, " pair"]]:
    """All pairs of coordinates, i <= j."""
    row, column = torch.triu_indices(dim, dim)
    return row, column


def exact_penalties(entries: Iterator[Entries]) -> Float[Tensor, " out"]:
    """2 sum_{i != j} H_ij^2 of every output: what the Hessian Penalty estimates (Theorem 1)."""
    total: Tensor | float = 0.0
    for some in entries:
        off = some.values[some.row != some.column]
        total = total + 4 * off.square().sum(0)  # H_ij and H_ji
    assert isinstance(total, Tensor)
    return total


def chosen_hessians(
    entries: Iterator[Entries], dim: int, outputs: Sequence[int]
) -> Float[Tensor, "chosen dim dim"]:
    """Gather the whole Hessians of a few outputs."""
    found = torch.zeros(len(outputs), dim, dim)
    for some in entries:
        values = some.values[:, list(outputs)].T.float().cpu()
        row, column = some.row.cpu(), some.column.cpu()
        found[:, row, column], found[:, column, row] = values, values
    return found


def _portions(point: Tensor, pairs: int) -> Iterator[tuple[Tensor, Tensor]]:
    row, column = (index.to(point.device) for index in pairs_of(len(point)))
    yield from zip(row.split(pairs), column.split(pairs), strict=True)


def _wide(outputs: Tensor) -> Tensor:
    """`[pair, out]`, in float32 at least."""
    flat = outputs.flatten(1)
    return flat.to(torch.promote_types(flat.dtype, torch.float32))
