"""`directions scenes`: rendered pictures with known factors."""

from pathlib import Path
from typing import Annotated

import typer

from cli import console, options

app = typer.Typer(no_args_is_help=True, help="Render pictures with known factors.")

Out = Annotated[Path, typer.Option("--out", "-o", help="Folder of the set.")]
Count = Annotated[int, typer.Option(min=1, help="Pictures.")]
Size = Annotated[int, typer.Option(min=16, max=512, help="Side in pixels.")]
Workers = Annotated[int | None, typer.Option(min=1, help="Processes. [default: all cores]")]


@app.callback()
def scenes() -> None:
    """Render pictures with known factors."""


@app.command("objects")
def objects(
    out: Out,
    count: Annotated[int, typer.Option(min=1, help="Pictures of each of the six classes.")] = 3000,
    size: Size = 64,
    seed: options.Seed = 0,
    workers: Workers = None,
) -> None:
    """Render airplanes, cars, chairs, houses, lamps and mugs; goes on where it stopped.

    Example: `directions scenes objects --out outputs/objects --count 3000`
    """
    _render("objects", out, count, size, seed, workers)


@app.command("clevr-simple")
def clevr_simple(
    out: Out, count: Count = 10_000, size: Size = 128, seed: options.Seed = 0,
    workers: Workers = None,
) -> None:  # fmt: skip
    """Render one object: its colour, its shape and where it stands; goes on where it stopped.

    Example: `directions scenes clevr-simple --out outputs/simple --count 2000 --size 64`
    """
    _render("clevr-simple", out, count, size, seed, workers)


@app.command("clevr-1fov")
def clevr_one_factor(
    out: Out, count: Count = 10_000, size: Size = 128, seed: options.Seed = 0,
    workers: Workers = None,
) -> None:  # fmt: skip
    """Render a red cube that moves along one axis; goes on where it stopped.

    Example: `directions scenes clevr-1fov --out outputs/1fov --count 2000 --size 64`
    """
    _render("clevr-1fov", out, count, size, seed, workers)


@app.command("clevr-complex")
def clevr_complex(
    out: Out, count: Count = 10_000, size: Size = 128, seed: options.Seed = 0,
    workers: Workers = None,
) -> None:  # fmt: skip
    """Render two objects: colour, shape, size and place of each; goes on where it stopped.

    Example: `directions scenes clevr-complex --out outputs/complex --count 2000 --size 64`
    """
    _render("clevr-complex", out, count, size, seed, workers)


def _render(name: str, out: Path, count: int, size: int, seed: int, workers: int | None) -> None:
    from directions.scenes.store import KINDS, ScenesConfig, render_scenes

    config = ScenesConfig(name=name, count=count, side=size, seed=seed)
    with console.progress() as bar:
        task = bar.add_task("rendering", total=count * len(KINDS[name].classes), note="")
        for done in render_scenes(out, config, workers):
            bar.update(task, advance=done)
    console.result(out)
