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
def held_out_penalties(
    generators: Sequence[Generator],
    basis: Float[Tensor, "directions latent"],
    *,
    slots: range | None = None,
    samples: int = 256,
    batch_size: int = 32,
    reach: float = 5.0,
    epsilon: float = 0.1,
    seed: int = 0,
) -> Float[Tensor, " samples"]:
    """Estimate the objective of learning for a fixed basis, on latents that no run has seen.

    One penalty a sample, mean over its outputs, in float64 on the CPU. The draws depend on `seed`,
    on `samples` and on the number of directions only: two bases of one size are compared on the
    same latents, walks and probes, in batches of any size. With several generators, samples go to
    them in turn.
    """
    rng = torch.Generator().manual_seed(HELD_OUT_SEED + seed)
    z = generators[0].sample_latents(samples, rng)
    walk = random_walks(samples, len(basis), reach, rng)
    signs = rademacher_signs(walk, 2, rng)
    found = torch.zeros(samples, dtype=torch.float64)
    for number, generator in enumerate(generators):
        of_this = torch.arange(number, samples, len(generators))
        for rows in parallel.portions(of_this, batch_size):
            f = along(generator, basis, z[rows].to(basis.device), slots)
            values = hessian_penalty(
                f, walk[rows].to(basis.device), signs=signs[:, rows].to(basis.device),
                epsilon=epsilon, reduction=_mean_of_each,
            )  # fmt: skip
            assert isinstance(values, Tensor)
            found[rows] = values.double().cpu()
    return parallel.summed(found.to(basis)).cpu().double()


def held_out_penalty(
    generators: Sequence[Generator], basis: Float[Tensor, "directions latent"], **settings
) -> float:
    """The mean of `held_out_penalties`, which explains the settings."""
    return held_out_penalties(generators, basis, **settings).mean().item()


def _mean_of_each(variances: Tensor) -> Tensor:
    return variances.flatten(1).mean(1)


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
