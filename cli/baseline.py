"""`directions baseline`: bases by other methods, as directions files."""

from pathlib import Path
from typing import Annotated

import typer

from cli import console, options


def baseline(
    method: Annotated[str, typer.Argument(help="random, coordinates, sefa, ganspace or jacobian.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Directions file to write.")],
    directions: Annotated[
        int | None, typer.Option(min=1, help="Number of directions. [default: dimensions of z]")
    ] = None,
    samples: Annotated[
        int | None,
        typer.Option(min=1, help="Latents. [default: ganspace 1000 + 10 |z|, jacobian 64]"),
    ] = None,
    generator: options.Generator = None,
    classes: options.Classes = None,
    truncation: options.Truncation = None,
    slots: options.Slots = None,
    seed: options.Seed = 0,
    device: options.Device = None,
    overwrite: options.Overwrite = False,
) -> None:
    """Make a basis without the Hessian Penalty, to compare with.

    Example: `directions baseline sefa --class mug --out outputs/sefa.safetensors`
    """
    from cli import bases  # torch: over a second, so not on --help

    options.require_free([out], overwrite)
    made = bases.made(
        method, directions, samples, (generator, classes, truncation), slots, seed, device
    )
    options.folder(out.parent)
    made.save(out)
    console.result(out)
