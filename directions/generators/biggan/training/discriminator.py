"""The projection discriminator that trains the embedded generator."""

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils import spectral_norm


def _conv(channels: int, out: int, kernel: int) -> nn.Module:
    return spectral_norm(nn.Conv2d(channels, out, kernel, padding=kernel // 2))


class DownBlock(nn.Module):
    """Two convolutions and a shortcut, then half the resolution."""

    def __init__(self, channels: int, out: int, *, first: bool = False) -> None:
        super().__init__()
        self.first = first  # the picture itself is not rectified
        self.conv_0, self.conv_1 = _conv(channels, out, 3), _conv(out, out, 3)
        self.shortcut = _conv(channels, out, 1)

    def forward(self, x: Float[Tensor, "b c h w"]) -> Float[Tensor, "b d h2 w2"]:
        """Map `[b, c, h, w]` to `[b, d, h / 2, w / 2]`."""
        y = x if self.first else x.relu()
        y = self.conv_1(self.conv_0(y).relu())
        return functional.avg_pool2d(y, 2) + self.shortcut(functional.avg_pool2d(x, 2))


class Discriminator(nn.Module):
    """Residual blocks to 4 x 4, a minibatch deviation, sum pooling, a class projection.

    Every weight is spectrally normalised (Miyato and Koyama 2018, cGANs with projection).
    """

    def __init__(self, classes: int, width: int, resolution: int = 64) -> None:
        super().__init__()
        halvings = (resolution // 4).bit_length() - 1
        channels = [3] + [width * 2**i for i in range(1, halvings + 1)]
        self.blocks = nn.Sequential(
            *(DownBlock(channels[i], channels[i + 1], first=i == 0) for i in range(halvings))
        )
        last = channels[-1]
        self.head = _conv(last + 1, last, 3)
        self.score = spectral_norm(nn.Linear(last, 1))
        self.classes = spectral_norm(nn.Embedding(classes, last))

    def forward(
        self, images: Float[Tensor, "b 3 h w"], label: Int[Tensor, " b"], groups: int = 1
    ) -> Float[Tensor, " b"]:
        """Score pictures of the given classes; the batch holds `groups` equal parts.

        The minibatch deviation is taken within a part, so that real and generated pictures can
        share one pass without seeing each other.
        """
        x = self.blocks(images).relu()
        parts = x.unflatten(0, (groups, -1))
        deviation = (parts.float().var(1, correction=0) + 1e-8).sqrt().mean((1, 2, 3))  # [group]
        plane = deviation.repeat_interleave(parts.shape[1])[:, None, None, None]
        x = torch.cat([x, plane.to(x.dtype).expand(-1, 1, *x.shape[2:])], 1)
        features = self.head(x).relu().sum((2, 3)).float()
        return self.score(features)[:, 0] + (self.classes(label) * features).sum(1)
