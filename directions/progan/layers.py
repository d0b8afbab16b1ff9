"""What ProGAN's networks are made of (Karras et al. 2018, section 4 and appendix A).

Weights are drawn from N(0, 1) and multiplied in every pass by gain / sqrt(inputs of an output):
the equalised learning rate. Biases begin at 0 and are not scaled.
"""

import math

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from directions.progan.config import GROUP

GAIN = math.sqrt(2)
SLOPE = 0.2  # of the leaky rectifiers
EPSILON = 1e-8


def pixel_norm(x: Float[Tensor, "batch channel ..."]) -> Float[Tensor, "batch channel ..."]:
    """Scale every pixel's channels, or a latent's entries, to a mean square of 1."""
    return x * (x.square().mean(1, keepdim=True) + EPSILON).rsqrt()


def rectified(x: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
    """Keep what is positive and a fifth of the rest."""
    return functional.leaky_relu(x, SLOPE)


def doubled(images: Float[Tensor, "b c h w"]) -> Float[Tensor, "b c 2*h 2*w"]:
    """Repeat every pixel twice either way."""
    return functional.interpolate(images, scale_factor=2.0, mode="nearest")


def halved(images: Float[Tensor, "b c h w"]) -> Float[Tensor, "b c h//2 w//2"]:
    """Average every two by two pixels."""
    return functional.avg_pool2d(images, 2)


def minibatch_deviation(x: Float[Tensor, "b c h w"]) -> Float[Tensor, "b c+1 h w"]:
    """Append a channel: the standard deviation over groups of four, averaged to one number each.

    The groups are interleaved: with b = 4 m, picture i is with i + m, i + 2m and i + 3m. Fewer
    than four pictures are one group.
    """
    groups = x.unflatten(0, (min(GROUP, len(x)), -1))  # [member, group, c, h, w]
    variance = (groups - groups.mean(0)).square().mean(0)
    deviation = (variance + EPSILON).sqrt().mean((1, 2, 3))
    plane = deviation.repeat(len(groups))[:, None, None, None]
    return torch.cat([x, plane.expand(-1, 1, *x.shape[2:])], 1)


class Scaled(nn.Module):
    """A weight with an equalised learning rate, and a bias for every output."""

    def __init__(self, *shape: int, biases: int, gain: float = GAIN) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(*shape))
        self.bias = nn.Parameter(torch.empty(biases))
        self.scale = gain / math.sqrt(math.prod(shape[1:]))

    def draw(self, rng: torch.Generator) -> None:
        """Begin anew, from numbers drawn on the CPU."""
        with torch.no_grad():
            self.weight.copy_(torch.randn(self.weight.shape, generator=rng))
            self.bias.zero_()

    @property
    def scaled(self) -> Tensor:
        """The weight that acts."""
        return self.weight * self.scale


class Dense(Scaled):
    """A matrix and a bias."""

    def __init__(self, inputs: int, outputs: int, gain: float = GAIN) -> None:
        super().__init__(outputs, inputs, biases=outputs, gain=gain)

    def forward(self, x: Float[Tensor, "b i"]) -> Float[Tensor, "b o"]:
        """Map `[b, inputs]` to `[b, outputs]`."""
        return functional.linear(x, self.scaled, self.bias)


class Spread(Scaled):
    """From a latent to 4 x 4 pixels; one bias a channel, and a quarter of the usual gain."""

    def __init__(self, inputs: int, channels: int) -> None:
        super().__init__(channels * 16, inputs, biases=channels, gain=GAIN / 4)

    def forward(self, z: Float[Tensor, "b i"]) -> Float[Tensor, "b c 4 4"]:
        """Map `[b, inputs]` to `[b, channels, 4, 4]`."""
        return (z @ self.scaled.T).unflatten(1, (-1, 4, 4)) + self.bias[:, None, None]


class Conv(Scaled):
    """A convolution of one or three pixels that keeps the size."""

    def __init__(self, inputs: int, outputs: int, side: int = 3, gain: float = GAIN) -> None:
        super().__init__(outputs, inputs, side, side, biases=outputs, gain=gain)

    def forward(self, x: Float[Tensor, "b i h w"]) -> Float[Tensor, "b o h w"]:
        """Map `[b, inputs, h, w]` to `[b, outputs, h, w]`."""
        return functional.conv2d(x, self.scaled, self.bias, padding=self.weight.shape[-1] // 2)


class UpConv(Conv):
    """`doubled`, then a convolution, in one pass.

    The authors' fused form flips its kernel in space, which matters to imported weights only; see
    `Conv.weight.flip(2, 3)`.
    """

    def forward(self, x: Float[Tensor, "b i h w"]) -> Float[Tensor, "b o 2*h 2*w"]:
        """Map `[b, inputs, h, w]` to `[b, outputs, 2 h, 2 w]`."""
        kernel = _overlapped(self.scaled.flip(2, 3)).transpose(0, 1)
        return functional.conv_transpose2d(x, kernel, self.bias, stride=2, padding=1)


class DownConv(Conv):
    """A convolution, then `halved`, in one pass."""

    def forward(self, x: Float[Tensor, "b i h w"]) -> Float[Tensor, "b o h//2 w//2"]:
        """Map `[b, inputs, h, w]` to `[b, outputs, h / 2, w / 2]`."""
        return functional.conv2d(x, _overlapped(self.scaled) / 4, self.bias, stride=2, padding=1)


def _overlapped(kernel: Tensor) -> Tensor:
    """Sum a 3 x 3 kernel at the four places it takes over two by two pixels: 4 x 4."""
    padded = functional.pad(kernel, (1, 1, 1, 1))
    wide = padded[..., 1:] + padded[..., :-1]
    return wide[..., 1:, :] + wide[..., :-1, :]
