"""Measure a basis on held-out latents: what its directions do, how much, and against what.

    basis --walks of every direction--> activeness, effect, slots, transfer, statistics, factors
    basis --held-out samples---------> penalty, diagonality, beside random bases and coordinates
    latents --factor network---------> codes and factors -> disentanglement

`steps` yields after every piece of work and `result` puts the pieces together; nothing here prints
or writes.
"""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from directions.basis import coordinate_basis, random_basis
from directions.config import MeasureConfig
from directions.evaluate import HELD_OUT_SEED, held_out_penalties
from directions.generators.protocol import Generator
from directions.measures import Interval, Measures, Row, basis_digest
from directions.metrics import features
from directions.metrics.diagonality import diagonality
from directions.metrics.disentanglement import dci, mutual_information_gap
from directions.metrics.effects import activeness, reach_of, root_mean_square
from directions.metrics.intervals import interval, ratio_interval
from directions.metrics.known_factors import FactorNetwork, factor_shares, factor_slopes
from directions.metrics.picture_statistics import (
    STATISTICS,
    description,
    deviations,
    picture_statistics,
    statistic_slopes,
)
from directions.render import generate, walk_grid
from directions.walk import around, search_axes

AMOUNTS = torch.tensor([-2.0, -1.0, 0.0, 1.0, 2.0])  # the paper's activeness takes every other
FARTHER = torch.tensor([-8.0, -6.0, -4.0, -2.0, 0.0, 2.0, 4.0, 6.0, 8.0])
PICTURES = 256  # for the deviations of the picture statistics, where no factors are read
FORMULA = (
    "reproducibility x effect / (effect + median effect of random directions); "
    "reproducibility counts as 1 where it is not known"
)


@dataclass(frozen=True)
class Subject:
    """What is measured: rows on the device they are used on, and the generators they move."""

    basis: Float[Tensor, "row latent"]
    generators: Sequence[Generator]
    name: str
    labels: tuple[int, ...] = ()
    slots: range | None = None
    reproducibility: Sequence[float] = ()
    factors: FactorNetwork | None = None
    others: Mapping[str, Generator] = field(default_factory=dict)  # of other classes, by name


@dataclass
class _Walked:
    """What one direction's walks gave, sample by sample."""

    activeness: Tensor
    effect: Tensor
    statistics: Tensor  # [sample, statistic], own units
    factors: Tensor | None  # [sample, factor]
    slots: list[float]
    transfer: dict[str, float]
    reach: float | None


class Measurement:
    """The pieces of one basis' measures, as they come."""

    def __init__(self, subject: Subject, config: MeasureConfig) -> None:
        self.subject, self.config = subject, config
        self.basis = subject.basis
        self.rows = len(self.basis)
        rng = torch.Generator().manual_seed(HELD_OUT_SEED + config.seed + 1)
        self.z = subject.generators[0].sample_latents(config.samples, rng).to(self.basis)
        self.codes = subject.generators[0].sample_latents(self._pictures, rng).to(self.basis)
        self.network = features.deep_features().to(self.basis.device)
        # Chance moves only what an edit of these slots can reach, as the basis does.
        self.axes = search_axes(subject.generators[0], subject.slots)
        part = len(self.axes)
        self.random = random_basis(min(config.random_directions, part), part, rng) @ self.axes
        self.penalties: dict[str, Interval] = {}
        self.diagonality: dict[str, Interval] = {}
        self.walked: list[_Walked] = []
        self.yardstick: dict[str, float] = {}
        self.scores: dict[str, float] = {}

    @property
    def total(self) -> int:
        """Pieces of work, for a progress bar."""
        hessians = 3 * self.config.hessian_samples if self.rows > 1 else 0
        return self.config.random_bases + 2 + hessians + len(self.random) + self.rows + 1

    @property
    def _pictures(self) -> int:
        return self.config.codes if self.subject.factors is not None else PICTURES

    def steps(self) -> Iterator[str]:
        """Do the work, and say after every piece what it was."""
        yield from self._penalties()
        if self.rows > 1:
            yield from self._hessians()
        yield from self._yardstick()
        for row in range(self.rows):
            self.walked.append(self._walk(self.basis[row]))
            yield f"direction {row}"
        self._read_pictures()
        yield "pictures"

    def _penalties(self) -> Iterator[str]:
        bases = {"learnt": self.basis, "coordinates": self._coordinates}
        for name, basis in (bases | self._random_bases(self.config.random_bases)).items():
            found = held_out_penalties(
                self.subject.generators, basis.to(self.basis), slots=self.subject.slots,
                samples=self.config.penalty_samples, batch_size=self.config.batch_size,
                reach=self.config.reach, epsilon=self.config.epsilon, seed=self.config.seed,
            )  # fmt: skip
            self.penalties[name] = interval(found)
            yield f"penalty, {name}"

    @property
    def _coordinates(self) -> Float[Tensor, "row latent"]:
        return coordinate_basis(self.rows, len(self.axes)) @ self.axes

    def _random_bases(self, count: int) -> dict[str, Tensor]:
        draws = [torch.Generator().manual_seed(number) for number in range(count)]
        part = len(self.axes)
        bases = [random_basis(self.rows, part, draw) @ self.axes for draw in draws]
        return {f"random {number}": basis for number, basis in enumerate(bases)}

    def _hessians(self) -> Iterator[str]:
        kinds = {
            "": self.basis,
            "coordinates ": self._coordinates.to(self.basis),
            "random ": self._random_bases(1)["random 0"].to(self.basis),
        }
        origin = torch.zeros(self.rows).to(self.basis)
        for kind, basis in kinds.items():
            found = []
            for number, z in enumerate(self.codes[: self.config.hessian_samples]):
                generator = self.subject.generators[number % len(self.subject.generators)]
                f = around(generator, basis, z, self.subject.slots)
                found.append(
                    diagonality(f, origin, self.config.epsilon, max(1, self.config.batch_size // 4))
                )
                yield "Hessians"
            if found:
                share, ratios, on, off = torch.tensor(found).T
                self.diagonality |= {
                    f"{kind}share": interval(share),
                    f"{kind}mean_of_ratios": interval(ratios),
                    f"{kind}ratio_of_means": ratio_interval(on, off),
                }

    def _yardstick(self) -> Iterator[str]:
        found = []
        for direction in self.random.to(self.basis):
            images = self._grid(direction, AMOUNTS[[0, 2, 4]])
            found.append(
                [activeness(images).mean().item(), self._effect(images[[0, 2]]).mean().item()]
            )
            yield "random directions"
        middle = torch.tensor(found).median(0).values.tolist()
        self.yardstick = {"activeness": middle[0], "effect": middle[1]}

    def _grid(
        self,
        direction: Tensor,
        amounts: Tensor,
        generators: Sequence[Generator] | None = None,
        slots: range | None = None,
        samples: int | None = None,
    ) -> Float[Tensor, "amount sample 3 height width"]:
        rows = direction.expand(len(amounts), -1)
        return walk_grid(
            generators or self.subject.generators, rows, self.z[:samples], amounts.to(rows),
            slots=slots or self.subject.slots, batch_size=self.config.batch_size,
        )  # fmt: skip

    @torch.no_grad()
    def _effect(self, ends: Float[Tensor, "2 sample 3 height width"]) -> Float[Tensor, " sample"]:
        """Perceptual distance between both ends of a walk of 4 units, per unit."""
        size, device = self.config.batch_size, self.basis.device
        parts = [self.network(some.to(device)) for some in ends.flatten(0, 1).split(size)]
        behind, ahead = torch.cat(parts).cpu().chunk(2)
        return features.distances(behind, ahead) / (AMOUNTS[-1] - AMOUNTS[0]).item()

    def _walk(self, direction: Tensor) -> _Walked:
        images, subject = self._grid(direction, AMOUNTS), self.subject
        effect = self._effect(images[[0, 4]])
        few = max(1, len(self.z) // 2)  # a share is told well enough by half of the samples
        ends, whole = AMOUNTS[[0, 4]], effect[:few].mean().item()

        def share(generators: Sequence[Generator] | None, slots: range | None) -> float:
            found = self._effect(self._grid(direction, ends, generators, slots, few))
            return found.mean().item() / max(whole, 1e-12)

        places = subject.slots or range(subject.generators[0].slots)
        alone = [range(slot, slot + 1) for slot in places] if len(places) > 1 else []
        reader = subject.factors
        return _Walked(
            activeness=activeness(images[[0, 2, 4]]),
            effect=effect,
            statistics=statistic_slopes(images, AMOUNTS),
            factors=None if reader is None else factor_slopes(reader, images, AMOUNTS),
            slots=[share(None, slot) for slot in alone],
            transfer={name: share([other], None) for name, other in subject.others.items()},
            reach=None if reader is None else self._reach(reader, direction),
        )

    def _reach(self, reader: FactorNetwork, direction: Tensor) -> float | None:
        images = self._grid(direction, FARTHER)
        found = reader.labels(images.flatten(0, 1)).unflatten(0, images.shape[:2])
        labels = torch.tensor(self.subject.labels)
        own = labels[torch.arange(len(self.z)) % len(labels)]
        return reach_of((found == own).float().mean(1), FARTHER)

    def _read_pictures(self) -> None:
        """Spread of the picture statistics; codes against known factors."""
        subject, reader = self.subject, self.subject.factors
        values, factors = [], []
        for some in torch.arange(len(self.codes)).split(self.config.batch_size):
            columns = [index % len(subject.generators) for index in some.tolist()]
            images = generate(subject.generators, self.codes[some], columns, len(some))
            values.append(picture_statistics(images))
            if reader is not None:
                factors.append(reader.factors(images))
        self.deviations = deviations(torch.cat(values))
        if reader is None:
            return
        known, z = torch.cat(factors), self.codes.cpu()
        random = self._random_bases(self.config.random_bases).values()
        mine, others = (
            _coded(z @ self.basis.cpu().T, known),
            [_coded(z @ b.T, known) for b in random],
        )
        self.scores = mine | {
            f"random {name}": float(np.mean([one[name] for one in others])) for name in mine
        }

    def result(self) -> Measures:
        """Put the pieces together, after the last step."""
        subject = self.subject
        reader, shares = subject.factors, {}
        if reader is not None:
            moved = torch.stack(
                [root_mean_square(one.factors) for one in self.walked if one.factors is not None]
            )
            share, best = factor_shares(moved), moved.argmax(0).tolist()
            shares = {
                name: (best[i], share[best[i], i].item())
                for i, name in enumerate(reader.settings.factor_names)
            }
        return Measures(
            generator=subject.name,
            basis=basis_digest(self.basis.cpu().numpy()),
            settings=dataclasses.asdict(self.config) | {"features": features.NAME},
            penalty=self.penalties,
            diagonality=self.diagonality,
            random=self.yardstick,
            disentanglement=self.scores,
            factor_shares=shares,
            formula=FORMULA,
            rows=[self._row(number, one) for number, one in enumerate(self.walked)],
        )

    def _row(self, number: int, walked: _Walked) -> Row:
        agreed = list(self.subject.reproducibility)
        reproducibility = agreed[number] if agreed else None
        effect, usual = interval(walked.effect), self.yardstick["effect"]
        moved = walked.statistics / self.deviations
        names = [] if self.subject.factors is None else self.subject.factors.settings.factor_names
        signed = [] if walked.factors is None else walked.factors.mean(0).tolist()
        trust = 1.0 if reproducibility is None else reproducibility
        return Row(
            row=number,
            activeness=interval(walked.activeness),
            effect=effect,
            effect_ratio=effect.mean / usual,
            reproducibility=reproducibility,
            reach=walked.reach,
            slots=walked.slots,
            transfer=walked.transfer,
            statistics=dict(zip(STATISTICS, moved.mean(0).tolist(), strict=True)),
            description=description(moved),
            factors=dict(zip(names, signed, strict=True)),
            score=trust * effect.mean / (effect.mean + usual),
        )


def _coded(codes: Tensor, factors: Tensor) -> dict[str, float]:
    scores = dci(codes, factors)._asdict()
    return scores | {"mutual information gap": mutual_information_gap(codes, factors)}
