"""How far generated pictures are from real ones as sets: Fréchet and kernel distance (Table 1).

    here     shape               meaning
    real     [sample, feature]   features of real pictures
    made     [sample, feature]   features of generated ones
    value    []                  |mean - mean|^2 + tr(C + C' - 2 (C C')^1/2); a mean of squared MMDs

By torchmetrics. With its standard Inception features the first is FID and the second KID (Heusel
et al. 2017, Binkowski et al. 2018); with any others they are neither, and must not be called so.
"""

import math
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from jaxtyping import Float, UInt8
from torch import Tensor, nn

from directions.errors import MeasuresError
from directions.measures import Interval
from directions.metrics.intervals import TAILS

RESAMPLES = 100  # of a Fréchet distance, which takes some milliseconds
SUBSETS, MOST_IN_SUBSET = 100, 1000  # of a kernel distance, as torchmetrics has them


class _Given(nn.Module):
    """Features that are there already, for torchmetrics to take as its network's."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self.num_features = count

    def forward(self, features: Tensor) -> Tensor:
        return features


def to_bytes(
    images: Float[Tensor, "batch 3 height width"],
) -> UInt8[Tensor, "batch 3 height width"]:
    """From [-1, 1] to 0..255 as the authors did: x 127.5 + 128, cut off at both ends."""
    return (images * 127.5 + 128).clamp(0, 255).to(torch.uint8)


def inception() -> nn.Module:
    """The standard Inception network with 2,048 pooled features, by torch-fidelity."""
    with _quiet():
        from torchmetrics.image.fid import NoTrainInceptionV3
        from torchmetrics.utilities.imports import _TORCH_FIDELITY_AVAILABLE

        if not _TORCH_FIDELITY_AVAILABLE:
            raise MeasuresError(
                "the standard Inception network needs torch-fidelity; `pip install "
                "torch-fidelity`, which needs torchvision, or leave out --features inception"
            )
        network = NoTrainInceptionV3(name="inception-v3-compat", features_list=["2048"])
    network.num_features, network.name = 2048, "inception-v3, pooled"
    return network


def frechet(
    real: Float[Tensor, "real feature"], made: Float[Tensor, "made feature"], seed: int = 0
) -> Interval:
    """The Fréchet distance of two sets, and its 95 % range over resampled sets.

    A resampled set has fewer distinct samples, which adds to the distance; the range is that of
    the deviations from the resamples' own mean. Raises `MeasuresError` for too few samples.
    """
    require_enough(len(real), len(made), real.shape[1])
    rng = torch.Generator().manual_seed(seed)
    value = _frechet(real, made)
    again = torch.tensor(
        [_frechet(_drawn(real, rng), _drawn(made, rng)) for _ in range(RESAMPLES)]
    ).double()
    low, high = torch.quantile(again - again.mean(), torch.tensor(TAILS).double()).tolist()
    return Interval(value, max(0.0, value + low), value + high)


def require_enough(real: int, made: int, features: int) -> None:
    """Refuse sets whose covariance no longer has every direction: no more samples than features."""
    if min(real, made) <= features:
        raise MeasuresError(
            f"{min(real, made)} pictures are too few for a Fréchet distance over {features} "
            f"features; it needs more than {features} real and generated ones"
        )


def subset_size(real: int, made: int, wanted: int | None = None) -> int:
    """How many pictures are in a subset: half of the fewer, 1,000 at most, if not asked for.

    Raises `MeasuresError` for more than there are.
    """
    fewest = min(real, made)
    size = min(MOST_IN_SUBSET, fewest // 2) if wanted is None else wanted
    if not 2 <= size <= fewest:
        raise MeasuresError(
            f"a kernel distance cannot take subsets of {size} out of {fewest} pictures; "
            f"2 to {fewest} are possible"
        )
    return size


def kernel(
    real: Float[Tensor, "real feature"],
    made: Float[Tensor, "made feature"],
    subset: int | None = None,
    seed: int = 0,
) -> Interval:
    """The mean squared MMD over random subsets, with a cubic kernel, and its 95 % range.

    Subsets of m out of N vary by 1/m - 1/N, a mean of N by 1/N: the range follows from the
    deviation over subsets. With m = N all subsets are the same, and the range is not known: nothing
    but the value. Raises `MeasuresError` as `subset_size` does.
    """
    size, fewest = subset_size(len(real), len(made), subset), min(len(real), len(made))
    with _quiet(), torch.random.fork_rng(devices=[]):
        from torchmetrics.image.kid import KernelInceptionDistance

        torch.manual_seed(seed)
        metric: Any = KernelInceptionDistance(
            _Given(real.shape[1]), subsets=SUBSETS, subset_size=size
        )
        mean, deviation = (one.item() for one in _asked(metric, real, made))
    share = size / (fewest - size) if size < fewest else 0.0
    half = 1.96 * deviation * math.sqrt(share)
    return Interval(mean, mean - half, mean + half)


def require_torchmetrics() -> None:
    """Say how to install it where it is missing."""
    try:
        with _quiet():
            import torchmetrics  # noqa: F401
    except ImportError:
        raise MeasuresError(
            "Fréchet and kernel distances need torchmetrics; install it with "
            "pip install 'directions[metrics]'"
        ) from None


def _frechet(real: Tensor, made: Tensor) -> float:
    with _quiet():
        from torchmetrics.image.fid import FrechetInceptionDistance

        metric: Any = FrechetInceptionDistance(_Given(real.shape[1]))
        return _asked(metric, real.double(), made.double()).item()


def _asked(metric: Any, real: Tensor, made: Tensor) -> Any:
    metric.update(real, real=True)
    metric.update(made, real=False)
    return metric.compute()


def _drawn(features: Tensor, rng: torch.Generator) -> Tensor:
    return features[torch.randint(len(features), (len(features),), generator=rng)]


@contextmanager
def _quiet() -> Iterator[None]:
    """Leave out what torchmetrics warns of: memory that is taken anyway, and older interfaces."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
