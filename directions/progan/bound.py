"""A trained ProGAN as a `Generator`, with its stage bound.

Coordinates of z are its natural basis; z enters once. Images are nominally in [-1, 1] and, as in
the authors' measures, not clipped.
"""

from pathlib import Path

import torch
from jaxtyping import Float
from torch import Tensor

from directions.progan.config import WEIGHTS
from directions.progan.generator import Generator, Synthesis
from directions.progan.growth import Stage
from directions.progan.layers import pixel_norm
from directions.progan.store import Trained, load_generator

NORMALISED = ":normalised"


class NormalisedProGAN:
    """A ProGAN as it was trained: latents of any length, normalised inside."""

    slots = 1

    def __init__(self, name: str, network: Generator | Synthesis, stage: Stage) -> None:
        self.name, self.network, self.stage = name, network, stage
        self.latent_dim = network.config.latent_dim

    def sample_latents(self, count: int, rng: torch.Generator) -> Float[Tensor, "count latent"]:
        """Draw from N(0, I)."""
        return torch.randn(count, self.latent_dim, generator=rng)

    def __call__(
        self, z: Float[Tensor, "batch latent"] | Float[Tensor, "batch slot latent"]
    ) -> Float[Tensor, "batch 3 side side"]:
        """Generate one image per row of `z`, of the side it has grown to."""
        return self.network(z.reshape(len(z), self.latent_dim), self.stage)


class FreeProGAN(NormalisedProGAN):
    """A ProGAN whose latents may leave the sphere they are drawn on.

    The authors measured and drew so, with the normalisation inside the network switched off,
    although it was on in training.
    """

    def __init__(self, name: str, network: Generator, stage: Stage) -> None:
        super().__init__(name, network.synthesis, stage)

    def sample_latents(self, count: int, rng: torch.Generator) -> Float[Tensor, "count latent"]:
        """Draw from N(0, I), each latent scaled to a length of sqrt(|z|)."""
        return pixel_norm(super().sample_latents(count, rng))


def owns(source: str) -> bool:
    """Whether a source is the folder of a ProGAN, with or without `:normalised`."""
    return (Path(source.removesuffix(NORMALISED)) / WEIGHTS).is_file()


def bound(source: str, device: torch.device | str) -> tuple[NormalisedProGAN, Trained]:
    """Open a run's folder; behind `FOLDER:normalised` latents are normalised inside."""
    trained = load_generator(Path(source.removesuffix(NORMALISED)))
    kind = NormalisedProGAN if source.endswith(NORMALISED) else FreeProGAN
    return kind(source, trained.network.to(device), trained.stage), trained
