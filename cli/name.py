"""`directions name`: names and notes of directions."""

from pathlib import Path
from typing import Annotated

import typer

from cli import console, options


def name(
    path: Annotated[Path, typer.Argument(metavar="FILE", help="A directions file.")],
    row: Annotated[
        int | None, typer.Argument(min=0, help="A direction. [default: print all names]")
    ] = None,
    called: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="What it is called from now on.")
    ] = None,
    note: Annotated[str | None, typer.Option(help="What there is to say of it.")] = None,
    remove: Annotated[bool, typer.Option("--remove", help="Take name and note off.")] = False,
    json: options.AsJson = False,
) -> None:
    """Name a direction, in its file; without a row, print the names.

    Example: `directions name outputs/mug/directions.safetensors 5 rotation`
    """
    from directions.checkpoint import Directions
    from directions.names import named, rewrite, unnamed

    _require_sense(row, called, note, remove)
    learnt = Directions.load(path)
    if row is not None:
        learnt = unnamed(learnt, row) if remove else named(learnt, row, called, note)
        rewrite(path, learnt)
    if json:
        console.as_json({"names": learnt.names, "notes": learnt.notes})
    elif row is not None:
        console.result(learnt.called(row))
    else:
        rows = sorted({*learnt.names, *learnt.notes})
        lines = [[str(r), learnt.names.get(r, ""), learnt.notes.get(r, "")] for r in rows]
        console.table(str(path), ["direction", "name", "note"], lines)


def _require_sense(row: int | None, called: str | None, note: str | None, remove: bool) -> None:
    """Refuse what asks for nothing, or for two things that exclude one another."""
    given = called is not None or note is not None
    if row is None and (given or remove):
        raise typer.BadParameter("say which direction: FILE ROW NAME")
    if row is not None and given == remove:
        raise typer.BadParameter("give a NAME, a --note, or --remove")
