"""An edit: everything it takes to make the same pictures again, as a small JSON. Free of torch.

    explore --save--> edit-1.json --load--> Edit --strip--> edit-1.png, edit-1.mp4

A direction is either moved by an amount or aligned to a coordinate, both in units of z.
"""

import dataclasses
import json
import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from directions.errors import EditError
from directions.files import whole
from directions.hub import PREFIX, Shared
from directions.identity import Identity

FORMAT = "directions-edit/1"
LARGEST = 2**20  # bytes; an edit of 128 directions and a hundred samples has under ten thousand
MOST_SAMPLES = 64


@dataclass(frozen=True, order=True)
class Sample:
    """One latent: the `number`-th of a seed, as `seeded_latents` draws it."""

    seed: int
    number: int


@dataclass(frozen=True, kw_only=True)
class Point:
    """One picture: a sample under a class, moved and aligned along directions."""

    sample: Sample
    label: int | None  # None for a generator without classes
    truncation: float | None
    slots: tuple[int, int] | None  # first and last; None for all
    amounts: tuple[tuple[int, float], ...]  # row, how far it is moved
    aligned: tuple[tuple[int, float], ...]  # row, the coordinate it is brought to


@dataclass(frozen=True, kw_only=True)
class Edit:
    """A strip of samples and what is done to them. Sample i has label i modulo their number."""

    source: str  # name of the directions file, of a baseline, or on the hub
    basis: str  # `basis_digest` of all its rows
    generator: str
    weights: str  # SHA-256, as in Identity
    samples: tuple[Sample, ...]
    labels: tuple[int, ...] = ()
    truncation: float | None = None
    slots: tuple[int, int] | None = None  # first and last slot that is edited; None for all
    amounts: dict[int, float] = field(default_factory=dict)
    aligned: dict[int, float] = field(default_factory=dict)

    @property
    def slot_range(self) -> range | None:
        """The slots that are edited, or None for all."""
        return None if self.slots is None else range(self.slots[0], self.slots[1] + 1)

    @property
    def points(self) -> tuple[Point, ...]:
        """The pictures of the strip, from left to right."""
        return self._points(self.amounts, self.aligned)

    @property
    def before(self) -> tuple[Point, ...]:
        """The same samples without an edit."""
        return self._points({}, {})

    def _points(self, amounts: dict[int, float], aligned: dict[int, float]) -> tuple[Point, ...]:
        return tuple(
            Point(
                sample=sample,
                label=self.labels[index % len(self.labels)] if self.labels else None,
                truncation=self.truncation,
                slots=self.slots if amounts or aligned else None,
                amounts=tuple(sorted(amounts.items())),
                aligned=tuple(sorted(aligned.items())),
            )
            for index, sample in enumerate(self.samples)
        )

    def save(self, path: Path) -> None:
        """Write the whole file or none."""
        plain = {"format": FORMAT} | dataclasses.asdict(self)
        with whole(path) as partial:
            partial.write_text(json.dumps(plain, indent=1, allow_nan=False) + "\n")

    @classmethod
    def load(cls, path: Path) -> "Edit":
        """Read a file strictly; raises `EditError` in a sentence for anything else."""
        if not path.is_file():
            raise EditError(f"no edit at {path}; `directions explore` saves one")
        try:
            if path.stat().st_size > LARGEST:
                raise EditError(f"{path} is too large for an edit: over {LARGEST >> 20} MiB")
            plain = json.loads(path.read_text())
        except (OSError, ValueError, RecursionError) as error:
            raise EditError(f"{path} is damaged: {error}") from None
        if not isinstance(plain, dict) or plain.pop("format", None) != FORMAT:
            raise EditError(f"{path} is no edit: its format is not {FORMAT}")
        try:
            return cls(**_read(plain))
        except (ValueError, TypeError, OverflowError) as error:
            raise EditError(f"{path} is damaged: {error}") from None

    def require_match(self, basis: str, rows: int, identity: Identity, path: Path) -> None:
        """Refuse directions or a network that the edit was not made with."""
        # A generator without weights to show is known by its name alone.
        if self.weights != identity.weights or (
            not self.weights and self.generator != identity.generator
        ):
            mine, theirs = (
                f"{one.generator} (weights {one.weights[:8] or 'unknown'})"
                for one in (self, identity)
            )
            raise EditError(f"{path} was made on {mine}, not {theirs}")
        unknown = [row for row in (*self.amounts, *self.aligned) if row >= rows]
        if unknown:
            raise EditError(
                f"{path} moves direction {unknown[0]}; there are directions 0 to {rows - 1}"
            )
        if self.basis != basis:
            raise EditError(
                f"{path} was made with other directions (digest {self.basis[:8]}, not "
                f"{basis[:8]}); give the {self.source} it was made with"
            )
        if self.slots is not None and self.slots[1] >= identity.slots:
            raise EditError(
                f"{path} edits slots {self.slots[0]}-{self.slots[1]}; "
                f"{identity.generator} has slots 0 to {identity.slots - 1}"
            )


def _read(plain: dict[str, Any]) -> dict[str, Any]:
    """The fields of an edit with their types; raises ValueError for anything else."""
    fields = [one.name for one in dataclasses.fields(Edit)]
    if odd := sorted(set(plain) ^ set(fields)):
        raise ValueError(f"'{odd[0]}' is {'missing' if odd[0] in fields else 'unknown'}")
    texts = ("source", "basis", "generator", "weights")
    read: dict[str, Any] = {name: _text(plain[name], name) for name in texts}
    source = read["source"]
    if source.startswith(PREFIX):
        Shared.parsed(source)
    elif Path(source).name != source:
        raise ValueError(f"source must be the name of a file, got '{source}'")
    read |= {
        "samples": tuple(_sample(one) for one in _list(plain["samples"], "samples")),
        "labels": tuple(_count(one, "a label") for one in _list(plain["labels"], "labels")),
        "slots": _slots(plain["slots"]),
        "truncation": _truncation(plain["truncation"]),
        "amounts": _by_row(plain["amounts"], "amounts"),
        "aligned": _by_row(plain["aligned"], "aligned"),
    }
    if not 1 <= len(read["samples"]) <= MOST_SAMPLES:
        raise ValueError(f"an edit has 1 to {MOST_SAMPLES} samples, got {len(read['samples'])}")
    if both := sorted(set(read["amounts"]) & set(read["aligned"])):
        raise ValueError(f"direction {both[0]} is both moved and aligned")
    return read


def _text(value: object, name: str) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{name} must be a text, got {value!r:.40}")
    return value


def _list(value: object, name: str) -> list:
    if not isinstance(value, list):
        raise ValueError(f"{name} must be a list, got {value!r:.40}")
    return value


def _count(value: object, name: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**32:
        raise ValueError(f"{name} must be a whole number from 0, got {value!r:.40}")
    return value


def _number(value: object, name: str) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value):
        raise ValueError(f"{name} must be a number, got {value!r:.40}")
    return float(value)


def _sample(value: object) -> Sample:
    if not isinstance(value, dict) or set(value) != {"seed", "number"}:
        raise ValueError(f"a sample has a seed and a number, got {value!r:.40}")
    return Sample(_count(value["seed"], "a seed"), _count(value["number"], "a sample's number"))


def _slots(value: object) -> tuple[int, int] | None:
    if value is None:
        return None
    if not isinstance(value, list) or len(value) != 2:
        raise ValueError(f"slots are a first and a last, got {value!r:.40}")
    first, last = (_count(one, "a slot") for one in value)
    if first > last:
        raise ValueError(f"slots go from the first to the last, got {first}-{last}")
    return first, last


def _truncation(value: object) -> float | None:
    if value is not None and not 0 < _number(value, "truncation") <= 1:
        raise ValueError(f"truncation must be above 0 and at most 1, got {value}")
    return None if value is None else _number(value, "truncation")


def _by_row(value: object, name: str) -> dict[int, float]:
    if not isinstance(value, dict):
        raise ValueError(f"{name} must go by direction, got {value!r:.40}")
    for row in value:
        if not row.isascii() or not row.isdigit() or str(int(row[:6])) != row:
            raise ValueError(f"{name}: '{row:.40}' is no number of a direction")
    return {int(row): _number(one, f"{name} of {row}") for row, one in value.items()}
