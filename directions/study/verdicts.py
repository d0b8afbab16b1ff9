"""Whether the paper's effects appear, by a rule that is stated beforehand. Free of torch."""

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import NamedTuple

from directions.study import values
from directions.study.plan import METHODS
from directions.study.values import Values, over_seeds

RULE = (
    "Differences are taken seed by seed. An effect appears if at least two seeds all have the "
    "expected sign and their mean difference exceeds the spread, which is the largest difference "
    "less the smallest; it is opposite if the same holds for the other sign; everything else is "
    "undecided."
)


class Verdict(StrEnum):
    """What the seeds say together."""

    appears = "appears"
    opposite = "opposite"
    undecided = "undecided"


class Effect(NamedTuple):
    """Something that the penalty is expected to do to one number."""

    name: str
    sign: int  # +1 if the number is to rise, -1 if it is to fall
    value: Callable[[dict], float | None]
    field: str  # of the paper's rows
    digits: int


class Finding(NamedTuple):
    """One effect on one data set by one method, against ProGAN+."""

    effect: Effect
    data: str
    method: str
    seeds: tuple[int, ...]
    differences: tuple[float, ...]
    paper: float | None  # the paper's difference
    verdict: Verdict


EFFECTS = (
    Effect("D% rises", +1, values.share, "share", 1),
    Effect("D_R rises", +1, values.ratio, "ratio", 2),
    Effect("path length falls", -1, values.path_length, "path_length", 1),
)
SHRINKING = (
    Effect("fewer components are active", -1, values.active, "", 1),
    Effect("the first component has a larger share (%)", +1, values.first_share, "", 1),
)
ONE_FACTOR, AGAINST, PENALISED = "clevr-1fov", "progan-plus", ("hessian", "hessian-finetune")


def verdict(differences: Sequence[float], sign: int) -> Verdict:
    """Judge differences of paired seeds by `RULE`.

    A mean beyond the spread cannot be had with both signs.
    """
    if len(differences) < 2:
        return Verdict.undecided
    towards = sign * sum(differences) / len(differences)
    spread = max(differences) - min(differences)
    if towards > spread:
        return Verdict.appears
    return Verdict.opposite if -towards > spread else Verdict.undecided


def findings(results: Values, data: Sequence[str]) -> list[Finding]:
    """Every expected effect for which some seed has both sides."""
    wanted = [
        (effect, one, method)
        for effects, sets in ((EFFECTS, data), (SHRINKING, [d for d in data if d == ONE_FACTOR]))
        for effect in effects
        for one in sets
        for method in PENALISED
    ]
    found = [_finding(results, *each) for each in wanted]
    return [each for each in found if each.seeds]


def _finding(results: Values, effect: Effect, data: str, method: str) -> Finding:
    with_it = over_seeds(results, data, method, effect.value)
    without = over_seeds(results, data, AGAINST, effect.value)
    seeds = tuple(seed for seed in with_it if seed in without)
    differences = tuple(with_it[seed] - without[seed] for seed in seeds)
    ours = values.published(data, method, effect.field)
    theirs = values.published(data, AGAINST, effect.field)
    paper = None if ours is None or theirs is None else ours - theirs
    return Finding(
        effect, data, method, seeds, differences, paper, verdict(differences, effect.sign)
    )


def sentence(finding: Finding) -> str:
    """One cell a part: effect, set, method, our differences, the paper's, verdict."""
    digits = finding.effect.digits
    ours = " ".join(f"{d:+.{digits}f}" for d in finding.differences)
    paper = "-" if finding.paper is None else f"{finding.paper:+.{digits}f}"
    seeds = ", ".join(map(str, finding.seeds))
    parts = (finding.effect.name, values.titled(finding.data), METHODS[finding.method].title, seeds,
             ours, paper, finding.verdict)  # fmt: skip
    return "| " + " | ".join(parts) + " |"
