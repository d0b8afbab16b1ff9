"""BigGAN-deep with everything computed once that never changes under a fixed class.

    the library, at every pass                      here
    spectral norm                                   plain weights
    gen_z([z, class])                               z's columns, and a constant
    (x - mean) / sqrt(var + eps) * (1 + S c) + O c  x * scale(z) + offset(z): one matrix product
        for each of four norms in a block             for all of a block, and a constant
    upsampling, then 3x3 convolution                one 4x4 transposed convolution, 16 taps for 36
    128 channels of which the picture is 3          3 channels

What belongs to a class is a few vectors, so a thousand bound classes share one set of weights.
The network is left as it is.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from pytorch_pretrained_biggan.model import BigGAN, BigGANBatchNorm, GenBlock, SelfAttn
from torch import Tensor, nn
from torch.nn import functional

Constants = list[Tensor]
"""What one class adds: for `gen_z` and for each block, in order."""


class FoldedBigGAN:
    """A network that has been through `prepared`, as a function of z and a class's constants.

    `dtype` is that of the weights and activations; images are float32 at least, and their last
    convolution is computed so.
    """

    def __init__(self, network: BigGAN, dtype: torch.dtype | None = None) -> None:
        generator = network.generator
        self.dtype = dtype or generator.gen_z.weight.dtype
        self.latent_dim = network.config.z_dim
        self.channels = 16 * network.config.channel_width
        by_z, self.first_by_class = generator.gen_z.weight.split(self.latent_dim, dim=1)
        self.first, self.first_bias = by_z.contiguous(), generator.gen_z.bias
        self.entering = [by_z, *_entering(generator.layers, self.latent_dim)]
        self.embeddings = network.embeddings.weight
        self.layers = [_folded(layer, self.latent_dim, self.dtype) for layer in generator.layers]
        self.slots = 1 + sum(isinstance(layer, _Block) for layer in self.layers)
        norm: BigGANBatchNorm = generator.bn
        scale = norm.weight * (norm.get_buffer("running_vars")[0] + norm.eps).rsqrt()
        self.scale = scale[:, None, None].to(self.dtype)
        offset = norm.bias - norm.get_buffer("running_means")[0] * scale
        self.offset = offset[:, None, None].to(self.dtype)
        rgb: nn.Conv2d = generator.conv_to_rgb
        self.rgb = rgb.weight[:3].contiguous(memory_format=torch.channels_last)
        self.rgb_bias = None if rgb.bias is None else rgb.bias[:3]

    def constants(self, label: int) -> Constants:
        """Compute what a class adds."""
        embedding = self.embeddings[:, label]
        first = self.first_bias + self.first_by_class @ embedding
        return [first, *(b.constant(embedding) for b in self.layers if isinstance(b, _Block))]

    def __call__(
        self, z: Float[Tensor, "batch slot latent"], constants: Constants
    ) -> Float[Tensor, "batch 3 height width"]:
        """Images in [-1, 1], one latent for every slot."""
        x = self.activation(z, constants, self.slots - 1)
        x = torch.addcmul(self.offset, x, self.scale).relu_().to(self.rgb.dtype)
        return functional.conv2d(x, self.rgb, self.rgb_bias, padding=1).tanh()

    def activation(
        self, z: Float[Tensor, "batch slot latent"], constants: Constants, blocks: int
    ) -> Float[Tensor, "batch channel height width"]:
        """What the first `blocks` blocks make, with the attention that follows them if any."""
        z = z.to(self.first.dtype)
        x = functional.linear(z[:, 0], self.first, constants[0]).to(self.dtype)
        x = x.view(-1, 4, 4, self.channels).permute(0, 3, 1, 2)  # channels last, as it lies
        slot = 0
        for layer in self.layers:
            if isinstance(layer, _Block):
                if slot == blocks:
                    break
                slot += 1
                x = layer(x, z[:, slot], constants[slot])
            else:
                x = layer(x)
        return x


def _entering(layers: nn.ModuleList, latent_dim: int) -> list[Tensor]:
    """Per block the weights by which z enters its conditional norms, unfolded: `[out, latent]`."""
    return [
        torch.cat(
            [
                linear.weight[:, :latent_dim]
                for norm in (block.bn_0, block.bn_1, block.bn_2, block.bn_3)
                for linear in (norm.scale, norm.offset)
            ]
        )
        for block in layers
        if isinstance(block, GenBlock)
    ]


def _folded(layer: nn.Module, latent_dim: int, dtype: torch.dtype) -> "_Block | _Attention":
    if isinstance(layer, GenBlock):
        return _Block(layer, latent_dim, dtype)
    assert isinstance(layer, SelfAttn)
    return _Attention(layer, dtype)


@dataclass(frozen=True)
class _Convolution:
    """Weights and bias; `up` for the one that also doubles the size."""

    weight: Tensor
    bias: Tensor | None
    up: bool = False

    @classmethod
    def of(cls, layer: nn.Conv2d, dtype: torch.dtype, up: bool = False) -> "_Convolution":
        weight = _doubling(layer.weight) if up else layer.weight
        weight = weight.to(dtype).contiguous(memory_format=torch.channels_last)
        return cls(weight, None if layer.bias is None else layer.bias.to(dtype), up)

    def __call__(self, x: Tensor) -> Tensor:
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


class _Block:
    """A residual block, its four conditional norms one affine map of z."""

    def __init__(self, block: GenBlock, latent_dim: int, dtype: torch.dtype) -> None:
        self.dtype = dtype
        maps = [
            part
            for norm in (block.bn_0, block.bn_1, block.bn_2, block.bn_3)
            for part in _affine(norm)
        ]
        self.sizes = [len(bias) for _, bias in maps]
        matrix = torch.cat([weight for weight, _ in maps])
        by_z, self.by_class = matrix.split(latent_dim, dim=1)
        self.by_z, self.bias = by_z.contiguous(), torch.cat([bias for _, bias in maps])
        self.convolutions = [
            _Convolution.of(block.conv_0, dtype),
            _Convolution.of(block.conv_1, dtype, up=block.up_sample),
            _Convolution.of(block.conv_2, dtype),
            _Convolution.of(block.conv_3, dtype),
        ]
        self.up, self.kept = block.up_sample, self.convolutions[-1].weight.shape[0]

    def constant(self, embedding: Tensor) -> Tensor:
        return self.bias + self.by_class @ embedding

    def __call__(self, x: Tensor, z: Tensor, constant: Tensor) -> Tensor:
        values = functional.linear(z, self.by_z, constant).to(self.dtype)
        parts = [part[:, :, None, None] for part in values.split(self.sizes, dim=1)]
        shortcut = x[:, : self.kept]
        for index, convolution in enumerate(self.convolutions):
            x = convolution(torch.addcmul(parts[2 * index + 1], x, parts[2 * index]).relu_())
        if self.up:
            shortcut = functional.interpolate(shortcut, scale_factor=2, mode="nearest")
        return x.add_(shortcut)


def _affine(norm: BigGANBatchNorm) -> tuple[tuple[Tensor, Tensor], tuple[Tensor, Tensor]]:
    """Scale and offset of a conditional norm, each a matrix over [z, class] and a constant."""
    means, variances = norm.get_buffer("running_means"), norm.get_buffer("running_vars")
    inverse = (variances[0] + norm.eps).rsqrt()
    shift = means[0] * inverse
    scale = norm.scale.weight * inverse[:, None]
    offset = norm.offset.weight - norm.scale.weight * shift[:, None]
    return (scale, inverse), (offset, -shift)


class _Attention:
    """Self-attention, which z does not enter; its gain is folded into the last convolution."""

    def __init__(self, layer: SelfAttn, dtype: torch.dtype) -> None:
        self.theta = _Convolution.of(layer.snconv1x1_theta, dtype)
        self.phi_g = _Convolution(
            torch.cat([layer.snconv1x1_phi.weight, layer.snconv1x1_g.weight]).to(dtype), None
        )
        self.out = _Convolution((layer.snconv1x1_o_conv.weight * layer.gamma).to(dtype), None)

    def __call__(self, x: Tensor) -> Tensor:
        batch, _, height, width = x.shape
        query = self.theta(x).flatten(2).mT  # [batch, position, key]
        keys = functional.max_pool2d(self.phi_g(x), 2).flatten(2)
        key, value = keys.split([query.shape[2], keys.shape[1] - query.shape[2]], dim=1)
        weights = (query @ key).softmax(-1)
        found = (weights @ value.mT).mT.reshape(batch, -1, height, width)
        return x + self.out(found.contiguous(memory_format=torch.channels_last))
