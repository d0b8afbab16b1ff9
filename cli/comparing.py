"""What `compare` does between reading its options and printing its table."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from cli import console, measuring
from cli.opening import BASELINES
from directions.checkpoint import Directions
from directions.comparison import COLUMNS, markdown, scores
from directions.errors import RunError
from directions.files import whole
from directions.hub import local_path, measures_path
from directions.measures import Measures, basis_digest

FORMS = (".csv", ".md")


def compare(
    files: Sequence[str], out: Path | None, seed: int, device: str | None, json: bool
) -> None:
    """Measure what has not been measured, then print every basis on a line."""
    lines = {file: scores(_measures(file, seed, device)) for file in files}
    used = [name for name in COLUMNS if any(name in line for line in lines.values())]
    rows = [
        [file, *(f"{line[name]:.3g}" if name in line else "" for name in used)]
        for file, line in lines.items()
    ]
    if json:
        console.as_json(lines)
    else:
        console.table("Bases side by side", ["basis", *used], rows)
        for name in used:
            console.note(f"{name}: {COLUMNS[name]}")
    if out is not None:
        _write(out, ["basis", *used], rows)
        console.result(out)


def _measures(file: str, seed: int, device: str | None) -> Measures:
    """The measures beside a file if they are its own, of this seed; else new ones, kept there."""
    kept = None if file in BASELINES else measures_path(file)
    if kept is not None and kept.is_file():
        found = Measures.load(kept)
        own = found.basis == basis_digest(Directions.load(local_path(file)).basis)
        if own and found.settings.get("seed") == seed:
            return found
    console.note(f"measuring {file}")
    work = measuring.opened((file, None, None, None, None, device, seed), [], {"seed": seed})
    found = work.measured()
    if kept is not None:
        kept.parent.mkdir(parents=True, exist_ok=True)
        measuring.save(found, kept)
    return found


def _write(path: Path, header: list[str], rows: list[list[str]]) -> None:
    if path.suffix == ".md":
        text = markdown(header, rows)
    else:
        buffer = io.StringIO()
        csv.writer(buffer, lineterminator="\n").writerows([header, *rows])
        text = buffer.getvalue()
    try:
        with whole(path) as partial:
            partial.write_text(text)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise RunError(f"measured, but {path} could not be written: {reason}") from None
