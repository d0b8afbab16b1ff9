"""Judge a basis by its penalty on held-out latents, beside bases that were not learnt."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from directions import parallel
from directions.basis import coordinate_basis, random_basis
from directions.generators.protocol import Generator
from directions.penalty import hessian_penalty, rademacher_signs
from directions.walk import along, random_walks, search_axes

HELD_OUT_SEED = 2**40  # added to a run's seed: no latent of the training draw comes again
RANDOM_BASES = 5


@dataclass(frozen=True)
class Score:
    """The mean penalty of a basis over held-out samples."""

    name: str
    penalty: float


@torch.no_grad()
def held_out_penalty(
    generators: Sequence[Generator],
    basis: Float[Tensor, "directions latent"],
    *,
    slots: range | None = None,
    samples: int = 256,
    batch_size: int = 32,
    reach: float = 5.0,
    epsilon: float = 0.1,
    seed: int = 0,
) -> float:
    """Estimate the objective of learning for a fixed basis, on latents that no run has seen.

    The draws depend on `seed`, on `samples` and on the number of directions only: two bases of one
    size are compared on the same latents, walks and probes, in batches of any size. With several
    generators, samples go to them in turn.
    """
    rng = torch.Generator().manual_seed(HELD_OUT_SEED + seed)
    z = generators[0].sample_latents(samples, rng)
    walk = random_walks(samples, len(basis), reach, rng)
    signs = rademacher_signs(walk, 2, rng)
    total = torch.zeros((), dtype=torch.float64)
    for number, generator in enumerate(generators):
        of_this = torch.arange(number, samples, len(generators))
        for rows in parallel.portions(of_this, batch_size):
            f = along(generator, basis, z[rows].to(basis.device), slots)
            value = hessian_penalty(
                f, walk[rows].to(basis.device), signs=signs[:, rows].to(basis.device),
                epsilon=epsilon, reduction="mean",
            )  # fmt: skip
            assert isinstance(value, Tensor)
            total += value.item() * len(rows)
    return parallel.summed(total.to(basis)).item() / samples


def scores(
    generators: Sequence[Generator],
    basis: Float[Tensor, "directions latent"],
    slots: range | None = None,
    **settings,
) -> Iterator[Score]:
    """Score a basis, the coordinate axes, and five random bases, one after the other.

    `settings` are those of `held_out_penalty`. Random bases are called `random 0` to `random 4`;
    where z enters in chunks, they and the axes lie in those of the edited slots.
    """
    rows, axes = len(basis), search_axes(generators[0], slots).to(basis)

    def judged(other: Tensor) -> float:
        return held_out_penalty(generators, other, slots=slots, **settings)

    yield Score("learnt", judged(basis))
    yield Score("coordinates", judged(coordinate_basis(rows, len(axes)).to(basis) @ axes))
    for number in range(RANDOM_BASES):
        rng = torch.Generator().manual_seed(number)
        other = random_basis(rows, len(axes), rng).to(basis)
        yield Score(f"random {number}", judged(other @ axes))
