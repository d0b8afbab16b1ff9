"""What was measured on a basis: one JSON beside the directions file. Free of torch.

    directions.safetensors --measure--> Measures --save--> measures.json --> report, explore

All of it is taken on held-out latents. An `Interval` is a mean and the 2.5 % and 97.5 % points of
its bootstrap over samples.
"""

import dataclasses
import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from directions.errors import MeasuresError
from directions.files import whole
from directions.structure import built

FORMAT = "directions-measures/1"
NAME = "measures.json"
MOST_BYTES = 2**26  # a thousand directions in a thousand classes take less


def beside(file: Path) -> Path:
    """Where the measures of a directions file lie: each in the name of its own file."""
    return file.with_name(NAME if file.stem == "directions" else f"{file.stem}.{NAME}")


@dataclass(frozen=True)
class Interval:
    """A mean over samples, and where resampling the samples puts it 95 times of 100."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True, kw_only=True)
class Row:
    """One direction. `effect` and `activeness` are beside those of random directions below."""

    row: int
    activeness: Interval  # variance over eta in -2, 0, 2, mean over pixels (section 4.2)
    effect: Interval  # perceptual distance per unit of eta
    effect_ratio: float  # effect as a multiple of random directions' median
    reproducibility: float | None  # |cosine| of the matched direction of other data, 0 to 1
    reach: float | None  # |eta| at which half of the pictures have left their class
    slots: list[float]  # share of the effect that remains where only this slot moves
    transfer: dict[str, float]  # the effect on other classes, as a multiple of that on its own
    statistics: dict[str, float]  # picture statistics, change per unit eta in deviations
    description: str  # of the statistics that move clearly: "lightness +, size -"; may be empty
    factors: dict[str, float]  # known factors, signed change per unit eta in deviations
    score: float  # what the ranking sorts by


@dataclass(frozen=True, kw_only=True)
class Measures:
    """One basis, all its directions, and what they are compared with."""

    generator: str  # as Identity.name shows it
    basis: str  # `basis_digest` of the rows that were measured
    settings: dict[str, Any]  # samples, seed, feature network...
    penalty: dict[str, Interval]  # held-out Hessian Penalty: "learnt", "coordinates", "random 0"..
    diagonality: dict[str, Interval]  # section 4.5: share, mean_of_ratios, ratio_of_means
    random: dict[str, float]  # yardstick: median activeness and effect of random directions
    disentanglement: dict[str, float]  # of the basis over known factors; empty without them
    factor_shares: dict[str, tuple[int, float]]  # factor -> best direction, its share on the factor
    formula: str  # how `score` is made of the other numbers
    rows: list[Row] = field(default_factory=list)  # in the order of the basis

    @property
    def ranking(self) -> list[int]:
        """Row numbers, the highest score first."""
        return [one.row for one in sorted(self.rows, key=lambda one: -one.score)]

    def save(self, path: Path) -> None:
        """Write the whole file or none."""
        plain = {"format": FORMAT} | dataclasses.asdict(self)
        with whole(path) as partial:
            partial.write_text(json.dumps(plain, indent=1, allow_nan=False))

    @classmethod
    def load(cls, path: Path) -> "Measures":
        """Read a file; raises `MeasuresError` in a sentence for anything else."""
        if not path.is_file():
            raise MeasuresError(f"no measures at {path}; `directions measure` writes them")
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise MeasuresError(
                f"{path} holds no measures: it has {size >> 20} MiB, they have {MOST_BYTES >> 20} "
                "at most"
            )
        try:
            plain = json.loads(path.read_text())
            if not isinstance(plain, dict) or plain.pop("format", None) != FORMAT:
                raise MeasuresError(f"{path} holds no measures: its format is not {FORMAT}")
            return built(cls, plain, "measures")
        except (OSError, ValueError, TypeError, OverflowError, RecursionError) as error:
            raise MeasuresError(f"{path} is damaged: {error}") from None


def basis_digest(basis: np.ndarray) -> str:
    """SHA-256 of the rows in float32: tells whether measures belong to a basis."""
    return hashlib.sha256(np.ascontiguousarray(basis, dtype=np.float32).tobytes()).hexdigest()
