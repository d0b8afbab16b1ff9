"""Bases by other methods, in the form that ours have: orthonormal rows, the strongest first.

    SeFa       Shen and Zhou, CVPR 2021 (arXiv:2007.06600), Eq. 7: eigenvectors of A'A
    GANSpace   Harkonen et al., NeurIPS 2020 (arXiv:2004.02546), section 2.3: principal components
               of an early activation, carried to z by regression
    Jacobian   right singular vectors of the mean squared Jacobian of the picture

Every row has its largest entry positive, as those of the closed form have.
"""

from collections.abc import Sequence
from enum import StrEnum

import torch
from jaxtyping import Float
from torch import Tensor

from directions.basis import coordinate_basis, orthonormal_rows, random_basis, signed
from directions.errors import GeneratorError
from directions.generators.protocol import Generator, OpenGenerator
from directions.views import seen
from directions.walk import around, moved

EARLY_BLOCKS = 1  # GANSpace looks behind this many


class Method(StrEnum):
    """What `baseline` can make."""

    random = "random"
    coordinates = "coordinates"
    sefa = "sefa"
    ganspace = "ganspace"
    jacobian = "jacobian"


def baseline(
    method: Method,
    generators: Sequence[Generator],
    *,
    slots: range | None = None,
    seed: int = 0,
    samples: int | None = None,
    device: torch.device | str = "cpu",
) -> Float[Tensor, "latent latent"]:
    """Make a whole basis on the CPU. `samples` are latents, each method's own number without it.

    Raises `GeneratorError` where a method needs to see inside a generator that does not show it.
    """
    dim, rng = generators[0].latent_dim, torch.Generator().manual_seed(seed)
    if method == Method.random:
        return random_basis(dim, dim, rng)
    if method == Method.coordinates:
        return coordinate_basis(dim, dim)
    if method == Method.sefa:
        return sefa(_shown(generators[0], method), slots)
    if method == Method.ganspace:
        opened = [_shown(generator, method) for generator in generators]
        return ganspace(opened, rng, samples or 10 * dim + 1000, slots=slots, device=device)
    return jacobian(generators, rng, samples or 64, slots=slots, device=device)


def sefa(generator: OpenGenerator, slots: range | None = None) -> Float[Tensor, "latent latent"]:
    """Eigenvectors of A'A, A all weights by which z enters the given slots."""
    entering = [generator.entering(slot) for slot in slots or range(generator.slots)]
    weights = torch.cat(entering).double().cpu()
    return _eigenvectors(weights.T @ weights)


@torch.no_grad()
def ganspace(
    generators: Sequence[OpenGenerator],
    rng: torch.Generator,
    samples: int,
    *,
    slots: range | None = None,
    blocks: int = EARLY_BLOCKS,
    batch_size: int = 32,
    device: torch.device | str = "cpu",
) -> Float[Tensor, "latent latent"]:
    """Principal components of an activation, and the z that goes with each by least squares.

    Orthonormalised in the order of the components. Latents go to several generators in turn.
    """
    dim = generators[0].latent_dim
    z = generators[0].sample_latents(samples, rng)
    found: list[Tensor] = []
    for first in range(0, samples, batch_size):
        some = z[first : first + batch_size].to(device)
        generator = generators[first // batch_size % len(generators)]
        view = seen(generator, f"block-{blocks}")
        outputs = view(moved(torch.zeros_like(some), some, slots, generator.slots))
        found.append(outputs.flatten(1).float().cpu())
    activations = torch.cat(found)
    activations -= activations.mean(0)
    left, values, _ = torch.linalg.svd(activations, full_matrices=False)
    if len(values) < dim or values[dim - 1] <= 1e-6 * values[0]:
        raise GeneratorError(
            f"the first {blocks} blocks of {generators[0].name} do not tell {dim} dimensions of z "
            "apart; ganspace needs them to"
        )
    # Columns of `left` are the samples' coordinates along the components, all of one size.
    towards = torch.linalg.lstsq(left[:, :dim].double(), z.double()).solution
    return signed(orthonormal_rows(towards)).float()


@torch.no_grad()
def jacobian(
    generators: Sequence[Generator],
    rng: torch.Generator,
    samples: int,
    *,
    slots: range | None = None,
    epsilon: float = 0.1,
    batch_size: int = 32,
    device: torch.device | str = "cpu",
) -> Float[Tensor, "latent latent"]:
    """Eigenvectors of the mean of J'J over latents, J by central differences of length epsilon."""
    dim = generators[0].latent_dim
    total = torch.zeros(dim, dim, dtype=torch.float64)
    axes = torch.eye(dim, device=device)
    for number in range(samples):
        generator = generators[number % len(generators)]
        z = generator.sample_latents(1, rng)[0].to(device)
        f = around(generator, axes, z, slots)
        rows = [
            (f(epsilon * some) - f(-epsilon * some)).flatten(1) / (2 * epsilon)
            for some in axes.split(batch_size)
        ]
        found = torch.cat(rows)
        total += (found @ found.T).double().cpu()
    return _eigenvectors(total)


def _eigenvectors(matrix: Tensor) -> Float[Tensor, "latent latent"]:
    """As rows, the largest eigenvalue first."""
    return signed(torch.linalg.eigh(matrix).eigenvectors.T.flip(0)).float()


def _shown(generator: Generator, method: Method) -> OpenGenerator:
    if not isinstance(generator, OpenGenerator):
        raise GeneratorError(f"{method} needs to see inside {generator.name}, which shows nothing")
    return generator
