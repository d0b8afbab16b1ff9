"""Generated and real pictures as two sets: their features, collected batch by batch."""

from collections.abc import Callable, Iterator

import torch
from jaxtyping import Float
from torch import Tensor, nn

from directions.measures import Interval
from directions.metrics.features import PooledFeatures
from directions.metrics.frechet import (
    frechet,
    inception,
    kernel,
    require_enough,
    require_torchmetrics,
    subset_size,
    to_bytes,
)
from directions.progan.growth import Stage
from directions.progan.measure_config import FeatureKind, ProGANMeasureConfig
from directions.progan.pictures import PictureSource, at_stage
from directions.progan.trainer import require_pictures

FEATURES: dict[FeatureKind, Callable[[], nn.Module]] = {
    FeatureKind.offline: PooledFeatures, FeatureKind.inception: inception,
}  # fmt: skip


class PictureSets:
    """What both distances are taken of; raises `MeasuresError` at once where there is too little.

    Real pictures are drawn without repetition; all are shown as whole numbers from 0 to 255.
    """

    def __init__(
        self,
        pictures: PictureSource,
        stage: Stage,
        config: ProGANMeasureConfig,
        device: torch.device | str,
    ) -> None:
        require_torchmetrics()
        require_pictures(pictures, stage.side)
        self.pictures, self.stage, self.config, self.device = pictures, stage, config, device
        self.network = FEATURES[config.features]().to(device)
        rng = torch.Generator().manual_seed(config.seed)
        self.chosen = torch.randperm(len(pictures), generator=rng)[: config.real]
        counts, features = (len(self.chosen), config.generated), self.network.num_features
        assert isinstance(features, int)
        require_enough(*counts, features)
        self.subset = subset_size(*counts, config.subset)
        self.real: list[Tensor] = []
        self.made: list[Tensor] = []
        self.found: dict[str, Interval] = {}

    @property
    def total(self) -> int:
        """Steps that `steps` yields."""
        return -(-len(self.chosen) // self.config.batch_size) + 2

    def add(self, images: Float[Tensor, "batch 3 height width"]) -> None:
        """Take generated pictures in."""
        self.made.append(self.network(to_bytes(images)).cpu())

    def steps(self) -> Iterator[str]:
        """Take the real ones in and compare, once all generated ones were added."""
        for some in self.chosen.split(self.config.batch_size):
            images = at_stage(self.pictures.batch(some), self.stage).to(self.device)
            self.real.append(self.network(to_bytes(images)).cpu())
            yield "real pictures"
        real, made, seed = torch.cat(self.real), torch.cat(self.made), self.config.seed
        self.found["frechet"] = frechet(real, made, seed)
        yield "Fréchet distance"
        self.found["kernel"] = kernel(real, made, self.subset, seed)
        yield "kernel distance"

    def result(self) -> dict[str, dict]:
        """Both distances with all that they depend on, as values that JSON knows."""
        about = {
            "features": self.network.name, "generated": self.config.generated,
            "real": len(self.chosen),
        }  # fmt: skip
        values = {name: [v.mean, v.low, v.high] for name, v in self.found.items()}
        return {
            "frechet": {**about, "value": values["frechet"]},
            "kernel": {**about, "subset": self.subset, "value": values["kernel"]},
        }
