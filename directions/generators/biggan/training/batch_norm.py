"""Batch normalisation for training, and the statistics that inference needs.

The library's `BigGANBatchNorm` only knows stored statistics, a table of one row for each of 51
truncations. Training normalises by the batch at hand; afterwards the table is filled by BigGAN's
"standing statistics" (Brock et al. 2019, appendix): many batches, their moments averaged.
"""

from collections.abc import Iterable, Iterator

import torch
from jaxtyping import Float, Int
from pytorch_pretrained_biggan.model import BigGAN, BigGANBatchNorm
from torch import Tensor
from torch.nn import functional

POWER_ITERATIONS = 100  # enough for sigma to settle to float32 after an average of weights


class BatchStatisticsNorm(BigGANBatchNorm):
    """The library's layer, normalising by the batch instead of the stored table."""

    moments: list[tuple[Tensor, Tensor]] | None = None  # a list while statistics are recorded

    def forward(
        self, x: Tensor, truncation: float, condition_vector: Tensor | None = None
    ) -> Tensor:
        """Normalise `x` by its own mean and variance per channel; `truncation` has no say."""
        if self.moments is not None:
            self.moments.append((x.mean((0, 2, 3)), x.square().mean((0, 2, 3))))
        if condition_vector is None:
            return functional.batch_norm(
                x, None, None, self.weight, self.bias, training=True, eps=self.eps
            )
        normal = functional.batch_norm(x, None, None, training=True, eps=self.eps)
        scale = 1 + self.scale(condition_vector)[:, :, None, None]
        return torch.addcmul(self.offset(condition_vector)[:, :, None, None], normal, scale)


def normalise_by_batch(network: BigGAN) -> None:
    """Make every batch norm of the library's network use the batch; parameters keep their names."""
    for module in network.modules():
        if type(module) is BigGANBatchNorm:
            object.__setattr__(module, "__class__", BatchStatisticsNorm)


def normalise_by_table(network: BigGAN) -> None:
    """Undo `normalise_by_batch`: the network is the library's own again."""
    for module in network.modules():
        if type(module) is BatchStatisticsNorm:
            object.__setattr__(module, "__class__", BigGANBatchNorm)


def refresh_spectral_norms(network: torch.nn.Module) -> None:
    """Recompute the singular vectors of every spectral norm from its weight.

    Averages of weights must not average these vectors: the pair would no longer belong to the
    averaged weight, sigma would be too small and the pictures saturated.
    """
    for module in network.modules():
        buffers = dict(module.named_buffers(recurse=False))
        if "weight_u" not in buffers:
            continue
        matrix = module.get_parameter("weight_orig").detach().flatten(1)
        u, v = buffers["weight_u"], buffers["weight_v"]
        for _ in range(POWER_ITERATIONS):
            v.copy_(functional.normalize(matrix.T @ u, dim=0))
            u.copy_(functional.normalize(matrix @ v, dim=0))


@torch.no_grad()
def fill_statistics(
    network: BigGAN,
    batches: Iterable[tuple[Float[Tensor, "batch latent"], Int[Tensor, " batch"]]],
    rows: Iterable[int],
) -> Iterator[int]:
    """Fill the given rows of every statistics table; yields each row when it is done.

    `batches` are latents drawn at truncation 1 and their classes, so row i of 51 uses them
    scaled by i / 50. The network is the library's own and in evaluation mode, before and after.
    """
    batches = list(batches)
    norms = {name: m for name, m in network.named_modules() if isinstance(m, BigGANBatchNorm)}
    step_size = 1 / (network.config.n_stats - 1)
    for row in rows:
        normalise_by_batch(network)
        moments: dict[str, list[tuple[Tensor, Tensor]]] = {name: [] for name in norms}
        for name, norm in norms.items():
            object.__setattr__(norm, "moments", moments[name])
        for z, label in batches:
            one_hot = functional.one_hot(label, network.config.num_classes).to(z.dtype)
            network(z * (row * step_size), one_hot, 1.0)
        for name, norm in norms.items():
            mean = torch.stack([m for m, _ in moments[name]]).mean(0)
            square = torch.stack([s for _, s in moments[name]]).mean(0)
            norm.get_buffer("running_means")[row] = mean
            norm.get_buffer("running_vars")[row] = (square - mean.square()).clamp_min(0)
            object.__delattr__(norm, "moments")
        normalise_by_table(network)
        yield row
