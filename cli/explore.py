"""`directions explore`: a page with a slider for every direction."""

from pathlib import Path
from typing import Annotated

import typer

from cli import options


def explore(
    ctx: typer.Context,
    file: options.File,
    edit: Annotated[Path | None, typer.Option(help="Start from an edit that was saved.")] = None,
    samples: Annotated[int, typer.Option(min=1, max=64, help="How many samples to show.")] = 8,
    seed: options.Seed = 0,
    reach: options.Reach = None,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port of the page; 0 for any that is free.")
    ] = 8600,
    host: Annotated[
        str, typer.Option(help="Address to listen on; others than this machine can use 0.0.0.0.")
    ] = "127.0.0.1",
    generator: options.Generator = None,
    classes: options.Classes = None,
    truncation: options.Truncation = None,
    slots: options.Slots = None,
    device: options.Device = None,
) -> None:
    """Serve a page on this machine: a slider per direction, a strip of samples, saved edits.

    Example: `directions explore outputs/mug/directions.safetensors`
    """
    from cli import exploring  # torch: over a second, so not on --help
    from directions.explore.state import FARTHEST

    if reach is not None and not 0 < reach <= FARTHEST:
        raise typer.BadParameter(f"reach must be above 0 and at most {FARTHEST:g}, got {reach:g}")
    if edit is not None:
        options.require_absent(ctx, "samples", "seed", "classes", "truncation", "slots")
    exploring.require_page()
    desk = exploring.opened(
        (file, generator, classes, truncation, slots, device, seed), edit, samples, reach
    )
    exploring.serve(desk, host, exploring.free_port(host, port))
