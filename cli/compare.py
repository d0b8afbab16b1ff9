"""`directions compare`: several bases side by side."""

from pathlib import Path
from typing import Annotated

import typer

from cli import options


def compare(
    files: Annotated[
        list[str],
        typer.Argument(metavar="FILE", help="Directions files, or baselines by name."),
    ],
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Also write the table (.csv or .md).")
    ] = None,
    seed: options.Seed = 0,
    device: options.Device = None,
    json: options.AsJson = False,
    overwrite: options.Overwrite = False,
) -> None:
    """Put the measures of bases side by side; what has not been measured is measured first.

    Example: `directions compare outputs/mug/directions.safetensors sefa.safetensors`
    """
    from cli import comparing  # torch: over a second, so not on --help

    if out is not None:
        if out.suffix not in comparing.FORMS:
            raise typer.BadParameter(f"cannot write '{out.suffix or out.name}'; use .csv or .md")
        options.require_free([out], overwrite)
        options.folder(out.parent)
    comparing.compare(files, out, seed, device, json)
