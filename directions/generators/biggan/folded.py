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

import torch
from jaxtyping import Float
from pytorch_pretrained_biggan.model import BigGAN, BigGANBatchNorm, GenBlock, SelfAttn
from torch import Tensor, nn
from torch.nn import functional

from directions.generators.layers import (
    Attention,
    ConditionalNorm,
    Convolution,
    Modulation,
    Output,
)

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
        offset = norm.bias - norm.get_buffer("running_means")[0] * scale
        rgb: nn.Conv2d = generator.conv_to_rgb
        bias = None if rgb.bias is None else rgb.bias[:3]
        self.output = Output(scale, offset, rgb.weight[:3], bias, self.dtype)

    def constants(self, label: int) -> Constants:
        """Compute what a class adds."""
        embedding = self.embeddings[:, label]
        first = self.first_bias + self.first_by_class @ embedding
        blocks = [layer for layer in self.layers if isinstance(layer, _Block)]
        return [first, *(block.norms.constant(embedding) for block in blocks)]

    def __call__(
        self, z: Float[Tensor, "batch slot latent"], constants: Constants
    ) -> Float[Tensor, "batch 3 height width"]:
        """Images in [-1, 1], one latent for every slot."""
        return self.output(self.activation(z, constants, self.slots - 1))

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


def _folded(layer: nn.Module, latent_dim: int, dtype: torch.dtype) -> "_Block | Attention":
    if isinstance(layer, GenBlock):
        return _Block(layer, latent_dim, dtype)
    assert isinstance(layer, SelfAttn)
    return Attention(
        layer.snconv1x1_theta.weight, layer.snconv1x1_phi.weight, layer.snconv1x1_g.weight,
        layer.snconv1x1_o_conv.weight, layer.gamma, dtype,
    )  # fmt: skip


class _Block:
    """A residual block, its four conditional norms one affine map of z."""

    def __init__(self, block: GenBlock, latent_dim: int, dtype: torch.dtype) -> None:
        norms = [_norm(norm) for norm in (block.bn_0, block.bn_1, block.bn_2, block.bn_3)]
        self.norms = Modulation(norms, slice(0, latent_dim), slice(latent_dim, None), dtype)
        self.convolutions = [
            Convolution.of(layer.weight, layer.bias, dtype, up=block.up_sample and index == 1)
            for index, layer in enumerate((block.conv_0, block.conv_1, block.conv_2, block.conv_3))
        ]
        self.up, self.kept = block.up_sample, self.convolutions[-1].weight.shape[0]

    def __call__(self, x: Tensor, z: Tensor, constant: Tensor) -> Tensor:
        parts = self.norms(z, constant)
        shortcut = x[:, : self.kept]
        for index, convolution in enumerate(self.convolutions):
            x = convolution(torch.addcmul(parts[2 * index + 1], x, parts[2 * index]).relu_())
        if self.up:
            shortcut = functional.interpolate(shortcut, scale_factor=2, mode="nearest")
        return x.add_(shortcut)


def _norm(norm: BigGANBatchNorm) -> ConditionalNorm:
    means, variances = norm.get_buffer("running_means"), norm.get_buffer("running_vars")
    return ConditionalNorm(norm.scale.weight, norm.offset.weight, means[0], variances[0], norm.eps)
