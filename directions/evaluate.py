"""Judge a basis by its penalty on held-out latents, beside bases that were not learnt."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from directions.basis import coordinate_basis, random_basis
from directions.generators.protocol import Generator
from directions.penalty import hessian_penalty, rademacher_signs
from directions.walk import along, random_walks

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

    The draws depend on `seed` and on the number of directions only, not on the basis: two bases
    of one size are compared on the same latents, walks and probes.
    """
    rng = torch.Generator().manual_seed(HELD_OUT_SEED + seed)
    total = 0.0
    for index, first in enumerate(range(0, samples, batch_size)):
        count = min(batch_size, samples - first)
        generator = generators[index % len(generators)]
        z = generator.sample_latents(count, rng).to(basis.device)
        walk = random_walks(count, len(basis), reach, rng).to(basis.device)
        signs = rademacher_signs(walk, 2, rng)
        f = along(generator, basis, z, slots)
        value = hessian_penalty(f, walk, signs=signs, epsilon=epsilon, reduction="mean")
        assert isinstance(value, Tensor)
        total += value.item() * count
    return total / samples


def scores(
    generators: Sequence[Generator],
    basis: Float[Tensor, "directions latent"],
    **settings,
) -> Iterator[Score]:
    """Score a basis, the coordinate axes, and five random bases, one after the other.

    `settings` are those of `held_out_penalty`. Random bases are called `random 0` to `random 4`.
    """
    rows, latent_dim = basis.shape
    yield Score("learnt", held_out_penalty(generators, basis, **settings))
    axes = coordinate_basis(rows, latent_dim).to(basis.device)
    yield Score("coordinates", held_out_penalty(generators, axes, **settings))
    for number in range(RANDOM_BASES):
        rng = torch.Generator().manual_seed(number)
        other = random_basis(rows, latent_dim, rng).to(basis.device)
        yield Score(f"random {number}", held_out_penalty(generators, other, **settings))
