"""Measure a trained ProGAN as the paper does (section 4.2, Tables 1 and 2, Fig. 5).

    pairs of latents --path----> path_length
    latents ---------Hessians--> diagonality
    latents ---------sweeps----> activeness, and what components do to known factors
    latents ---------pictures--> frechet, kernel (beside real pictures), factors (where known)

The path length is taken with latents normalised inside, as in training; everything else off their
sphere, as the authors did it. `steps` yields after every piece of work and `result` puts the pieces
together; nothing here prints or writes.
"""

import dataclasses
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import torch
from torch import Tensor, nn

from directions.data.factored import FactoredPictures
from directions.errors import MeasuresError
from directions.files import whole
from directions.generators.protocol import seeded_latents
from directions.measures import Interval
from directions.metrics.diagonality import Diagonality, scores
from directions.metrics.distances import LpipsDistance, OfflineDistance
from directions.metrics.effects import activeness
from directions.metrics.entries import difference_entries, exact_entries
from directions.metrics.epsilon_sweep import Swept, epsilon_sweep
from directions.metrics.factor_columns import moved_by
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
from directions.metrics.intervals import interval
from directions.metrics.path_length import Distance, path_lengths, trimmed
from directions.progan import scoring
from directions.progan.bound import NORMALISED, bound
from directions.progan.factor_reading import FactorReader, ReaderTraining
from directions.progan.measure_config import (
    DistanceKind,
    EntryKind,
    FeatureKind,
    ProGANMeasureConfig,
)
from directions.progan.passes import pairs_at_once, pictures_at_once
from directions.progan.pictures import PictureSource, at_stage
from directions.progan.sweep import at_ends
from directions.progan.trainer import require_pictures

FORMAT = "directions-progan-measures/1"
DISTANCES: dict[DistanceKind, Callable[..., Distance]] = {
    DistanceKind.offline: OfflineDistance, DistanceKind.lpips: LpipsDistance,
}  # fmt: skip
FEATURES: dict[FeatureKind, Callable[[], nn.Module]] = {
    FeatureKind.offline: PooledFeatures, FeatureKind.inception: inception,
}  # fmt: skip


class ProGANMeasurement:
    """One run, measured piece by piece.

    Without real pictures there is no Fréchet and no kernel distance; known factors are read only
    where they lie beside the pictures (`FactoredPictures`). A `reader` of another run's stage is
    used if it is of the same, else a new one is trained; afterwards `reader` has it.
    """

    def __init__(
        self,
        run: Path,
        pictures: PictureSource | None,
        config: ProGANMeasureConfig,
        device: torch.device | str = "cpu",
        *,
        reader: FactorReader | None = None,
    ) -> None:
        self.run, self.pictures, self.config, self.device = run, pictures, config, device
        self.generator, self.trained = bound(str(run), device)
        self.inside, _ = bound(f"{run}{NORMALISED}", device)
        self.stage, self.dim = self.trained.stage, self.generator.latent_dim
        if self.dim < 2:
            raise MeasuresError(f"{run} has 1 latent dimension; there is nothing to tell apart")
        self.distance = DISTANCES[config.distance](device)
        self.codes = seeded_latents(self.generator, config.generated, config.seed)
        self.training = self._training(reader)
        self.reader = reader if self.training is None else None
        if pictures is not None:
            self._open_features(pictures)
        self.lengths: list[Tensor] = []
        self.points: list[Diagonality] = []
        self.swept: list[Swept] = []
        self.active: list[Tensor] = []
        self.moved: list[Tensor] = []
        self.read: list[Tensor] = []
        self.made: list[Tensor] = []
        self.real: list[Tensor] = []
        self.sets: dict[str, Interval] = {}
        self.factors: dict | None = None

    def _training(self, reader: FactorReader | None) -> ReaderTraining | None:
        """Whether a network must be trained to read factors: the one that is to be."""
        if not isinstance(self.pictures, FactoredPictures):
            return None
        if reader is not None and reader.stage == self.stage:
            return None
        require_pictures(self.pictures, self.stage.side)
        return ReaderTraining(self.pictures, self.stage, self.config.factor_steps, self.config.seed)

    def _open_features(self, pictures: PictureSource) -> None:
        config = self.config
        require_torchmetrics()
        require_pictures(pictures, self.stage.side)
        self.network = FEATURES[config.features]().to(self.device)
        rng = torch.Generator().manual_seed(config.seed)
        self.chosen = torch.randperm(len(pictures), generator=rng)[: config.real]
        counts = len(self.chosen), config.generated
        require_enough(*counts, self._features)
        self.subset = subset_size(*counts, config.subset)

    @property
    def _features(self) -> int:
        count = self.network.num_features
        assert isinstance(count, int)
        return count

    @property
    def _batch(self) -> int:
        return pictures_at_once(
            self.trained.config.network, self.stage.side, self.config.batch_size
        )

    @property
    def _pairs(self) -> int:
        return pairs_at_once(self.trained.config.network, self.stage.side)

    @property
    def total(self) -> int:
        """Pieces of work, for a progress bar."""
        config = self.config
        count = _parts(config.pairs, self._batch) + config.hessian_samples
        count += config.sweep_samples + self.dim
        if self.training is not None:
            count += config.factor_steps
        if self.pictures is not None:
            count += _parts(config.generated, self._batch)
            count += _parts(len(self.chosen), config.batch_size) + 2
            count += isinstance(self.pictures, FactoredPictures)
        return count

    def steps(self) -> Iterator[str]:
        """Do the work, and say after every piece what it was."""
        if self.training is not None:
            for _ in self.training.steps():
                yield "factor network"
            self.reader = self.training.reader
        yield from self._path()
        yield from self._hessians()
        yield from self._components()
        if self.pictures is not None:
            yield from self._generated()
            yield from self._sets(self.pictures)
        if self.reader is not None:
            self.factors = scoring.factor_scores(
                self.reader, self.codes, torch.cat(self.read), torch.stack(self.moved)
            )
            yield "factors"

    def _path(self) -> Iterator[str]:
        config, rng = self.config, torch.Generator().manual_seed(self.config.seed)
        z1, z2 = (torch.randn(config.pairs, self.dim, generator=rng) for _ in range(2))
        found = path_lengths(
            self.inside, z1.to(self.device), z2.to(self.device), self.distance,
            alpha=config.alpha, batch_size=self._batch,
        )  # fmt: skip
        for some in found:
            self.lengths.append(some)
            yield "path length"

    def _hessians(self) -> Iterator[str]:
        config = self.config
        for z in self._latents(config.hessian_samples):
            if config.entries is EntryKind.exact:
                entries = exact_entries(self.generator, z, self._pairs)
            else:
                entries = difference_entries(self.generator, z, config.epsilon, self._pairs)
            self.points.append(scores(entries, self.dim))
            yield "Hessians"
        for z in self._latents(config.sweep_samples):
            self.swept.append(epsilon_sweep(self.generator, z, pairs=self._pairs))
            yield "steps of Hessians"

    def _components(self) -> Iterator[str]:
        z = self._latents(self.config.activeness_samples)
        for component in range(self.dim):
            images = at_ends(self.generator, z, component, batch_size=self._batch)
            self.active.append(activeness(images))
            if self.reader is not None:
                read = self.reader.read(images.flatten(0, 1)).unflatten(0, images.shape[:2])
                self.moved.append(moved_by(self.reader.columns, read, self.reader.spread))
            yield f"component {component}"

    @torch.no_grad()
    def _generated(self) -> Iterator[str]:
        for z in self.codes.split(self._batch):
            images = self.generator(z.to(self.device))
            self.made.append(self.network(to_bytes(images)).cpu())
            if self.reader is not None:
                self.read.append(self.reader.read(images))
            yield "generated pictures"

    def _sets(self, pictures: PictureSource) -> Iterator[str]:
        for some in self.chosen.split(self.config.batch_size):
            images = at_stage(pictures.batch(some), self.stage).to(self.device)
            self.real.append(self.network(to_bytes(images)).cpu())
            yield "real pictures"
        real, made, seed = torch.cat(self.real), torch.cat(self.made), self.config.seed
        self.sets["frechet"] = frechet(real, made, seed)
        yield "Fréchet distance"
        self.sets["kernel"] = kernel(real, made, self.subset, seed)
        yield "kernel distance"

    def _latents(self, count: int) -> Tensor:
        """The first of the latents that figures show too."""
        return seeded_latents(self.generator, count, self.config.seed).to(self.device) if count \
            else torch.empty(0, self.dim)  # fmt: skip

    def result(self) -> dict:
        """Put the pieces together, after the last step, as values that JSON knows.

            format, run, images, seed, settings
            path_length    distance, pairs, value
            frechet        features, generated, real, value; or None
            kernel         features, generated, real, subset, value; or None
            activeness     samples, threshold, components, active
            diagonality    samples, entries, epsilon, share, mean_of_ratios, ratio_of_means
            epsilon_sweep  samples, exact, steps; or None
            factors        names, r2, moved, shares, best, scores; or None

        Values, scores and every one of the components are a mean and what bounds 95 % of it under
        resampling, [mean, low, high].
        """
        config, exact = self.config, self.config.entries is EntryKind.exact
        return {
            "format": FORMAT,
            "run": str(self.run),
            "images": self.trained.images,
            "seed": config.seed,
            "settings": dataclasses.asdict(config),
            "path_length": {
                "distance": self.distance.name, "pairs": config.pairs,
                "value": scoring.listed(interval(trimmed(torch.cat(self.lengths)))),
            },
            "frechet": self._set("frechet", {}),
            "kernel": self._set("kernel", {"subset": getattr(self, "subset", None)}),
            "activeness": scoring.activeness_scores(self.active, config.active_share),
            "diagonality": {
                "samples": config.hessian_samples, "entries": str(config.entries),
                "epsilon": None if exact else config.epsilon,
                **scoring.diagonality_scores(self.points),
            },
            "epsilon_sweep": scoring.sweep_scores(self.swept) if self.swept else None,
            "factors": self.factors,
        }  # fmt: skip

    def _set(self, name: str, more: dict) -> dict | None:
        if name not in self.sets:
            return None
        return {
            "features": self.network.name, "generated": self.config.generated,
            "real": len(self.chosen), **more, "value": scoring.listed(self.sets[name]),
        }  # fmt: skip


def save(found: dict, path: Path) -> None:
    """Write a result as JSON, whole or not at all; raises `MeasuresError` if that cannot be."""
    try:
        text = json.dumps(found, indent=1, allow_nan=False)
    except ValueError:
        raise MeasuresError(
            f"{found['run']} gives values that are not finite; its weights are of no use"
        ) from None
    try:
        with whole(path) as partial:
            partial.write_text(text)
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise MeasuresError(f"measured, but {path} could not be written: {why}") from None


def _parts(count: int, size: int) -> int:
    return -(-count // size)
