"""Where text goes: results to stdout, everything else to stderr."""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

Item = TypeVar("Item")

out = Console(soft_wrap=True, highlight=False)
if not out.is_terminal:
    out.width = 160  # a file or a pipe has no width; rich would take 80
err = Console(stderr=True, soft_wrap=True, highlight=False)


def silence() -> None:
    """Say nothing but errors: one of several processes speaks for all."""
    out.quiet = err.quiet = True


def progress() -> Progress:
    """The one progress bar style of this program."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[note]}"),
        console=err,
    )


def tracked(frames: Iterable[Item], total: int, description: str) -> Iterator[Item]:
    """Pass items on and count them on a bar."""
    with progress() as bar:
        task = bar.add_task(description, total=total, note="")
        for frame in frames:
            yield frame
            bar.update(task, advance=1)


def result(text: object) -> None:
    """Print one line of the result as it is, without markup."""
    out.print(escape(str(text)))


def note(text: str) -> None:
    """Tell something that is not the result."""
    err.print(escape(text))


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a small table to stdout."""
    grid = Table(title=escape(title), title_justify="left")
    for index, column in enumerate(columns):
        grid.add_column(column, justify="right" if index else "left")
    for row in rows:
        grid.add_row(*map(escape, row))
    out.print(grid)


def as_json(value: object) -> None:
    """Print a result for programs."""
    out.print_json(json.dumps(value))
