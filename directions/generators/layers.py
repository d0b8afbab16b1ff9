"""What the BigGAN families share once nothing changes any more: plain weights, affine norms.

layer, as trained                               here
(x - mean) / sqrt(var + eps) * gain + bias      x * scale + offset, both affine in z
upsampling, then 3x3 convolution                one 4x4 transposed convolution, 16 taps for 36
attention, its gain and output convolution      the gain is in the convolution
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional


@dataclass(frozen=True)
class Convolution:
    """Weights and bias; `up` for the one that also doubles the size."""

    weight: Tensor
    bias: Tensor | None
    up: bool = False

    @classmethod
    def of(
        cls, weight: Tensor, bias: Tensor | None, dtype: torch.dtype, up: bool = False
    ) -> "Convolution":
        """Lay a 1x1 or 3x3 kernel out for inference."""
        weight = _doubling(weight) if up else weight
        weight = weight.to(dtype).contiguous(memory_format=torch.channels_last)
        return cls(weight, None if bias is None else bias.to(dtype), up)

    def __call__(
        self, x: Float[Tensor, "batch in height width"]
    ) -> Float[Tensor, "batch out up_height up_width"]:
        """Convolve with zero padding, so that the size stays or doubles."""
        if self.up:
            return functional.conv_transpose2d(x, self.weight, self.bias, stride=2, padding=1)
        return functional.conv2d(x, self.weight, self.bias, padding=self.weight.shape[2] // 2)


def _doubling(weight: Float[Tensor, "out in 3 3"]) -> Float[Tensor, "in out 4 4"]:
    """The transposed convolution, stride 2, that equals nearest upsampling and then `weight`."""
    flipped = weight.flip(2, 3).transpose(0, 1)
    return sum(
        functional.pad(flipped, (right, 1 - right, down, 1 - down))
        for right in (0, 1)
        for down in (0, 1)
    )  # pyright: ignore[reportReturnType]


class ConditionalNorm(NamedTuple):
    """A batch norm whose gain is 1 + gain @ y and whose bias is bias @ y, y of class and z."""

    gain: Float[Tensor, "channel input"]
    bias: Float[Tensor, "channel input"]
    mean: Float[Tensor, " channel"]
    variance: Float[Tensor, " channel"]
    eps: float

    def maps(self) -> list[tuple[Tensor, Tensor]]:
        """Scale and offset of x, each a matrix over y and a constant."""
        inverse = (self.variance + self.eps).rsqrt()
        shift = self.mean * inverse
        scale = self.gain * inverse[:, None]
        offset = self.bias - self.gain * shift[:, None]
        return [(scale, inverse), (offset, -shift)]


class Modulation:
    """The conditional norms of a block as one affine map of z, and a constant for the class.

    `latent` and `label` are the columns of the norms' input that belong to z and to the class.
    """

    def __init__(
        self, norms: Sequence[ConditionalNorm], latent: slice, label: slice, dtype: torch.dtype
    ) -> None:
        self.dtype = dtype
        maps = [part for norm in norms for part in norm.maps()]
        self.sizes = [len(constant) for _, constant in maps]
        matrix = torch.cat([weight for weight, _ in maps])
        self.by_z, self.by_class = matrix[:, latent].contiguous(), matrix[:, label].contiguous()
        self.bias = torch.cat([constant for _, constant in maps])

    def constant(self, embedding: Float[Tensor, " class"]) -> Float[Tensor, " parts"]:
        """Compute what a class adds."""
        return self.bias + self.by_class @ embedding

    def __call__(
        self, z: Float[Tensor, "batch latent"], constant: Float[Tensor, " parts"]
    ) -> list[Float[Tensor, "batch _channel 1 1"]]:
        """Scale and offset of every norm in turn."""
        values = functional.linear(z, self.by_z, constant).to(self.dtype)
        return [part[:, :, None, None] for part in values.split(self.sizes, dim=1)]


class Attention:
    """Self-attention, which z does not enter; its gain is folded into the last convolution."""

    def __init__(
        self, theta: Tensor, phi: Tensor, g: Tensor, o: Tensor, gamma: Tensor, dtype: torch.dtype
    ) -> None:
        self.theta = Convolution.of(theta, None, dtype)
        self.phi_g = Convolution(torch.cat([phi, g]).to(dtype), None)
        self.out = Convolution((o * gamma).to(dtype), None)

    def __call__(
        self, x: Float[Tensor, "batch channel height width"]
    ) -> Float[Tensor, "batch channel height width"]:
        """Add to every place what it attends to at a quarter of the places."""
        batch, _, height, width = x.shape
        query = self.theta(x).flatten(2).mT  # [batch, position, key]
        keys = functional.max_pool2d(self.phi_g(x), 2).flatten(2)
        key, value = keys.split([query.shape[2], keys.shape[1] - query.shape[2]], dim=1)
        weights = (query @ key).softmax(-1)
        found = (weights @ value.mT).mT.reshape(batch, -1, height, width)
        return x + self.out(found.contiguous(memory_format=torch.channels_last))


class Output:
    """The last norm, ReLU, convolution to three channels and tanh; the convolution not in `dtype`.

    The norm is x * scale + offset. Images have the precision of `weight`.
    """

    def __init__(
        self,
        scale: Float[Tensor, " channel"],
        offset: Float[Tensor, " channel"],
        weight: Float[Tensor, "3 channel 3 3"],
        bias: Float[Tensor, " 3"] | None,
        dtype: torch.dtype,
    ) -> None:
        self.scale = scale[:, None, None].to(dtype)
        self.offset = offset[:, None, None].to(dtype)
        self.weight = weight.contiguous(memory_format=torch.channels_last)
        self.bias = bias

    def __call__(
        self, x: Float[Tensor, "batch channel height width"]
    ) -> Float[Tensor, "batch 3 height width"]:
        """Turn the last activations into images in [-1, 1]."""
        x = torch.addcmul(self.offset, x, self.scale).relu_().to(self.weight.dtype)
        return functional.conv2d(x, self.weight, self.bias, padding=1).tanh()
