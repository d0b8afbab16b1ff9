"""What the scores are called and what they mean, in the words of the page."""

from collections.abc import Callable
from typing import NamedTuple

from directions.measures import Interval, Row


class Score(NamedTuple):
    """One number of a direction: how it is read off a row, shown and explained."""

    key: str
    name: str
    meaning: str
    value: Callable[[Row], float | None]
    shown: Callable[[Row], str]


def interval(one: Interval) -> str:
    """A mean and its interval: 0.092 (0.086 to 0.098)."""
    mean, low, high = (number(value) for value in (one.mean, one.low, one.high))
    return f"{mean} ({low} to {high})"


def number(value: float) -> str:
    """Three figures: 0.0920, 2.00, 1234."""
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:#.3g}"


def signed(value: float) -> str:
    """A whole number with its sign, as it is set in text."""
    return f"{value:+.0f}".replace("-", "−")


def optional(value: float | None) -> str:
    """A number of two decimals, or a dash."""
    return "–" if value is None else f"{value:.2f}"


SCORES = (
    Score(
        "score", "score", "What the list is ranked by: {formula}.",
        lambda row: row.score, lambda row: number(row.score),
    ),
    Score(
        "effect_ratio", "against random",
        "The effect as a multiple of the median of random directions: at 1 it does no more "
        "than chance.",
        lambda row: row.effect_ratio, lambda row: f"{row.effect_ratio:.2f} ×",
    ),
    Score(
        "reproducibility", "reproducibility",
        "|cosine| of this direction and the one that matches it when learnt from other data: "
        "1 is found again, near 0 is not.",
        lambda row: row.reproducibility, lambda row: optional(row.reproducibility),
    ),
    Score(
        "effect", "effect",
        "Perceptual distance the picture moves per unit of eta, on held-out latents; in brackets "
        "where 95 of 100 resamplings put the mean.",
        lambda row: row.effect.mean, lambda row: interval(row.effect),
    ),
    Score(
        "activeness", "activeness",
        "Variance of the pixels over eta of -2, 0 and 2, averaged over the picture (section 4.2 "
        "of the paper).",
        lambda row: row.activeness.mean, lambda row: interval(row.activeness),
    ),
    Score(
        "reach", "reach",
        "The |eta| at which half of the pictures are taken for another class; a dash where that "
        "is not known, or never happens.",
        lambda row: row.reach, lambda row: optional(row.reach),
    ),
)  # fmt: skip

BARS = {
    "factors": (
        "known factors",
        "Change of each known factor per unit of eta, in deviations of the renders.",
    ),
    "statistics": (
        "picture statistics",
        "Change of each statistic of the picture per unit of eta, in deviations.",
    ),
    "slots": ("slots", "Share of the effect that remains where only this slot moves."),
    "transfer": ("other classes", "The effect on other classes, as a multiple of that on its own."),
}

DIAGONALITY = {
    "share": "Share of outputs whose largest entry of the Hessian lies on the diagonal.",
    "mean_of_ratios": "Diagonal over off-diagonal magnitude, averaged over outputs: the paper's, "
    "which near-zero denominators dominate.",
    "ratio_of_means": "Mean diagonal magnitude over mean off-diagonal magnitude.",
}

DISENTANGLEMENT = {
    "disentanglement": "1 where every direction moves one factor only.",
    "completeness": "1 where every factor is moved by one direction only.",
    "informativeness": "How well the factors are predicted from the coordinates along the "
    "directions; 1 is perfectly.",
    "mutual information gap": "How far the best direction of a factor is ahead of the next, "
    "in information.",
}
