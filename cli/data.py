"""`directions data`: pictures to train on, packed."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli import console, options

if TYPE_CHECKING:
    from directions.data.sources import Source

NAMED = 20  # skipped pictures that are told by name

app = typer.Typer(no_args_is_help=True, help="Pack pictures to train on.")

Out = Annotated[Path, typer.Option("--out", "-o", help="File to write (.safetensors).")]


@app.command("pack")
def pack(
    source: Annotated[Path, typer.Argument(help="A folder, a zip, or what `scenes` rendered.")],
    out: Out,
    size: Annotated[
        int | None,
        typer.Option(help="Side in pixels, a power of two. [default: that of rendered pictures]"),
    ] = None,
    overwrite: options.Overwrite = False,
) -> None:
    """Crop pictures about their centre, resize them, and write one file that trains fast.

    Example: `directions data pack photos --out outputs/photos.safetensors --size 64`
    """
    from directions.data.sources import open_source

    options.require_free([out], overwrite)
    _pack(open_source(source), out, size)


@app.command("edges-shoes")
def edges_shoes(
    folder: Annotated[Path, typer.Argument(help="The unpacked edges2shoes of pix2pix.")],
    out: Out,
    size: Annotated[int, typer.Option(help="Side in pixels, a power of two.")] = 128,
    seed: options.Seed = 0,
    overwrite: options.Overwrite = False,
) -> None:
    """Pack both halves of every pair, edges and shoes, mixed: the paper's Edges+Shoes.

    Example: `directions data edges-shoes edges2shoes --out outputs/edges-shoes.safetensors`
    """
    from directions.data.pairs import edges_and_shoes

    options.require_free([out], overwrite)
    _pack(edges_and_shoes(folder, seed), out, size)


def _pack(source: "Source", out: Path, size: int | None) -> None:
    from directions.data import packed

    side = packed.side_of(source, size)
    options.folder(out.parent)
    work = console.tracked(packed.pack(source, out, side), source.count, "packing")
    tell_skipped([one for one in work if one], source.count)
    console.result(out)


def tell_skipped(skipped: list, count: int) -> None:
    """Name what was left out, and why; the first few of many."""
    if skipped:
        console.note(f"skipped {len(skipped)} of {count}:")
    for name, reason in skipped[:NAMED]:
        console.note(f"  {name}: {reason}")
    if len(skipped) > NAMED:
        console.note(f"  and {len(skipped) - NAMED} more")
