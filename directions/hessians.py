"""Hessians of a generator's outputs at one point: what the closed form diagonalises.

    here        shape              meaning
    f           w -> [batch, *out] usually w -> G(z + w), so that w has the dimensions of z
    point       [dim]              where the Hessians are taken
    sample      one tensor         what one point has to say, in the form its kind keeps
    matrices    [matrix, dim, dim] with sum_k H_k (x) H_k = mean over outputs and points

Both kinds give the same expectation, so either may stand for all Hessians of all outputs.

A generator bends within any step: what a difference sees depends a little on its direction, and
along fixed axes that would favour bases that lie with them. So every point is asked along axes
of its own, turned at random: what is seen too much is then the same for every basis.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import torch
from jaxtyping import Float
from torch import Tensor

from directions import parallel
from directions.basis import orthonormal_rows
from directions.penalty import Function


@runtime_checkable
class Hessians(Protocol):
    """A way of asking a function for its second derivatives."""

    def sample(self, f: Function, point: Float[Tensor, " dim"], rng: torch.Generator) -> Tensor:
        """Ask at one point."""
        ...

    def matrices(self, samples: Sequence[Tensor]) -> Float[Tensor, "matrix dim dim"]:
        """Turn what several points said into matrices, in float64 on the CPU."""
        ...


@dataclass(frozen=True)
class EveryOutput:
    """The Hessian of every output by second differences, dim^2 + dim + 1 passes without graph.

    A sample is the mean over outputs of h h', h the upper triangle of an output's Hessian:
    nothing is lost, since the objective is quadratic in h. `radius` is the length of the
    displacements, single ones and pairs.
    """

    radius: float
    batch_size: int

    @torch.no_grad()
    def sample(
        self, f: Function, point: Float[Tensor, " dim"], rng: torch.Generator
    ) -> Float[Tensor, "pair pair"]:
        """Ask at one point, along axes that are drawn."""
        row, column = torch.triu_indices(len(point), len(point), device=point.device)
        axes = _axes(point, rng)
        along = torch.nn.functional.normalize(axes[row] + axes[column]) * self.radius
        points = torch.cat([point[None], point + along, point - along])
        outputs = _in_portions(lambda some: _flat(f(some)), points, self.batch_size)
        centre, ahead, behind = outputs.split([1, len(along), len(along)])
        second = (ahead + behind - 2 * centre) / self.radius**2
        own = second[row == column]
        # Along (a_i + a_j) / sqrt 2 the second derivative is H_ij + (H_ii + H_jj) / 2.
        mixed = second - (own[row] + own[column]) / 2
        entries = torch.where((row == column)[:, None], second, mixed)
        hessians = entries.new_empty(len(point), len(point), entries.shape[1])
        hessians[row, column], hessians[column, row] = entries, entries
        entries = torch.einsum("ia,ijo,jb->abo", axes, hessians, axes)[row, column]
        return (entries @ entries.T / entries.shape[1]).double().cpu()

    def matrices(self, samples: Sequence[Tensor]) -> Float[Tensor, "matrix dim dim"]:
        """As many matrices as pairs, whatever the number of points."""
        values, vectors = torch.linalg.eigh(torch.stack(list(samples)).mean(0))
        entries = (vectors * values.clamp(min=0).sqrt()).T
        dim = (math.isqrt(8 * entries.shape[1] + 1) - 1) // 2
        row, column = torch.triu_indices(dim, dim)
        matrices = entries.new_zeros(len(entries), dim, dim)
        matrices[:, row, column] = entries
        matrices[:, column, row] = entries
        return matrices


@dataclass(frozen=True)
class Projected:
    """Hessians of random projections of the output, by differences of gradients.

    2 dim passes with graph for any number of projections, each one more backward pass: what can
    be paid where dim is large. A sample is `[projection, dim, dim]`.
    """

    radius: float
    batch_size: int
    projections: int

    def sample(
        self, f: Function, point: Float[Tensor, " dim"], rng: torch.Generator
    ) -> Float[Tensor, "projection dim dim"]:
        """Ask at one point for new normal projections of the output."""
        axes = _axes(point, rng)
        points = torch.cat([point + self.radius * axes, point - self.radius * axes])
        with torch.no_grad():
            shape = _flat(f(point[None])).shape[1]
        weights = torch.randn(self.projections, shape, generator=rng).to(point)
        weights /= math.sqrt(shape)
        rows = _in_portions(lambda some: self._gradients(f, some, weights), points, self.batch_size)
        ahead, behind = rows.transpose(0, 1).chunk(2, dim=1)
        hessians = axes.T @ ((ahead - behind) / (2 * self.radius))
        return ((hessians + hessians.mT) / 2).cpu()

    def _gradients(self, f: Function, points: Tensor, weights: Tensor) -> Tensor:
        """Gradients of every projection at every point: `[point, projection, dim]`."""
        points = points.clone().requires_grad_()
        outputs = _flat(f(points))
        found = [
            torch.autograd.grad((outputs @ one).sum(), points, retain_graph=True)[0]
            for one in weights
        ]
        return torch.stack(found, dim=1)

    def matrices(self, samples: Sequence[Tensor]) -> Float[Tensor, "matrix dim dim"]:
        """All that were asked for, scaled to the mean over points and projections."""
        found = torch.cat(list(samples)).double()
        return found / math.sqrt(len(found))


def _in_portions(ask: Callable[[Tensor], Tensor], points: Tensor, size: int) -> Tensor:
    """What is asked of the points, `size` at a time, by all processes together."""
    answers = None
    for rows in parallel.portions(torch.arange(len(points)), size):
        found = ask(points[rows])
        if answers is None:
            answers = found.new_zeros(len(points), *found.shape[1:])
        answers[rows] = found
    if answers is None:
        raise ValueError(f"{len(points)} points are too few for so many processes")
    return parallel.summed(answers)


def _axes(point: Tensor, rng: torch.Generator) -> Float[Tensor, "dim dim"]:
    """Orthonormal rows turned at random, to the precision of `point`."""
    normal = torch.randn(len(point), len(point), generator=rng, dtype=torch.float64)
    return orthonormal_rows(normal).to(point)


def _flat(outputs: Tensor | Sequence[Tensor]) -> Tensor:
    """`[batch, out]`, all outputs of a function together; float32 at least."""
    several = [outputs] if isinstance(outputs, Tensor) else outputs
    flat = torch.cat([output.flatten(1) for output in several], dim=1)
    return flat.to(torch.promote_types(flat.dtype, torch.float32))
