"""Which directions there are, in which order they come, and what people call them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from directions.checkpoint import Directions
from directions.errors import DirectionsFileError, MeasuresError
from directions.measures import Measures, basis_digest
from directions.names import named, rewrite, unnamed


@dataclass(frozen=True)
class Book:
    """The rows of a basis: best first where they were measured, else as they lie."""

    learnt: Directions
    path: Path | None  # None where there is no file of the user to keep names in
    measures: Measures | None = None
    complaint: str = ""  # why the measures beside the file are not used

    @classmethod
    def of(cls, learnt: Directions, path: Path | None, where: Path) -> "Book":
        """Open the measures at `where`, if there are any and they are of these directions."""
        if not where.exists():
            return cls(learnt, path)
        try:
            measures = Measures.load(where)
        except MeasuresError as error:
            return cls(learnt, path, complaint=str(error))
        ranked = sorted(measures.ranking) == list(range(len(learnt.basis)))
        if measures.basis != basis_digest(learnt.basis) or not ranked:
            return cls(learnt, path, complaint=f"{where} was measured on other directions")
        return cls(learnt, path, measures)

    @property
    def order(self) -> list[int]:
        """All rows, best first."""
        return self.measures.ranking if self.measures else list(range(len(self.learnt.basis)))

    def name(self, row: int) -> str:
        """What people call a row; empty if nobody has named it."""
        return self.learnt.names.get(row, "")

    def note(self, row: int) -> str:
        """What people say of a row."""
        return self.learnt.notes.get(row, "")

    def description(self, row: int) -> str:
        """What was measured to move along a row, such as "lightness +, size -"."""
        if self.measures is None:
            return ""
        return next(one.description for one in self.measures.rows if one.row == row)

    def found(self, text: str) -> list[int]:
        """The rows whose number is `text`, or whose name, note or description holds its words."""
        words = text.casefold().split()
        return [row for row in self.order if all(self._holds(row, word) for word in words)]

    def _holds(self, row: int, word: str) -> bool:
        texts = (self.name(row), self.note(row), self.description(row))
        return word == str(row) or any(word in text.casefold() for text in texts)

    def renamed(self, row: int, name: str, note: str) -> "Book":
        """Write a name and a note into the file; an empty one is taken out.

        What others wrote there meanwhile is kept. Raises an error of this package for a text that
        no name can be, and if the file now holds other directions.
        """
        if self.path is None:
            raise DirectionsFileError("there is no file of yours to keep names in")
        fresh = Directions.load(self.path)
        if basis_digest(fresh.basis) != basis_digest(self.learnt.basis):
            raise DirectionsFileError(f"{self.path} holds other directions now; open it again")
        if row in fresh.names or row in fresh.notes:
            fresh = unnamed(fresh, row)
        if name.strip() or note.strip():
            fresh = named(fresh, row, name.strip() or None, note.strip() or None)
        rewrite(self.path, fresh)
        return replace(self, learnt=fresh)


def shown(found: Sequence[int], moved: Sequence[int], most: int) -> list[int]:
    """The rows that have a slider: the first that were found, and those that do something."""
    first = list(found[:most])
    return first + [row for row in moved if row not in first]
