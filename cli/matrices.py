"""`directions import` and `directions export`: matrices of other tools."""

from pathlib import Path
from typing import Annotated

import typer

from cli import console, options
from directions.config import SubSpace


def import_matrix(
    path: Annotated[
        Path, typer.Argument(help="A .pt, .npy or .npz file of one matrix, or a folder of them.")
    ],
    out: Annotated[
        Path, typer.Option("--out", "-o", help="Directions file to write; for a folder, a folder.")
    ],
    generator: options.Generator = None,
    classes: options.Classes = None,
    truncation: options.Truncation = None,
    space: Annotated[
        SubSpace | None,
        typer.Option(help="Third of z that a 40-column matrix is for. [default: by its name]"),
    ] = None,
    overwrite: options.Overwrite = False,
) -> None:
    """Read matrices of other tools, orthogonalise their rows, and write directions files.

    The files that the paper's authors publish get their class, names and reach by file name.

    Example: `directions import our_goldens.pt --generator biggan-pytorch:FOLDER -o a.safetensors`
    """
    from cli import importing  # torch: over a second, so not on --help

    sources = importing.sources(path, out)
    options.require_free(list(sources.values()), overwrite)
    read = importing.read(list(sources), generator, classes, truncation, space)
    for target, directions in zip(sources.values(), read, strict=True):
        options.folder(target.parent)
        directions.save(target)
        console.result(target)


def export_matrix(
    file: options.DirectionsFile,
    out: Annotated[Path, typer.Option("--out", "-o", help=".pt, .npy or .npz (GANSpace).")],
    space: Annotated[
        SubSpace | None, typer.Option(help="Only the 40 columns of this third of z.")
    ] = None,
    overwrite: options.Overwrite = False,
) -> None:
    """Write a basis as a bare matrix that other tools read.

    Example: `directions export outputs/mug/directions.safetensors --out mug.pt`
    """
    from directions.checkpoint import Directions
    from directions.hub import local_path
    from directions.matrices import exported_rows, require_matrix, write_matrix

    require_matrix(out)
    options.require_free([out], overwrite)
    path = local_path(file)
    rows = exported_rows(Directions.load(path), path, space)
    options.folder(out.parent)
    write_matrix(out, rows)
    console.result(out)
