"""ProGAN's generator, as in the authors' experiments: no labels, no noise, no squashing.

    layer   1        2        3      4        5     ...  13 at 128 pixels
    side    4        4        8      8        16         the picture
            spread   conv     up     conv     up         1 x 1, linear

Every layer but the last is rectified and then normalised pixel by pixel; layers are numbered as the
paper counts its convolutions, the matrix at the beginning as the first of them. Pictures are
nominally in [-1, 1]; nothing enforces that.
"""

from collections.abc import Iterator, Sequence
from itertools import islice, pairwise

import torch
from jaxtyping import Float
from torch import Tensor, nn

from directions.progan.config import NetworkConfig
from directions.progan.growth import Stage
from directions.progan.layers import Conv, Scaled, Spread, UpConv, doubled, pixel_norm, rectified


class LatentNorm(nn.Module):
    """Scale latents to a length of sqrt(|z|): the generator sees only where they point."""

    def forward(self, z: Float[Tensor, "b latent"]) -> Float[Tensor, "b latent"]:
        """Map `[b, latent]` to the same shape."""
        return pixel_norm(z)


class Synthesis(nn.Module):
    """From latents to pictures, without the normalisation of latents."""

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()
        self.config = config
        sides, channels = config.sides, [config.channels(side) for side in config.sides]
        layers: list[Scaled] = [
            Spread(config.latent_dim, channels[0]),
            Conv(channels[0], channels[0]),
        ]
        for below, here in pairwise(channels):
            layers += [UpConv(below, here), Conv(here, here)]
        self.layers = nn.ModuleList(layers)
        self.to_rgb = nn.ModuleList([Conv(count, 3, side=1, gain=1.0) for count in channels])
        assert len(self.to_rgb) == len(sides)

    def activations(self, z: Float[Tensor, "b latent"]) -> Iterator[Float[Tensor, "b c h w"]]:
        """Yield layer after layer past its normalisation; each is computed when it is asked for."""
        x = z
        for layer in self.layers:
            x = pixel_norm(rectified(layer(x)))
            yield x

    def forward(self, z: Float[Tensor, "b latent"], stage: Stage) -> Float[Tensor, "b 3 side side"]:
        """Generate pictures of the stage's side."""
        return self._picture(list(islice(self.activations(z), self._depth(stage))), stage)

    def tapped(
        self, z: Float[Tensor, "b latent"], layers: Sequence[int], stage: Stage
    ) -> tuple[Float[Tensor, "b c h w"], ...]:
        """Give the activations of some layers, numbered from 1, and compute nothing behind them.

        The last number stands for the picture of the stage.
        """
        picture = len(self.layers) + 1
        if picture in layers:
            found = list(islice(self.activations(z), self._depth(stage)))
            return tuple(
                self._picture(found, stage) if number == picture else found[number - 1]
                for number in layers
            )
        found = list(islice(self.activations(z), max(layers)))
        return tuple(found[number - 1] for number in layers)

    def _depth(self, stage: Stage) -> int:
        return 2 * self.config.level(stage.side) + 2

    def _picture(self, found: Sequence[Tensor], stage: Stage) -> Tensor:
        level = self.config.level(stage.side)
        images = self.to_rgb[level](found[2 * level + 1])
        if stage.blend == 1:
            return images
        return torch.lerp(
            doubled(self.to_rgb[level - 1](found[2 * level - 1])), images, stage.blend
        )


class Generator(nn.Module):
    """Normalisation of latents, then synthesis: the network that is trained.

    Analysis that moves a latent off its sphere calls `synthesis` itself.
    """

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()
        self.config = config
        self.normalise, self.synthesis = LatentNorm(), Synthesis(config)

    def forward(self, z: Float[Tensor, "b latent"], stage: Stage) -> Float[Tensor, "b 3 side side"]:
        """Generate pictures of the stage's side from latents of any length."""
        return self.synthesis(self.normalise(z), stage)

    def tapped(
        self, z: Float[Tensor, "b latent"], layers: Sequence[int], stage: Stage
    ) -> tuple[Float[Tensor, "b c h w"], ...]:
        """As `Synthesis.tapped`, for latents of any length."""
        return self.synthesis.tapped(self.normalise(z), layers, stage)


def draw_weights(network: nn.Module, rng: torch.Generator) -> None:
    """Begin with random weights: N(0, 1), biases 0."""
    for module in network.modules():
        if isinstance(module, Scaled):
            module.draw(rng)
