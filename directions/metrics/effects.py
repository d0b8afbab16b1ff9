"""What moving along a direction does to pictures, sample by sample.

here      shape                            meaning
images    [amount, sample, 3, side, side]  one direction's walk
values    [amount, sample, value]          anything read off them
amounts   [amount]                         eta, units of z
"""

import torch
from jaxtyping import Float
from torch import Tensor

ACTIVENESS_AMOUNTS = (-2.0, 0.0, 2.0)


def activeness(
    images: Float[Tensor, "amount sample 3 height width"],
) -> Float[Tensor, " sample"]:
    """Unbiased variance over the amounts, mean over pixels (section 4.2, Fig. 5).

    The paper's figure takes the amounts -2, 0 and 2.
    """
    return images.var(dim=0).flatten(1).mean(1)


def slopes(
    values: Float[Tensor, "amount sample value"], amounts: Float[Tensor, " amount"]
) -> Float[Tensor, "sample value"]:
    """Least-squares change of every value per unit of eta, for every sample."""
    centred = amounts - amounts.mean()
    return torch.einsum("a,asv->sv", centred, values) / centred.square().sum()


def unwrapped(
    turns: Float[Tensor, "amount sample"],
) -> Float[Tensor, "amount sample"]:
    """Angles in turns without the jump from 1 to 0: each the nearest to the amount before."""
    steps = turns.diff(dim=0)
    return torch.cat([turns[:1], turns[:1] + (steps - steps.round()).cumsum(0)])


def root_mean_square(slopes: Float[Tensor, "sample value"]) -> Float[Tensor, " value"]:
    """How much a direction moves every value, whichever way it moves each sample."""
    return slopes.square().mean(0).sqrt()


def reach_of(
    kept: Float[Tensor, " amount"], amounts: Float[Tensor, " amount"], share: float = 0.5
) -> float | None:
    """The least |eta| from which on fewer than `share` are kept; None if they always are.

    `kept` is the share of samples that are still what they were; amounts of either sign count.
    Between two measured amounts it is interpolated.
    """
    sizes = amounts.abs().unique()  # sorted
    least = torch.stack([kept[amounts.abs() == size].min() for size in sizes])
    if least[0] < share:
        return sizes[0].item()
    for index in range(1, len(sizes)):
        if least[index] < share:
            before, after = least[index - 1], least[index]
            part = (before - share) / (before - after)
            return torch.lerp(sizes[index - 1], sizes[index], part).item()
    return None
