"""`directions render`: directions as a video and a still sheet."""

from pathlib import Path
from typing import Annotated

import typer

from cli import console, options


def render(
    ctx: typer.Context,
    file: Annotated[
        str | None,
        typer.Argument(help="A directions file, or `random`, `coordinates`. Beside an --edit."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", "-o", help=".mp4, .gif, .webp, or .png. [default: walk.mp4 and walk.png]"
        ),
    ] = None,
    edit: Annotated[
        Path | None, typer.Option(help="Make an edit again that `explore` saved: picture or video.")
    ] = None,
    picked: options.Picked = None,
    plane: Annotated[
        str | None, typer.Option(help="Two directions, such as 0,3: a grid over both (.png).")
    ] = None,
    samples: options.Samples = 6,
    seed: options.Seed = 0,
    frames: Annotated[int, typer.Option(help="Frames of one loop.")] = 90,
    fps: Annotated[int, typer.Option(min=1, max=120, help="Frames a second.")] = 30,
    columns: Annotated[int, typer.Option(min=2, help="Amounts in a sheet.")] = 7,
    reach: options.Reach = None,
    generator: options.Generator = None,
    classes: options.Classes = None,
    truncation: options.Truncation = None,
    slots: options.Slots = None,
    batch_size: options.BatchSize = 16,
    device: options.Device = None,
    overwrite: options.Overwrite = False,
) -> None:
    """Show directions: rows walk along one direction each, columns are samples.

    Example: `directions render outputs/mug/directions.safetensors --directions 0-5`
    """
    from cli import remaking, showing  # torch: over a second, so not on --help

    if frames < 1:
        raise typer.BadParameter(f"a video needs at least 1 frame, got {frames}")
    if edit is not None:
        return remaking.remake(ctx, edit, file, out, overwrite)
    if file is None:
        raise typer.BadParameter("give a directions file, or --edit")
    if reach is not None and not 0 < reach < float("inf"):
        raise typer.BadParameter(f"reach must be positive, got {reach:g}")
    show = showing.opened(
        (file, generator, classes, truncation, slots, device, seed),
        picked, plane, reach, samples, seed, batch_size,
    )  # fmt: skip
    paths = show.paths(out)
    options.require_free(paths, overwrite)
    options.folder(paths[0].parent)
    for path in paths:
        if path.suffix == ".png":
            show.write_sheet(path, columns)
        else:
            show.write_video(path, frames, fps)
        console.result(path)
