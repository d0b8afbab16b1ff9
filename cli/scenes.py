"""`directions scenes`: rendered pictures with known factors."""

from pathlib import Path
from typing import Annotated

import typer

from cli import console, options

app = typer.Typer(no_args_is_help=True, help="Render pictures with known factors.")


@app.callback()
def scenes() -> None:
    """Render pictures with known factors."""


@app.command("objects")
def objects(
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder of the set.")],
    count: Annotated[int, typer.Option(min=1, help="Pictures of each of the six classes.")] = 3000,
    size: Annotated[int, typer.Option(min=16, max=512, help="Side in pixels.")] = 64,
    seed: options.Seed = 0,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Processes. [default: all cores]")
    ] = None,
) -> None:
    """Render airplanes, cars, chairs, houses, lamps and mugs; goes on where it stopped.

    Example: `directions scenes objects --out outputs/objects --count 3000`
    """
    from directions.scenes.store import CLASS_NAMES, ScenesConfig, render_objects

    config = ScenesConfig(count=count, side=size, seed=seed)
    with console.progress() as bar:
        task = bar.add_task("rendering", total=count * len(CLASS_NAMES), note="")
        for done in render_objects(out, config, workers):
            bar.update(task, advance=done)
    console.result(out)
