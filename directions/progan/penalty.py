"""The Hessian Penalty of a ProGAN in training (sections 4.1 and 3.3).

With respect to z as it is drawn, before its normalisation; a maximum over samples, channels and
pixels for each layer, right after pixel norm, and a sum over layers. Variances are divided by
k - 1, where the authors' ProGAN code divides by k: at k = 2 their lambda of 0.1 is 0.05 here.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from directions.penalty import hessian_penalty
from directions.progan.config import ProGANConfig
from directions.progan.generator import Generator
from directions.progan.growth import Stage, layer_weight


def counted_layers(config: ProGANConfig, stage: Stage) -> dict[int, float]:
    """The layers that are penalised at a stage, with their weights; none of them is 0."""
    last = config.network.layers
    weights = {n: layer_weight(n, last, stage) for n in config.penalised_layers}
    return {number: weight for number, weight in weights.items() if weight > 0}


def layer_penalties(
    generator: Generator,
    z: Float[Tensor, "b latent"],
    signs: Float[Tensor, "probes b latent"],
    config: ProGANConfig,
    stage: Stage,
) -> Float[Tensor, ""]:
    """Sum the penalties of the layers, weighted as far as they have grown; lambda is left out.

    Takes 2 k passes up to the deepest of the layers, in float32.
    """
    weights = counted_layers(config, stage)
    if not weights:
        return z.new_zeros(())
    penalties = hessian_penalty(
        lambda x: generator.tapped(x, list(weights), stage),
        z,
        signs=signs,
        epsilon=config.penalty.epsilon,
        reduction=str(config.penalty.reduction),  # pyright: ignore[reportArgumentType]
        separately=True,
    )
    return torch.stack(list(penalties)) @ z.new_tensor(list(weights.values()))
