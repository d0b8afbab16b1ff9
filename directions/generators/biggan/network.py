"""The library's BigGAN-deep as a `Generator`: class and truncation bound, z per slot.

The network is `pytorch_pretrained_biggan`'s own and is not edited to know the method. Two things
are settled once, at loading: spectral norms become plain weights, and the batch-norm table
becomes the one row of the chosen truncation. What runs is its folded form.
"""

from functools import cached_property

import torch
from jaxtyping import Float
from pytorch_pretrained_biggan.model import BigGAN, BigGANBatchNorm
from torch import Tensor, nn

from directions.generators.biggan.folded import Constants, FoldedBigGAN


def statistics_at(
    table: Float[Tensor, "row channel"], truncation: float
) -> Float[Tensor, " channel"]:
    """Interpolate a statistics table whose rows stand for truncations from 0 to 1.

    The library's own code gives each neighbour the other's weight, and where division misses the
    grid (0.14, 0.28, 0.56, 0.58, 0.94) it takes the wrong row; this does neither.
    """
    position = truncation * (len(table) - 1)
    row = min(int(position), len(table) - 2)
    return torch.lerp(table[row], table[row + 1], position - row)


def prepared(network: BigGAN, truncation: float) -> BigGAN:
    """Fix a loaded network for inference at one truncation, in place: evaluated, frozen.

    Afterwards every statistics table has two equal rows, so the library's own layers read the
    right statistics at any truncation.
    """
    network.eval().requires_grad_(False)
    for module in network.modules():
        if hasattr(module, "weight_orig"):
            nn.utils.remove_spectral_norm(module)
            module.requires_grad_(False)
        if isinstance(module, BigGANBatchNorm):
            for name in ("running_means", "running_vars"):
                row = statistics_at(getattr(module, name), truncation)
                setattr(module, name, torch.stack([row, row]))
            module.step_size = 1.0
    return network


class BoundBigGAN:
    """BigGAN-deep with its class bound: a `Generator`.

    z enters at `gen_z` (slot 0) and in the conditional batch norms of every block (slots 1 and
    up), each time whole. `network` is shared between the classes bound to it and was folded at
    `truncation`.
    """

    def __init__(self, network: FoldedBigGAN, name: str, label: int, truncation: float) -> None:
        self.name = name
        self.network = network
        self.truncation = truncation
        self.latent_dim, self.slots = network.latent_dim, network.slots
        self.label = label

    @cached_property
    def constants(self) -> Constants:
        """What the class adds, computed when it is first used: `any` binds a thousand."""
        return self.network.constants(self.label)

    def sample_latents(self, count: int, rng: torch.Generator) -> Float[Tensor, "count latent"]:
        """Draw from the BigGAN paper's truncated normal: cut at 2, then scaled by truncation."""
        z = torch.empty(count, self.latent_dim)
        return nn.init.trunc_normal_(z, a=-2, b=2, generator=rng) * self.truncation

    def __call__(
        self, z: Float[Tensor, "batch latent"] | Float[Tensor, "batch slot latent"]
    ) -> Float[Tensor, "batch 3 height width"]:
        """Generate one image per row; `[batch, slot, latent]` gives every slot its own latent."""
        return self.network(self._per_slot(z), self.constants)

    def activation(
        self, z: Float[Tensor, "batch latent"] | Float[Tensor, "batch slot latent"], blocks: int
    ) -> Float[Tensor, "batch channel height width"]:
        """What the first `blocks` blocks make of `z`, 0 to `slots - 1`."""
        return self.network.activation(self._per_slot(z), self.constants, blocks)

    def entering(self, slot: int) -> Float[Tensor, "out latent"]:
        """The weights by which z enters at a slot, as the network holds them."""
        return self.network.entering[slot]

    def _per_slot(self, z: Tensor) -> Tensor:
        return z.unsqueeze(1).expand(-1, self.slots, -1) if z.dim() == 2 else z
