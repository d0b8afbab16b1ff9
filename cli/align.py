"""`directions align`: bring a batch to one coordinate along directions."""

from pathlib import Path
from typing import Annotated

import typer

from cli import options


def align(
    file: options.File,
    picked: Annotated[
        str | None, typer.Option("--direction", "-d", help="Row numbers, such as 5 or 2,5.")
    ] = None,
    coordinate: Annotated[
        int | None, typer.Option(min=0, help="Align to a coordinate axis of z instead.")
    ] = None,
    beside: Annotated[
        str | None,
        typer.Option(help="A coordinate axis to compare with, such as 11, or `closest`."),
    ] = None,
    target: Annotated[float, typer.Option(help="Coordinate to align to.")] = 0.0,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Folder. [default: beside FILE]")
    ] = None,
    samples: options.Samples = 16,
    seed: options.Seed = 0,
    frames: Annotated[int, typer.Option(min=1, help="Frames of the video.")] = 90,
    fps: Annotated[int, typer.Option(min=1, max=120, help="Frames a second.")] = 30,
    generator: options.Generator = None,
    classes: options.Classes = None,
    truncation: options.Truncation = None,
    slots: options.Slots = None,
    batch_size: options.BatchSize = 16,
    device: options.Device = None,
    json: options.AsJson = False,
    overwrite: options.Overwrite = False,
) -> None:
    """Align a batch: z - (z.q) q + c q, before and after (Fig. 7).

    Example: `directions align outputs/mug/directions.safetensors --direction 3`
    """
    from cli import aligning  # torch: over a second, so not on --help

    if (picked is None) == (coordinate is None):
        raise typer.BadParameter("give either --direction or --coordinate")
    work = aligning.opened(
        (file, generator, classes, truncation, slots, device, seed),
        picked, coordinate, beside, target, samples, seed, batch_size,
    )  # fmt: skip
    folder = out or work.subject.folder
    paths = [folder / f"{work.name}.{suffix}" for suffix in ("png", "mp4", "safetensors")]
    options.require_free(paths, overwrite)
    options.folder(folder)
    batches = work.batches()
    work.write(batches, paths, frames, fps)
    work.report(batches, paths, json)
