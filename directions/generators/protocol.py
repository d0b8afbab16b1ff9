"""The one thing this package asks of a GAN."""

from typing import Protocol, runtime_checkable

import torch
from jaxtyping import Float
from torch import Tensor


@runtime_checkable
class Generator(Protocol):
    """A frozen, deterministic map from latents to images, its class already bound.

    Images are in [-1, 1]. Parameters do not require grad; gradients flow through to `z`. The
    device follows the input; every sample's image depends on its own row of `z` only.
    """

    name: str
    """A name for people: "biggan-deep-128/golden retriever"."""
    latent_dim: int
    slots: int
    """How many places z enters the network; 1 where it enters once."""

    def sample_latents(self, count: int, rng: torch.Generator) -> Float[Tensor, "count latent"]:
        """Draw from the prior the generator was trained with, on the CPU."""
        ...

    def __call__(
        self, z: Float[Tensor, "batch latent"] | Float[Tensor, "batch slot latent"]
    ) -> Float[Tensor, "batch channel height width"]:
        """Generate one image per row of `z`; with three axes, one latent for every slot."""
        ...


@runtime_checkable
class OpenGenerator(Generator, Protocol):
    """A generator that also shows its inside: what some baselines and penalties look at."""

    def activation(
        self, z: Float[Tensor, "batch latent"] | Float[Tensor, "batch slot latent"], blocks: int
    ) -> Float[Tensor, "batch channel height width"]:
        """What the first `blocks` blocks make of `z`; there are `slots - 1` of them."""
        ...

    def entering(self, slot: int) -> Float[Tensor, "out latent"]:
        """The weights by which z enters at a slot."""
        ...


@runtime_checkable
class ChunkedGenerator(Generator, Protocol):
    """A generator that cuts z: slot s reads z[s * chunk : (s + 1) * chunk] and nothing else."""

    chunk: int
    """Dimensions of z that enter at one slot; there are `slots` chunks."""


def seeded_latents(generator: Generator, count: int, seed: int) -> Float[Tensor, "count latent"]:
    """Draw `count` latents, each from a seed of its own: sample 17 is the same in any number."""
    return torch.cat([seeded_latent(generator, seed, index) for index in range(count)])


def seeded_latent(generator: Generator, seed: int, number: int) -> Float[Tensor, "1 latent"]:
    """Draw the `number`-th latent of a seed, from 0."""
    return generator.sample_latents(1, torch.Generator().manual_seed(seed * 1_000_003 + number))
