"""Real pictures for a step: in which order they come, and how they look at a stage."""

from typing import Protocol, runtime_checkable

import torch
from jaxtyping import Float, Int64, UInt8
from torch import Tensor

from directions.progan.growth import Stage
from directions.progan.layers import doubled, halved


@runtime_checkable
class PictureSource(Protocol):
    """What training asks of a data set."""

    @property
    def side(self) -> int:
        """Pixels a side."""
        ...

    def __len__(self) -> int: ...

    def batch(self, indices: Int64[Tensor, " b"]) -> UInt8[Tensor, "b 3 side side"]:
        """Read pictures by number."""
        ...


class Shuffle:
    """Every picture once an epoch, in an order that follows from the seed and the epoch alone."""

    def __init__(self, count: int, seed: int) -> None:
        self.count, self.seed = count, seed
        self.epoch = self.position = 0
        self._order = self._permutation()

    def take(self, wanted: int) -> Int64[Tensor, " wanted"]:
        """Give the next numbers, over the end of an epoch if need be."""
        taken = []
        while wanted:
            part = self._order[self.position : self.position + wanted]
            taken.append(part)
            wanted -= len(part)
            self.position += len(part)
            if self.position == self.count:
                self.move(self.epoch + 1, 0)
        return torch.cat(taken)

    def move(self, epoch: int, position: int) -> None:
        """Go on from a place that was noted."""
        self.epoch, self.position = epoch, position
        self._order = self._permutation()

    def _permutation(self) -> Tensor:
        rng = torch.Generator().manual_seed(self.seed * 1_000_003 + self.epoch)
        return torch.randperm(self.count, generator=rng)


def at_stage(
    pictures: UInt8[Tensor, "b 3 full full"], stage: Stage
) -> Float[Tensor, "b 3 side side"]:
    """Shrink pictures to the stage, in [-1, 1]; in a fade, as blurred as generated ones are.

    Means are rounded to whole numbers, as in the authors' files, which store every resolution.
    """
    images = pictures.float()
    factor = images.shape[-1] // stage.side
    if factor > 1:
        images = torch.nn.functional.avg_pool2d(images, factor).round()
    images = images / 127.5 - 1
    if stage.blend < 1:
        images = torch.lerp(doubled(halved(images)), images, stage.blend)
    return images
