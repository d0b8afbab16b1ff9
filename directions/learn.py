"""Learn an orthonormal basis by descending the Hessian Penalty (section 4.4).

    generator -- z --+
    matrix A -> Q ---+-> w -> G(z + wQ) -> penalty -> Adam on A

Only A is trained, and there is no other loss. Nothing here prints or writes: `steps` yields, and
whoever iterates decides about bars, files and stopping.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from directions import parallel
from directions.basis import coordinate_basis, orthonormal_rows, random_basis
from directions.config import LearnConfig, Start, plain
from directions.errors import GeneratorError, RunError
from directions.generators.protocol import Generator
from directions.penalty import hessian_penalty, rademacher_signs, require_steady
from directions.walk import along, random_walks, search_axes


@dataclass(frozen=True)
class Step:
    """One optimiser step, after the update."""

    number: int
    penalty: Float[Tensor, ""]  # a tensor, so that only a reader waits for the device
    basis: Float[Tensor, "directions latent"]


class Learner:
    """The matrix, its optimiser and the random numbers: all that a step depends on.

    `generators` are one network bound to one or several classes; every step draws its class
    from them. Where z enters in chunks, directions lie in the chunks of the edited slots. `start`
    is an orthonormal basis of such to begin with, in place of `config.start`.
    """

    def __init__(
        self,
        generators: Sequence[Generator],
        config: LearnConfig,
        *,
        slots: range | None = None,
        start: Float[Tensor, "directions latent"] | None = None,
        device: torch.device | str = "cpu",
    ) -> None:
        self.generators, self.config, self.slots = generators, config, slots
        self.device = torch.device(device)
        self.rng = torch.Generator().manual_seed(config.seed)
        axes = search_axes(generators[0], slots)
        part = len(axes)
        rows = config.directions or part
        require_usable(generators[0], rows, slots, self.device)
        if start is None:
            begin = {
                Start.random: lambda: random_basis(rows, part, self.rng),
                Start.coordinates: lambda: coordinate_basis(rows, part),
            }
            start = begin[config.start]() @ axes
        self.axes = axes.to(start.dtype).to(self.device)
        self.matrix = (start.to(self.device) @ self.axes.T).requires_grad_()
        self.adam = torch.optim.Adam([self.matrix], lr=config.learning_rate)
        self.number = 0

    @property
    def basis(self) -> Float[Tensor, "directions latent"]:
        """The directions as they stand."""
        return orthonormal_rows(self.matrix.detach()) @ self.axes

    def steps(self) -> Iterator[Step]:
        """Yield once per step up to `config.steps`; stop iterating whenever you like."""
        while self.number < self.config.steps:
            self.number += 1
            penalty = self._accumulate_gradient()
            self.adam.step()
            with torch.no_grad():
                self.matrix.copy_(parallel.from_first(self.matrix, self.device))
            yield Step(self.number, penalty, self.basis)

    def _accumulate_gradient(self) -> Float[Tensor, ""]:
        """Backpropagate the mean penalty of one batch, a micro-batch at a time."""
        config, rng = self.config, self.rng
        which = int(torch.randint(len(self.generators), (), generator=rng))
        z = self.generators[which].sample_latents(config.batch_size, rng)
        walk = random_walks(config.batch_size, len(self.matrix), config.reach, rng)
        signs = rademacher_signs(walk, config.probes, rng)
        total = torch.zeros((), device=self.device)
        # The variance is taken per sample, so the batch's mean is a sum over micro-batches; all
        # is drawn beforehand, so that the gradient is the same in any portions.
        self.matrix.grad = torch.zeros_like(self.matrix)
        for rows in parallel.portions(torch.arange(config.batch_size), config.pass_size):
            f = along(
                self.generators[which], orthonormal_rows(self.matrix) @ self.axes,
                z[rows].to(self.matrix), self.slots,
            )  # fmt: skip
            found = hessian_penalty(
                f, walk[rows].to(self.matrix), signs=signs[:, rows].to(self.matrix),
                epsilon=config.epsilon, reduction="mean",
            )  # fmt: skip
            assert isinstance(found, Tensor)
            loss = found * (len(rows) / config.batch_size)
            loss.backward()
            total += loss.detach()
        parallel.summed(self.matrix.grad)
        return parallel.summed(total)

    def state(self) -> dict[str, object]:
        """Collect what the next step depends on: tensors and plain values only."""
        return {
            "config": plain(self.config),
            "number": self.number,
            "matrix": self.matrix.detach(),
            "adam": self.adam.state_dict(),
            "rng": self.rng.get_state(),
        }

    def load_state(self, state: dict) -> None:
        """Go on from `state`: the steps that follow equal those of an uninterrupted run."""
        # How far and in what portions to go may change; what the numbers mean may not.
        require_same(plain(self.config), state["config"], free={"steps", "micro_batch"})
        with torch.no_grad():
            self.matrix.copy_(state["matrix"])
        self.adam.load_state_dict(state["adam"])
        self.rng.set_state(state["rng"])
        self.number = state["number"]

    def reproducibility(self) -> list[float]:
        """Empty: one descent has no halves to compare."""
        return []


def require_usable(
    generator: Generator, rows: int, slots: range | None, device: torch.device
) -> None:
    """Refuse what no basis can be found for: too many rows, absent slots, unsteady images."""
    if slots is not None and not 0 <= slots.start < slots.stop <= generator.slots:
        raise GeneratorError(
            f"slots {slots.start}-{slots.stop - 1} do not exist in {generator.name}; "
            f"it has slots 0 to {generator.slots - 1}"
        )
    part = len(search_axes(generator, slots))
    if rows > part:
        where = f" in slots {slots.start}-{slots.stop - 1}" if slots is not None else ""
        raise GeneratorError(
            f"{rows} directions asked of a generator with {part} latent dimensions{where}; "
            f"ask for {part} or fewer"
        )
    z = generator.sample_latents(1, torch.Generator().manual_seed(0)).to(device)
    try:
        require_steady(generator, z)
    except ValueError as error:
        raise GeneratorError(f"{generator.name} cannot be learnt from: {error}") from None


def require_same(ours: dict, theirs: object, free: set[str]) -> None:
    """Refuse to go on with other settings than a run was started with, but for the free ones."""
    assert isinstance(theirs, dict)
    changed = sorted(k for k in ours if k not in free and ours[k] != theirs.get(k, ours[k]))
    if changed:
        raise RunError(f"the run was started with another {', '.join(changed)}")
