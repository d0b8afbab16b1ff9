"""Which snapshot of a run stands for it: the one with the best Fréchet distance, as in Table 1."""

import math
from collections.abc import Mapping
from pathlib import Path

import torch
from jaxtyping import Float, UInt8
from torch import Tensor

from directions.generators.protocol import seeded_latents
from directions.metrics.features import PooledFeatures
from directions.metrics.frechet import frechet_distance, to_bytes
from directions.progan.bound import bound
from directions.progan.measure_config import ProGANMeasureConfig
from directions.progan.pictures import PictureSource
from directions.render import generate


class Compared:
    """The first pictures of a set, with which snapshots are compared."""

    def __init__(
        self,
        pictures: PictureSource,
        count: int,
        config: ProGANMeasureConfig,
        device: torch.device | str,
    ) -> None:
        self.count, self.config, self.device = count, config, device
        self.network = PooledFeatures().to(device)
        real = pictures.batch(torch.arange(min(count, len(pictures))))
        self.real = self._described(real)

    def distance(self, snapshot: Path) -> float:
        """The Fréchet distance of as many generated pictures."""
        generator, _ = bound(str(snapshot), self.device)
        z = seeded_latents(generator, self.count, self.config.seed).to(self.device)
        images = generate([generator], z, [0] * len(z), self.config.batch_size)
        return frechet_distance(self.real, self._described(to_bytes(images)))

    def _described(self, pictures: UInt8[Tensor, "b 3 side side"]) -> Float[Tensor, "b feature"]:
        parts = pictures.split(self.config.batch_size)
        return torch.cat([self.network(part.to(self.device)).cpu() for part in parts])


def best(distances: Mapping[int, float | None]) -> int:
    """The snapshot with the lowest distance; of equals, and where none is known, the latest."""

    def rank(images: int) -> tuple[float, int]:
        distance = distances[images]
        known = math.inf if distance is None or math.isnan(distance) else distance
        return known, -images

    return min(distances, key=rank)
