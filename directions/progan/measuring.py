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
from torch import Tensor

from directions.data.factored import FactoredPictures
from directions.errors import MeasuresError
from directions.files import whole
from directions.generators.protocol import seeded_latents
from directions.metrics.diagonality import Diagonality, scores
from directions.metrics.distances import LpipsDistance, OfflineDistance
from directions.metrics.effects import activeness
from directions.metrics.entries import difference_entries, exact_entries
from directions.metrics.epsilon_sweep import Swept, epsilon_sweep
from directions.metrics.factor_columns import moved_by
from directions.metrics.intervals import interval
from directions.metrics.path_length import Distance, path_lengths, trimmed
from directions.progan import scoring
from directions.progan.bound import NORMALISED, bound
from directions.progan.factor_reading import FactorReader, ReaderTraining
from directions.progan.measure_config import (
    DistanceKind,
    EntryKind,
    ProGANMeasureConfig,
)
from directions.progan.passes import pairs_at_once, pictures_at_once
from directions.progan.picture_sets import PictureSets
from directions.progan.pictures import PictureSource
from directions.progan.sweep import at_ends
from directions.progan.trainer import require_pictures

FORMAT = "directions-progan-measures/1"
DISTANCES: dict[DistanceKind, Callable[..., Distance]] = {
    DistanceKind.offline: OfflineDistance, DistanceKind.lpips: LpipsDistance,
}  # fmt: skip


class ProGANMeasurement:
    """One run, measured piece by piece.

    Without real pictures there is no Fréchet and no kernel distance; known factors are read only
    where they lie beside the pictures (`FactoredPictures`). A `reader` that another run on the same
    pictures left is used if that run had grown as far, else a new one is trained; `reader` has it
    afterwards.
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
        self.reader: FactorReader | None = None
        self.training = self._training(reader)
        self.sets = None
        if pictures is not None:
            self.sets = PictureSets(pictures, self.stage, config, device)
        self.lengths: list[Tensor] = []
        self.points: list[Diagonality] = []
        self.swept: list[Swept] = []
        self.active: list[Tensor] = []
        self.moved: list[Tensor] = []
        self.read: list[Tensor] = []
        self.factors: dict | None = None

    def _training(self, reader: FactorReader | None) -> ReaderTraining | None:
        """The network that is to read factors, where there are any and none reads them yet."""
        if not isinstance(self.pictures, FactoredPictures):
            return None
        if reader is not None and reader.stage == self.stage:
            self.reader = reader
            return None
        require_pictures(self.pictures, self.stage.side)
        return ReaderTraining(self.pictures, self.stage, self.config.factor_steps, self.config.seed)

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
        if self.sets is not None:
            count += _parts(config.generated, self._batch) + self.sets.total
        return count + isinstance(self.pictures, FactoredPictures)

    def steps(self) -> Iterator[str]:
        """Do the work, and say after every piece what it was."""
        if self.training is not None:
            for _ in self.training.steps():
                yield "factor network"
            self.reader = self.training.reader
        yield from self._path()
        yield from self._hessians()
        yield from self._components()
        if self.sets is not None:
            yield from self._generated(self.sets)
            yield from self.sets.steps()
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
    def _generated(self, sets: PictureSets) -> Iterator[str]:
        for z in self.codes.split(self._batch):
            images = self.generator(z.to(self.device))
            sets.add(images)
            if self.reader is not None:
                self.read.append(self.reader.read(images))
            yield "generated pictures"

    def _latents(self, count: int) -> Tensor:
        """The first of the latents that figures show too."""
        return (
            self.codes.new_empty(0, self.dim)
            if not count
            else seeded_latents(self.generator, count, self.config.seed).to(self.device)
        )

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
        config, differences = self.config, self.config.entries is EntryKind.differences
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
            **(self.sets.result() if self.sets else {"frechet": None, "kernel": None}),
            "activeness": scoring.activeness_scores(self.active, config.active_share),
            "diagonality": {
                "samples": config.hessian_samples, "entries": str(config.entries),
                "epsilon": config.epsilon if differences else None,
                **scoring.diagonality_scores(self.points),
            },
            "epsilon_sweep": scoring.sweep_scores(self.swept) if self.swept else None,
            "factors": self.factors,
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
