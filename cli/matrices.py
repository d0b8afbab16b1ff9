"""`directions import`: matrices of other tools as directions files."""

from pathlib import Path
from typing import Annotated

import typer

from cli import console, options


def import_matrix(
    path: Annotated[Path, typer.Argument(help="A .pt file holding one bare matrix.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Directions file to write.")],
    generator: options.Generator = None,
    classes: options.Classes = None,
    truncation: options.Truncation = None,
    space: Annotated[
        str | None, typer.Option(help="coarse, mid or fine, for a 40 x 40 matrix.")
    ] = None,
    overwrite: options.Overwrite = False,
) -> None:
    """Read a raw matrix A, orthogonalise its rows, and write a directions file.

    Example: `directions import our_goldens.pt --generator FOLDER --out goldens.safetensors`
    """
    from directions.checkpoint import Directions
    from directions.generators.biggan.sources import EMBEDDED
    from directions.generators.open import open_generator
    from directions.matrices import SubSpace, imported_basis, read_matrix

    if space is not None and space not in set(SubSpace):
        raise typer.BadParameter(f"no sub-space '{space}'; there are coarse, mid and fine")
    options.require_free([out], overwrite)
    matrix = read_matrix(path)
    opened = open_generator(
        generator or EMBEDDED, classes or (), 1.0 if truncation is None else truncation
    )
    identity = opened.identity
    basis = imported_basis(matrix, identity.latent_dim, SubSpace(space) if space else None)
    options.folder(out.parent)
    Directions(basis=basis.numpy(), identity=identity, note=f"imported from {path.name}").save(out)
    console.result(out)
