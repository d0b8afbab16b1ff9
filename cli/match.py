"""`directions match`: which direction of one file is which of another."""

from pathlib import Path
from typing import Annotated

import typer

from cli import options


def match(
    files: Annotated[
        list[str], typer.Argument(help="Two or more directions files, or names on the hub.")
    ],
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Also draw every |cosine| (.png).")
    ] = None,
    json: options.AsJson = False,
    overwrite: options.Overwrite = False,
) -> None:
    """Pair the directions of the first file with those of every other, up to order and sign.

    Example: `directions match mug.safetensors car.safetensors --out match.png`
    """
    from cli import bases

    if len(files) < 2:
        raise typer.BadParameter("a matching takes two files or more")
    if out is not None:
        options.require_free([out], overwrite)
        options.folder(out.parent)
    bases.match(files, out, json)
