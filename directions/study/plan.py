"""What a study trains, in which order, and with which settings. Free of torch.

    paper             here                trained from
    ProGAN            progan              the first picture to share `first_share` of all
    ProGAN+           progan-plus         where progan stopped, on to the last: equal iterations
    w/ HP             hessian             the first picture to the last
    w/ HP FT          hessian-finetune    where progan stopped, lambda rising over half of the rest
    InfoGAN           infogan             the first picture to the last

Nothing is trained twice: the first part of ProGAN+ is ProGAN.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import NamedTuple

from directions.errors import RunError
from directions.progan.config import ProGANConfig, config_from, plain
from directions.progan.measure_config import (
    DistanceKind,
    EntryKind,
    FeatureKind,
    ProGANMeasureConfig,
)
from directions.progan.presets import DATA, PROGAN_IMAGES, SMALL, preset

EIGHTHS = 8  # a training's second half leaves a snapshot after each of them


class Scale(StrEnum):
    """How large a study is."""

    small = "small"
    paper = "paper"


class Start(StrEnum):
    """Where a training sets out."""

    scratch = "scratch"
    continued = "continued"  # from a run's state, as if that had never stopped
    tuned = "tuned"  # from a run's networks, with fresh moments and draws


class Method(NamedTuple):
    """A row of the tables."""

    title: str  # in the paper
    start: Start
    source: str | None = None  # the method whose run it sets out from


FIRST = "progan"
METHODS = {  # in the order in which they are trained
    FIRST: Method("ProGAN", Start.scratch),
    "progan-plus": Method("ProGAN+", Start.continued, FIRST),
    "hessian": Method("w/ HP", Start.scratch),
    "hessian-finetune": Method("w/ HP FT", Start.tuned, FIRST),
    "infogan": Method("InfoGAN", Start.scratch),
}


class Run(NamedTuple):
    """One training: a data set, a method and a seed."""

    data: str
    method: str
    seed: int

    def __str__(self) -> str:
        return f"{self.data}/{self.method}/seed-{self.seed}"

    @property
    def source(self) -> "Run | None":
        """The run it sets out from."""
        source = METHODS[self.method].source
        return self._replace(method=source) if source else None


@dataclass(frozen=True, kw_only=True)
class StudyPlan:
    """Everything that a study's numbers depend on, but for which runs are in it."""

    scale: Scale
    base: ProGANConfig  # of all runs; |z|, codes and lambda follow the paper's presets
    data: tuple[str, ...]  # sets, unless others are asked for
    pictures: int  # rendered for each of CLEVR's sets
    side: int  # pixels of what is rendered
    measures: ProGANMeasureConfig
    first_share: float  # of all pictures, after which ProGAN stops
    images: Mapping[str, int] = field(default_factory=dict)  # seen, by set, where not as in `base`
    chosen_on: int = 1000  # pictures by which snapshots are compared
    penalty_factor: float = 1.0  # times the paper's lambdas

    def last_images(self, data: str) -> int:
        """Pictures seen in a training on a set."""
        return self.images.get(data, self.base.images)

    def first_images(self, data: str) -> int:
        """Pictures after which ProGAN stops; ProGAN+ and fine-tuning go on from there."""
        return round(self.last_images(data) * self.first_share)

    def config(self, run: Run) -> ProGANConfig:
        """Settings of one training."""
        paper, last = preset(f"{run.data}/{run.method}"), self.last_images(run.data)
        base, first = _lasting(self.base, last), self.first_images(run.data)
        tuning = METHODS[run.method].start == Start.tuned
        ramp = {"start": first, "ramp": (last - first) // 2} if tuning else {}
        return replace(
            base,
            network=replace(
                base.network, latent_dim=paper.network.latent_dim, codes=paper.network.codes
            ),
            penalty=replace(
                base.penalty, weight=paper.penalty.weight * self.penalty_factor, **ramp
            ),
            images=first if run.method == FIRST else last,
            seed=run.seed,
        )

    def begins_at(self, run: Run) -> int:
        """Pictures that another run has seen for this one."""
        return self.first_images(run.data) if run.source else 0

    def marks(self, run: Run) -> tuple[int, ...]:
        """Pictures after which a run leaves a snapshot to choose from: eighths, and its end.

        Only those of the second half count, and only once lambda has its full weight: earlier
        ones of a fine-tuning would be the network that it set out from.
        """
        config = self.config(run)
        settled = max(self.begins_at(run), config.penalty.start + config.penalty.ramp)
        last = self.last_images(run.data)
        eighths = [last * n // EIGHTHS for n in range(EIGHTHS // 2 + 1, EIGHTHS)]
        return (*(n for n in eighths if settled < n < config.images), config.images)


SMALL_STUDY = StudyPlan(
    scale=Scale.small,
    base=SMALL,
    data=("clevr-1fov", "clevr-simple", "clevr-u"),
    images={"clevr-1fov": 120_000, "clevr-simple": 80_000, "clevr-u": 60_000},
    pictures=2000, side=64, measures=ProGANMeasureConfig(pairs=1000), first_share=0.6,
)  # fmt: skip
"""What two CPU cores manage in hours. Beside what `presets.SMALL` says, it differs from the paper's
in this: 2,000 pictures a set for 10,000; measures on 1,000 pairs for 100,000 and 2,000 pictures for
50,000; and on CLEVR-Simple and CLEVR-U fewer pictures seen than on CLEVR-1FOV, to save time.
"""

PAPER_STUDY = StudyPlan(
    scale=Scale.paper, base=ProGANConfig(), data=DATA, pictures=10_000, side=128,
    measures=ProGANMeasureConfig(pairs=100_000, generated=50_000, real=50_000),
    first_share=PROGAN_IMAGES / ProGANConfig.images,
)  # fmt: skip
"""The paper's presets as they are."""

PLANS = {plan.scale: plan for plan in (SMALL_STUDY, PAPER_STUDY)}


class Wanted(NamedTuple):
    """What is asked of a plan; None is as it usually is."""

    scale: Scale | None = None
    images: int | None = None  # seen in a training, on every set
    pictures: int | None = None
    penalty_factor: float | None = None


def planned(wanted: Wanted) -> StudyPlan:
    """The plan of a scale, with what else is wanted of it."""
    plan = PLANS[wanted.scale or Scale.small]
    if wanted.images is not None:
        plan = replace(plan, base=_lasting(plan.base, wanted.images), images={})
    factor = plan.penalty_factor if wanted.penalty_factor is None else wanted.penalty_factor
    return replace(plan, pictures=wanted.pictures or plan.pictures, penalty_factor=factor)


def _lasting(config: ProGANConfig, images: int) -> ProGANConfig:
    """Settings of a longer or shorter training.

    A shorter one grows faster by as much, so that it still ends with full pictures; so does the
    weight of a penalty that rises.
    """

    def scaled(count: int) -> int:
        return count * min(images, config.images) // config.images

    growth, penalty = config.growth, config.penalty
    return replace(
        config,
        growth=replace(growth, stable=max(1, scaled(growth.stable)), fade=scaled(growth.fade)),
        penalty=replace(penalty, start=scaled(penalty.start), ramp=scaled(penalty.ramp)),
        images=images,
    )


def runs_of(data: Sequence[str], methods: Sequence[str], seeds: int) -> list[Run]:
    """All runs in the order of work: every set and method for seed 0, then for seed 1...

    A run that another sets out from is there even if its method was not asked for. Raises
    `RunError` for names that are not known.
    """
    _require_known("data set", data, DATA)
    _require_known("method", methods, METHODS)
    needed = {*methods, *(METHODS[name].source for name in methods)}
    return [
        Run(one, method, seed)
        for seed in range(seeds)
        for one in dict.fromkeys(data)
        for method in METHODS
        if method in needed
    ]


def _require_known(what: str, names: Sequence[str], known: Sequence[str] | dict) -> None:
    for name in names:
        if name not in known:
            raise RunError(f"no {what} '{name}'; known: {', '.join(known)}")


def plan_values(plan: StudyPlan) -> dict:
    """A plan as values that JSON knows."""
    return {**asdict(plan), "base": plain(plan.base)}


def plan_from(values: dict) -> StudyPlan:
    """Rebuild a plan; raises KeyError, TypeError or ValueError if the values are not one's."""
    given = dict(values)
    measures = dict(given.pop("measures"))
    for name, kind in (
        ("distance", DistanceKind), ("features", FeatureKind), ("entries", EntryKind)
    ):  # fmt: skip
        measures[name] = kind(measures[name])
    return StudyPlan(
        scale=Scale(given.pop("scale")), base=config_from(given.pop("base")),
        data=tuple(given.pop("data")), measures=ProGANMeasureConfig(**measures), **given,
    )  # fmt: skip
