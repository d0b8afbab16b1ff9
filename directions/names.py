"""Names and notes of directions: put on rows, taken off, and kept when a file is rewritten."""

import dataclasses
from pathlib import Path
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from directions.checkpoint import Directions
from directions.errors import DirectionsError, DirectionsFileError

LONGEST_NAME, LONGEST_NOTE = 40, 400  # characters; a name stands in the margin of pictures
SAME = 0.9  # |cosine| above which a row is still the direction that was named


class Carried(NamedTuple):
    """Names and notes by their new rows, and what could not be kept."""

    names: dict[int, str]
    notes: dict[int, str]
    dropped: list[str]


def named(
    learnt: Directions, row: int, name: str | None = None, note: str | None = None
) -> Directions:
    """Give a row a name, a note, or both; what is None stays as it was.

    Raises `DirectionsError` for a row that is not there and for a text that is empty, too long or
    not one line.
    """
    _require_row(learnt, row)
    names, notes = dict(learnt.names), dict(learnt.notes)
    if name is not None:
        names[row] = _line("name", name, LONGEST_NAME)
    if note is not None:
        notes[row] = _line("note", note, LONGEST_NOTE)
    return dataclasses.replace(learnt, names=names, notes=notes)


def unnamed(learnt: Directions, row: int) -> Directions:
    """Take name and note off a row; raises `DirectionsError` where there are none."""
    _require_row(learnt, row)
    if row not in learnt.names and row not in learnt.notes:
        raise DirectionsError(f"direction {row} has no name to remove")
    names, notes = (
        {one: text for one, text in texts.items() if one != row}
        for texts in (learnt.names, learnt.notes)
    )
    return dataclasses.replace(learnt, names=names, notes=notes)


def rewrite(path: Path, learnt: Directions) -> None:
    """Replace a directions file, whole or not at all."""
    try:
        learnt.save(path)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise DirectionsFileError(f"{path} could not be written: {reason}") from None


def carried(before: Directions, basis: Float[np.ndarray, "directions latent"]) -> Carried:
    """Carry names and notes over to the rows of another basis of the same space.

    Rows may have moved or changed sign: a name goes to the row with the largest |cosine| to the
    one it was given to, if that is above `SAME`, 0.9, and is dropped otherwise. No row can take
    two names, since the rows of either basis are orthonormal.
    """
    names, notes, dropped = {}, {}, []
    for row in sorted({*before.names, *before.notes} & set(range(len(before.basis)))):
        cosines = np.abs(basis @ before.basis[row])
        new = int(cosines.argmax())
        if cosines[new] <= SAME:
            dropped.append(before.called(row))
            continue
        if row in before.names:
            names[new] = before.names[row]
        if row in before.notes:
            notes[new] = before.notes[row]
    return Carried(names, notes, dropped)


class KeptNames:
    """The names in a file that is written again and again while its basis moves.

    Every name stays bound to the vector it was given to, however many writes lie between; names
    that somebody gives meanwhile are taken up.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.source: Directions | None = None
        self.written: tuple[dict[int, str], dict[int, str]] = ({}, {})
        self.dropped: list[str] = []

    def onto(self, basis: Float[np.ndarray, "directions latent"]) -> Carried:
        """The names for the next write, of these rows."""
        found = self._read()
        if found is not None and (found.names, found.notes) != self.written:
            self.source = found
        if self.source is None:
            return Carried({}, {}, [])
        kept = carried(self.source, basis)
        self.written, self.dropped = (kept.names, kept.notes), kept.dropped
        return kept

    def _read(self) -> Directions | None:
        try:
            return Directions.load(self.path) if self.path.exists() else None
        except DirectionsFileError:  # a damaged file has no names; the run must go on
            return None


def _require_row(learnt: Directions, row: int) -> None:
    count = len(learnt.basis)
    if not 0 <= row < count:
        raise DirectionsError(f"no direction {row}; there are directions 0 to {count - 1}")


def _line(what: str, text: str, most: int) -> str:
    line = text.strip()
    if not line or not line.isprintable() or len(line) > most:
        told = f"{len(line)} characters" if line.isprintable() else "one with control characters"
        raise DirectionsError(f"a {what} is one line of 1 to {most} characters, got {told}")
    return line
