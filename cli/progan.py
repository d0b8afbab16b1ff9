"""`directions progan`: train ProGANs with the Hessian Penalty, and look at their components."""

from pathlib import Path
from typing import Annotated

import typer

from cli import console, options, progan_measure, reproduce
from directions.config import Precision
from directions.progan.config import Reduction

app = typer.Typer(no_args_is_help=True, help="Train a ProGAN with the Hessian Penalty.")
Run = Annotated[Path, typer.Argument(help="The folder of a run.")]
Normalised = Annotated[
    bool,
    typer.Option("--normalised", help="Keep latents on their sphere, as in training."),
]
Extent = Annotated[float, typer.Option(min=0.01, help="Components run from -EXTENT to EXTENT.")]


@app.command("train")
def train(
    data: Annotated[Path, typer.Argument(help="A folder or zip of pictures, or a packed file.")],
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Folder of a new run.")] = None,
    resume: Annotated[Path | None, typer.Option(help="Go on with the run in this folder.")] = None,
    preset: Annotated[
        str | None,
        typer.Option(
            help="Settings by name: small, or such as clevr-simple/hessian. [default: small]"
        ),
    ] = None,
    finetune: Annotated[
        Path | None, typer.Option(help="Begin with the networks of the run in this folder.")
    ] = None,
    hessian_penalty: Annotated[
        float | None,
        typer.Option(help="Lambda, for the variance over k - 1; the authors' 0.1 is 0.05 here."),
    ] = None,
    ramp: Annotated[
        int | None, typer.Option(help="Pictures over which lambda rises from zero.")
    ] = None,
    layers: Annotated[
        str | None,
        typer.Option(help="Layers to penalise, such as 1-10. [default: below the last side]"),
    ] = None,
    reduction: Annotated[
        Reduction | None,
        typer.Option(help="A layer's penalty: its maximum, or its mean. [default: max]"),
    ] = None,
    probes: Annotated[
        int | None, typer.Option(help="Rademacher vectors a sample. [default: 2]")
    ] = None,
    epsilon: Annotated[
        float | None, typer.Option(help="Step of the differences. [default: 0.1]")
    ] = None,
    infogan: Annotated[
        int | None, typer.Option(help="Entries of z that a head reads off the pictures.")
    ] = None,
    latent_dim: Annotated[int | None, typer.Option(help="Dimensions of z.")] = None,
    resolution: Annotated[int | None, typer.Option(help="Pixels a side, once grown.")] = None,
    images: Annotated[int | None, typer.Option(help="Pictures to train on, in all.")] = None,
    shards: Annotated[
        int | None, typer.Option(help="Parts of a batch, each with its own maximum.")
    ] = None,
    precision: Annotated[
        Precision | None, typer.Option(help="Of all passes but the penalty's.")
    ] = None,
    seed: Annotated[
        int | None, typer.Option(min=0, help="Everything random follows from this.")
    ] = None,
    save_every: Annotated[float, typer.Option(min=1, help="Seconds between saves.")] = 120,
    sheet_every: Annotated[int, typer.Option(min=1, help="Pictures between sheets.")] = 20_000,
    device: options.Device = None,
    tensorboard: options.Tensorboard = False,
    overwrite: options.Overwrite = False,
) -> None:
    """Train from scratch, go on, or fine-tune; RUN can then be a --generator.

    Example: `directions progan train outputs/clevr-1fov --out outputs/progan`
    """
    from cli import growing  # torch: over a second, so not on --help
    from cli.learn import stoppable
    from directions import parallel

    wanted = growing.Wanted(
        preset,
        growing.given(latent_dim=latent_dim, resolution=resolution, codes=infogan),
        growing.given(
            weight=hessian_penalty, ramp=ramp, reduction=reduction, probes=probes, epsilon=epsilon,
            layers=growing.layer_numbers(layers),
        ),
        growing.given(images=images, shards=shards, precision=precision, seed=seed),
    )  # fmt: skip
    with parallel.together(options.device(device)) as where, stoppable() as caught:
        if not parallel.first():
            console.silence()
        run = growing.opened(data, wanted, out, resume, finetune, overwrite, where)
        stopped = growing.Shown(run, sheet_every, tensorboard).train(caught, save_every)
    if stopped:
        console.note(f"stopped at picture {run.trainer.images}; go on with --resume {run.folder}")
        raise typer.Exit(130)
    console.result(run.folder)


@app.command("sample")
def sample(
    run: Run,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="A .png. [default: samples.png in the run]")
    ] = None,
    count: Annotated[int, typer.Option(min=1, help="How many samples.")] = 64,
    seed: options.Seed = 0,
    device: options.Device = None,
    overwrite: options.Overwrite = False,
) -> None:
    """Write a sheet of samples of the averaged generator.

    Example: `directions progan sample outputs/progan --count 64`
    """
    from cli import growing
    from directions.video import write_png

    path = out or run / "samples.png"
    growing.require_png(path)
    options.require_free([path], overwrite)
    found = growing.components(run, False, seed, options.device(device))
    options.folder(path.parent)
    write_png(path, growing.samples(found.generator, count, seed, found.device))
    console.result(path)


@app.command("render")
def render(
    run: Run,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Folder of the results. [default: the run]")
    ] = None,
    plane: Annotated[
        str | None, typer.Option(help="Two components, such as 6,2: a grid over both instead.")
    ] = None,
    samples: options.Samples = 8,
    columns: Annotated[int, typer.Option(min=2, help="Values in a sheet.")] = 9,
    extent: Extent = 2.0,
    judged: Annotated[int, typer.Option(min=1, help="Samples to measure activeness on.")] = 300,
    frames: Annotated[int, typer.Option(min=1, help="Frames of one loop.")] = 90,
    fps: Annotated[int, typer.Option(min=1, max=120, help="Frames a second.")] = 30,
    normalised: Normalised = False,
    seed: options.Seed = 0,
    device: options.Device = None,
    overwrite: options.Overwrite = False,
) -> None:
    """Sweep every component, sorted by how much it does: a sheet and a video.

    Example: `directions progan render outputs/progan --samples 6`
    """
    from cli import growing
    from directions.video import write_png

    folder = out or run
    names = ["plane.png"] if plane else ["components.png", "components.mp4"]
    paths = [folder / name for name in names]
    options.require_free(paths, overwrite)
    found = growing.components(run, normalised, seed, options.device(device))
    pair = growing.pair_of(plane, found.generator.latent_dim) if plane else None
    options.folder(folder)
    if pair:
        write_png(paths[0], found.plane(pair, columns, extent))
    else:
        found.rank(judged)
        write_png(paths[0], found.sheet(columns, extent))
        found.write_video(paths[1], samples, frames, fps, extent)
    for path in paths:
        console.result(path)


app.command("measure")(progan_measure.measure)
app.command("hessians")(progan_measure.hessians)
app.command("reproduce")(reproduce.reproduce)
