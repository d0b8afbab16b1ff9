"""The hierarchical BigGAN from its weights, evaluated: a function of z, chunk by chunk.

    in the file                                     here
    weight, u0                                      weight / ||W v||, v = u0 W / ||u0 W||
    stored_mean, stored_var                         the norms' own, as they stand
    z = chunk 0 | chunk 1 | ...                     linear layer | block 0 | ...

The singular value is the one that evaluation takes: one step from the stored vector, which is not
`sv0`, the value of the last training step.
"""

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional

from directions.generators.biggan_pytorch.layout import BOTTOM, Layout, Tensors
from directions.generators.layers import (
    Attention,
    ConditionalNorm,
    Convolution,
    Modulation,
    Output,
)

SPECTRAL_EPS, NORM_EPS = 1e-6, 1e-5  # those of the paper's checkpoint

Constants = list[Tensor]
"""What one class adds to every block, in order."""


class HierarchicalBigGAN:
    """A checked state dict as a function of z and a class's constants.

    `dtype` is that of the weights and activations; images are float32, and their last
    convolution is computed so.
    """

    def __init__(self, tensors: Tensors, layout: Layout, dtype: torch.dtype) -> None:
        self.layout, self.dtype = layout, dtype
        self.embeddings = tensors["shared.weight"].float()
        self.first = plain_weight(tensors, "linear")
        self.first_bias = tensors["linear.bias"].float()
        self.blocks = [
            _Block(tensors, f"blocks.{number}.0", layout.embedding, dtype)
            for number in range(layout.blocks)
        ]
        self.attention = {
            number: _attention(tensors, f"blocks.{number}.1", dtype) for number in layout.attention
        }
        gain, bias, mean, variance = (
            tensors[f"output_layer.0.{name}"].float()
            for name in ("gain", "bias", "stored_mean", "stored_var")
        )
        scale = gain * (variance + NORM_EPS).rsqrt()
        rgb, rgb_bias = plain_weight(tensors, "output_layer.2"), tensors["output_layer.2.bias"]
        self.output = Output(scale, bias - mean * scale, rgb, rgb_bias.float(), dtype)

    def constants(self, label: int) -> Constants:
        """Compute what a class adds."""
        return [block.norms.constant(self.embeddings[label]) for block in self.blocks]

    def __call__(
        self, chunks: Float[Tensor, "batch slot chunk"], constants: Constants
    ) -> Float[Tensor, "batch 3 height width"]:
        """Images in [-1, 1], one chunk of z for every slot."""
        chunks = chunks.to(self.first.dtype)
        x = functional.linear(chunks[:, 0], self.first, self.first_bias).to(self.dtype)
        x = x.view(len(x), -1, BOTTOM, BOTTOM).contiguous(memory_format=torch.channels_last)
        for number, block in enumerate(self.blocks):
            x = block(x, chunks[:, number + 1], constants[number])
            if number in self.attention:
                x = self.attention[number](x)
        return self.output(x)


def plain_weight(tensors: Tensors, name: str) -> Float[Tensor, "..."]:
    """Divide a weight by its largest singular value, as evaluation estimates it."""
    weight, u = tensors[f"{name}.weight"], tensors[f"{name}.u0"]
    matrix = weight.flatten(1).double()
    v = functional.normalize(u.double() @ matrix, eps=SPECTRAL_EPS)
    return weight.float() / (v @ matrix.T).norm().float()


class _Block:
    """A residual block that doubles the size, its two conditional norms one affine map."""

    def __init__(self, tensors: Tensors, name: str, embedding: int, dtype: torch.dtype) -> None:
        norms = [_norm(tensors, f"{name}.{norm}") for norm in ("bn1", "bn2")]
        self.norms = Modulation(norms, slice(embedding, None), slice(0, embedding), dtype)
        self.first, self.second, self.shortcut = (
            Convolution.of(
                plain_weight(tensors, f"{name}.{layer}"), tensors[f"{name}.{layer}.bias"], dtype, up
            )
            for layer, up in (("conv1", True), ("conv2", False), ("conv_sc", False))
        )

    def __call__(self, x: Tensor, chunk: Tensor, constant: Tensor) -> Tensor:
        scale, offset, next_scale, next_offset = self.norms(chunk, constant)
        inner = self.first(torch.addcmul(offset, x, scale).relu_())
        inner = self.second(torch.addcmul(next_offset, inner, next_scale).relu_())
        # A 1x1 convolution does not mind whether it comes before or after upsampling.
        return inner.add_(functional.interpolate(self.shortcut(x), scale_factor=2, mode="nearest"))


def _norm(tensors: Tensors, name: str) -> ConditionalNorm:
    return ConditionalNorm(
        plain_weight(tensors, f"{name}.gain"),
        plain_weight(tensors, f"{name}.bias"),
        tensors[f"{name}.stored_mean"].float(),
        tensors[f"{name}.stored_var"].float(),
        NORM_EPS,
    )


def _attention(tensors: Tensors, name: str, dtype: torch.dtype) -> Attention:
    theta, phi, g, o = (
        plain_weight(tensors, f"{name}.{layer}") for layer in ("theta", "phi", "g", "o")
    )
    return Attention(theta, phi, g, o, tensors[f"{name}.gamma"].float(), dtype)


class BoundHierarchicalBigGAN:
    """A hierarchical BigGAN with its class bound: a `ChunkedGenerator`.

    Slot s reads z[s * chunk : (s + 1) * chunk] and nothing else. With one latent for every slot,
    each takes its chunk of its own; so an edit of slots 0-1 moves the first two chunks.
    """

    def __init__(self, network: HierarchicalBigGAN, name: str, label: int) -> None:
        self.name, self.network = name, network
        layout = network.layout
        self.latent_dim, self.slots, self.chunk = layout.latent_dim, layout.slots, layout.chunk
        self.constants = network.constants(label)

    def sample_latents(self, count: int, rng: torch.Generator) -> Float[Tensor, "count latent"]:
        """Draw from N(0, 1), which is not truncated."""
        return torch.randn(count, self.latent_dim, generator=rng)

    def __call__(
        self, z: Float[Tensor, "batch latent"] | Float[Tensor, "batch slot latent"]
    ) -> Float[Tensor, "batch 3 height width"]:
        """Generate one image per row; `[batch, slot, latent]` gives every slot its own latent."""
        chunks = z.unflatten(-1, (self.slots, self.chunk))
        if z.dim() == 3:
            chunks = chunks.diagonal(dim1=1, dim2=2).movedim(-1, 1)  # slot s, its own chunk s
        return self.network(chunks, self.constants)
