"""What `import` does between reading its options and writing its files."""

from functools import cache
from pathlib import Path

from directions.checkpoint import Directions
from directions.config import SubSpace
from directions.generators.biggan.sources import EMBEDDED
from directions.generators.open import Opened, open_generator
from directions.matrices import imported, matrices_at
from directions.published import PUBLISHED


def sources(path: Path, out: Path) -> dict[Path, Path]:
    """Every matrix and the directions file that it becomes."""
    if not path.is_dir():
        return {path: out}
    return {file: out / f"{file.stem}.safetensors" for file in matrices_at(path)}


def read(
    paths: list[Path],
    generator: str | None,
    classes: list[str] | None,
    truncation: float | None,
    space: SubSpace | None,
) -> list[Directions]:
    """Read all of them before any is written; a published one is of its own class by default."""

    @cache
    def opened(labels: tuple[str, ...]) -> Opened:
        return open_generator(
            generator or EMBEDDED, labels, 1.0 if truncation is None else truncation
        )

    found = []
    for path in paths:
        known = PUBLISHED.get(path.stem)
        own = (str(known.label),) if known is not None and known.label is not None else ()
        to = opened(tuple(classes or own))
        one = imported(path, to.generators[0], space)
        found.append(
            Directions(
                basis=one.basis.numpy(), identity=to.identity, slots=one.slots, reach=one.reach,
                names=one.names, note=one.note,
            )
        )  # fmt: skip
    return found
