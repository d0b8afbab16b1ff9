"""Find an orthonormal basis in closed form: joint diagonalisation of the generator's Hessians.

    latent z, moved along a row of the basis -> Hessians there -> all Hessians so far
            ^                                                          |
            +---------------- basis <---- eigenvectors, then rotations +

For the mean-reduced penalty this is the same objective as learning: the Frobenius norm of
Q H Q' does not depend on Q, so what leaves the off-diagonal goes onto the diagonal. The points
depend on the basis, so they are drawn along the best one known. Nothing here prints or writes.
"""

from collections.abc import Iterator, Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from directions import parallel
from directions.basis import random_basis, signed
from directions.config import SolveConfig, plain
from directions.diagonalise import (
    diagonal_energy,
    jacobi_rotations,
    off_diagonal_energy,
    squared_eigenvectors,
)
from directions.generators.protocol import Generator
from directions.hessians import EveryOutput, Hessians, Projected
from directions.learn import Step, require_same, require_usable
from directions.metrics.matching import matched
from directions.walk import around, search_axes

REFRESH = 8  # latents between two bases, after the first few


class ClosedForm:
    """Hessians collected so far and the basis that diagonalises them best.

    `generators` are one network bound to one or several classes, which take turns. Where z enters
    in chunks, directions lie in the chunks of the edited slots. A step asks one latent; its
    `penalty` is that latent's under the basis found without it.
    """

    def __init__(
        self,
        generators: Sequence[Generator],
        config: SolveConfig,
        *,
        slots: range | None = None,
        device: torch.device | str = "cpu",
    ) -> None:
        self.generators, self.config, self.slots = generators, config, slots
        self.device = torch.device(device)
        self.rng = torch.Generator().manual_seed(config.seed)
        self.axes = search_axes(generators[0], slots).to(self.device)
        part = len(self.axes)
        self.rows = config.directions or part
        require_usable(generators[0], self.rows, slots, self.device)
        self.hessians = _hessians(config)
        self.full = random_basis(part, part, self.rng).double()
        self.samples: list[Tensor] = []

    @property
    def number(self) -> int:
        """Latents asked so far."""
        return len(self.samples)

    @property
    def basis(self) -> Float[Tensor, "directions latent"]:
        """The directions as they stand."""
        return self.full[: self.rows].float().to(self.device) @ self.axes

    def steps(self) -> Iterator[Step]:
        """Yield once per latent up to `config.steps`; stop iterating whenever you like."""
        while self.number < self.config.steps:
            sample = self._ask()
            found = off_diagonal_energy(self.hessians.matrices([sample]), self.full)
            self.samples.append(sample)
            if self._due():
                best = diagonaliser(self.hessians.matrices(self.samples))
                self.full = parallel.from_first(best, self.device)
            yield Step(self.number, 2 * found, self.basis)

    def _ask(self) -> Tensor:
        generator, rng = self.generators[self.number % len(self.generators)], self.rng
        z = generator.sample_latents(1, rng)[0].to(self.device)
        row = int(torch.randint(self.rows, (), generator=rng))
        amount = (torch.rand((), generator=rng) * 2 - 1) * self.config.reach
        point = (amount * self.full[row]).float().to(self.device)
        return self.hessians.sample(around(generator, self.axes, z, self.slots), point, rng)

    def _due(self) -> bool:
        """Whether the basis is found anew: at 1, 2, 4, then every eighth, and at the end."""
        number = self.number
        early = number < REFRESH and number & (number - 1) == 0
        return early or number % REFRESH == 0 or number == self.config.steps

    def reproducibility(self) -> list[float]:
        """For every direction, how well two halves of the latents agree on it: |cosine|, 0 to 1.

        Each half is solved by itself and paired with the basis of both; empty below two latents.
        """
        if self.number < 2:
            return []
        halves = [diagonaliser(self.hessians.matrices(self.samples[first::2])) for first in (0, 1)]
        one, other = (half[matched(self.full, half).others] for half in halves)
        return (one * other).sum(1).abs()[: self.rows].tolist()

    def state(self) -> dict[str, object]:
        """Collect what the next step depends on: tensors and plain values only."""
        return {
            "config": plain(self.config),
            "samples": torch.stack(self.samples),
            "basis": self.full,
            "rng": self.rng.get_state(),
        }

    def load_state(self, state: dict) -> None:
        """Go on from `state`: the steps that follow equal those of an uninterrupted run."""
        require_same(plain(self.config), state["config"], free={"steps", "batch_size"})
        self.samples, self.full = list(state["samples"]), state["basis"]
        self.rng.set_state(state["rng"])


def diagonaliser(matrices: Float[Tensor, "matrix dim dim"]) -> Float[Tensor, "dim dim"]:
    """The orthonormal rows that jointly diagonalise the matrices best.

    Rows are sorted by the diagonal energy that they explain, the most first; in every row the
    entry that is largest by magnitude is positive.
    """
    basis = jacobi_rotations(matrices, squared_eigenvectors(matrices))
    basis = basis[diagonal_energy(matrices, basis).argsort(descending=True)]
    return signed(basis)


def _hessians(config: SolveConfig) -> Hessians:
    # The penalty's probes move every two directions by epsilon each, whatever the others do.
    radius = config.epsilon * 2**0.5
    if config.projections is None:
        return EveryOutput(radius, config.batch_size)
    return Projected(radius, config.batch_size, config.projections)
