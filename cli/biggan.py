"""`directions biggan`: train and judge the embedded generator."""

from pathlib import Path
from typing import Annotated

import typer

from cli import console, options
from directions.generators.biggan.training.config import BigGANTrainConfig

app = typer.Typer(no_args_is_help=True, help="Train and judge a small BigGAN-deep.")
Scenes = Annotated[Path, typer.Argument(help="A folder that `scenes objects` rendered.")]


@app.command("train")
def train(
    scenes: Scenes,
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder of the run.")],
    steps: Annotated[
        int, typer.Option(min=1, help="Steps of both networks.")
    ] = BigGANTrainConfig.steps,
    latent_dim: Annotated[
        int, typer.Option(min=1, help="Dimensions of z.")
    ] = BigGANTrainConfig.latent_dim,
    seed: options.Seed = 0,
    save_every: Annotated[int, typer.Option(min=1, help="Steps between saves.")] = 500,
    sheet_every: Annotated[int, typer.Option(min=1, help="Steps between sheets.")] = 1000,
) -> None:
    """Train on rendered pictures; run it again to go on. OUT can then be a --generator.

    Example: `directions biggan train outputs/objects --out outputs/biggan`
    """
    from cli import training

    training.train(scenes, out, steps, latent_dim, seed, save_every, sheet_every)
    console.result(out)


@app.command("factors")
def factors(
    scenes: Scenes,
    out: Annotated[Path, typer.Option("--out", "-o", help="File to write (.safetensors).")],
    steps: Annotated[int, typer.Option(min=10, help="Steps of training.")] = 3000,
    seed: options.Seed = 0,
    overwrite: options.Overwrite = False,
) -> None:
    """Train the network that reads class and factors off a picture.

    Example: `directions biggan factors outputs/objects --out outputs/factors.safetensors`
    """
    from cli import training

    options.require_free([out], overwrite)
    options.folder(out.parent)
    training.train_factors(scenes, out, steps, seed)
    console.result(out)


@app.command("measure")
def measure(
    generator: options.Generator = None,
    network: Annotated[
        Path | None, typer.Option("--factors", help="A factor network. [default: the shipped one]")
    ] = None,
    samples: Annotated[int, typer.Option(min=2, help="Pictures of each class.")] = 500,
    sheet: Annotated[Path | None, typer.Option(help="Also write a sheet (.png).")] = None,
    seed: options.Seed = 0,
    json: options.AsJson = False,
) -> None:
    """Print how often the classes are recognised and how far the factors spread.

    Example: `directions biggan measure --samples 500`
    """
    from cli import training

    training.measure(generator, network, samples, sheet, seed, json)
