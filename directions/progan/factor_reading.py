"""Known factors of pictures as a ProGAN makes them: a network trained on renders shrunk alike.

renders --shrunk to the generator's side, enlarged to the network's--> training
pictures of the generator ------------enlarged to the network's------> factors
"""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from jaxtyping import Float, UInt8
from torch import Tensor
from torch.nn import functional

from directions.data.factored import FactoredPictures
from directions.metrics.factor_columns import Column, columns_of, encoded, grouped
from directions.metrics.factor_training import judged, new_network, train_factors
from directions.metrics.known_factors import FactorNetwork
from directions.progan.growth import Stage
from directions.progan.pictures import PictureSource, at_stage

SIDE = 64  # pixels, of what the network reads
BATCH = 256  # pictures that are prepared or read at once


@dataclass(frozen=True, eq=False)
class FactorReader:
    """A network that reads the factors of pictures of one stage."""

    network: FactorNetwork
    columns: tuple[Column, ...]
    stage: Stage

    @property
    def spread(self) -> Float[Tensor, " part"]:
        """Deviation of every column, as it is read off renders that were not trained on."""
        return torch.tensor(self.network.settings.spread)

    @property
    def r2(self) -> dict[str, float]:
        """How well every factor is read on such renders; variances of its columns are added."""
        settings = self.network.settings
        usual = torch.tensor(settings.deviation).square()
        missed = (1 - torch.tensor(settings.r2)) * usual
        pairs = zip(grouped(self.columns, missed), grouped(self.columns, usual), strict=True)
        found = [1 - (one.sum() / all_.sum()).item() for one, all_ in pairs]
        return dict(zip((one.name for one in self.columns), found, strict=True))

    def read(self, images: Float[Tensor, "batch 3 height width"]) -> Float[Tensor, "batch part"]:
        """Read all columns off pictures of any size, in the factors' own units."""
        parts = [self.network.factors(fitted(some)) for some in images.cpu().split(BATCH)]
        return torch.cat(parts)


class ReaderTraining:
    """A reader in the making."""

    def __init__(self, pictures: FactoredPictures, stage: Stage, steps: int, seed: int = 0) -> None:
        self.pictures, self.stage, self.count, self.seed = pictures, stage, steps, seed
        self.columns = columns_of(pictures.table)
        self.reader: FactorReader | None = None

    def steps(self) -> Iterator[float]:
        """Train; yields the loss once a step, and leaves the reader in `reader`."""
        parts = encoded(self.columns, torch.from_numpy(self.pictures.factors))
        names = tuple(part for one in self.columns for part in one.parts)
        # Pictures are of one class: their classes, where there are several, are a factor.
        labels = torch.zeros(len(parts), dtype=torch.long)
        data = (as_generated(self.pictures, self.stage), labels, parts)
        with torch.random.fork_rng(devices=[]):
            network = new_network(("any",), names, parts, self.seed)
        for step in train_factors(network, *data, steps=self.count, seed=self.seed):
            yield step.loss
        self.reader = FactorReader(judged(network, *data), self.columns, self.stage)


def as_generated(pictures: PictureSource, stage: Stage) -> UInt8[Tensor, "picture 64 64 3"]:
    """Show pictures as the network will see those of a generator at this stage."""
    found = []
    for some in torch.arange(len(pictures)).split(BATCH):
        images = fitted(at_stage(pictures.batch(some), stage))
        found.append(((images + 1) * 127.5).round().clamp(0, 255).byte().permute(0, 2, 3, 1))
    return torch.cat(found)


def fitted(images: Float[Tensor, "batch 3 height width"]) -> Float[Tensor, "batch 3 64 64"]:
    """Enlarge or shrink pictures to what the network reads, and cut off what no render has."""
    images = images.clamp(-1, 1)
    if images.shape[-1] > SIDE:
        return functional.adaptive_avg_pool2d(images, SIDE)
    return functional.interpolate(images, size=(SIDE, SIDE), mode="bilinear", align_corners=False)
