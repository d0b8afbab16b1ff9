"""How far a mean would move with other samples: the bootstrap."""

import torch
from jaxtyping import Float
from torch import Tensor

from directions.measures import Interval

RESAMPLES = 1000
TAILS = (0.025, 0.975)


def interval(values: Float[Tensor, " sample"]) -> Interval:
    """The mean over samples, and the 95 % range of the mean of resampled ones."""
    return ratio_interval(values, torch.ones_like(values))


def ratio_interval(above: Float[Tensor, " sample"], below: Float[Tensor, " sample"]) -> Interval:
    """The ratio of two means over the same samples, and its 95 % range."""
    above, below = above.double().cpu(), below.double().cpu()
    rng = torch.Generator().manual_seed(0)
    drawn = torch.randint(len(above), (RESAMPLES, len(above)), generator=rng)
    ratios = above[drawn].sum(1) / below[drawn].sum(1)
    low, high = torch.quantile(ratios, torch.tensor(TAILS, dtype=ratios.dtype)).tolist()
    return Interval((above.sum() / below.sum()).item(), low, high)
