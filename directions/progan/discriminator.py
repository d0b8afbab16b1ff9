"""ProGAN's discriminator, and InfoGAN's head that reads the first entries of z off a picture."""

from itertools import pairwise

import torch
from jaxtyping import Float
from torch import Tensor, nn

from directions.progan.config import NetworkConfig
from directions.progan.growth import Stage
from directions.progan.layers import Conv, Dense, DownConv, halved, minibatch_deviation, rectified


class Head(nn.Module):
    """From 4 x 4 pixels to numbers: a convolution and two matrices."""

    def __init__(self, inputs: int, channels: int, outputs: int) -> None:
        super().__init__()
        self.conv = Conv(inputs, channels)
        self.hidden, self.last = Dense(channels * 16, channels), Dense(channels, outputs, gain=1.0)

    def forward(self, x: Float[Tensor, "b c 4 4"]) -> Float[Tensor, "b outputs"]:
        """Map `[b, inputs, 4, 4]` to `[b, outputs]`."""
        return self.last(rectified(self.hidden(rectified(self.conv(x)).flatten(1))))


class Discriminator(nn.Module):
    """Scores pictures of any stage; no normalisation inside."""

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()
        self.config = config
        channels = [config.channels(side) for side in config.sides]
        self.from_rgb = nn.ModuleList([Conv(3, count, side=1) for count in channels])
        self.blocks = nn.ModuleList(
            [
                nn.ModuleList([Conv(here, here), DownConv(here, below)])
                for below, here in pairwise(channels)
            ]
        )
        self.score = Head(channels[0] + 1, channels[0], 1)
        self.read = Head(channels[0], channels[0], config.codes) if config.codes else None

    def features(
        self, images: Float[Tensor, "b 3 side side"], stage: Stage
    ) -> Float[Tensor, "b c 4 4"]:
        """Describe pictures of the stage's side by channels of 4 x 4 pixels."""
        level = self.config.level(stage.side)
        x = rectified(self.from_rgb[level](images))
        for at in range(level, 0, -1):
            x = self._block(at, x)
            if at == level and stage.blend < 1:
                old = rectified(self.from_rgb[at - 1](halved(images)))
                x = torch.lerp(old, x, stage.blend)
        return x

    def _block(self, level: int, x: Tensor) -> Tensor:
        for conv in self.blocks[level - 1]:  # pyright: ignore[reportGeneralTypeIssues]
            x = rectified(conv(x))
        return x

    def forward(self, images: Float[Tensor, "b 3 side side"], stage: Stage) -> Float[Tensor, " b"]:
        """Score pictures; they are compared with one another, in groups of four."""
        return self.score(minibatch_deviation(self.features(images, stage)))[:, 0]

    def codes(
        self, images: Float[Tensor, "b 3 side side"], stage: Stage
    ) -> Float[Tensor, "b codes"]:
        """Guess the first entries of the latents behind generated pictures."""
        assert self.read is not None
        return self.read(self.features(images, stage))
