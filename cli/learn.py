"""`directions learn`: from a generator to a directions file."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from cli import console, options
from directions.config import PAPER, Precision, Solver, SubSpace


def learn(
    generator: options.Generator = None,
    classes: options.Classes = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Folder of the run. [default: outputs/NAME]")
    ] = None,
    resume: Annotated[Path | None, typer.Option(help="Go on with the run in this folder.")] = None,
    solver: Annotated[
        Solver, typer.Option(help="Diagonalise Hessians, or descend as the paper does.")
    ] = Solver.closed_form,
    directions: Annotated[
        int | None, typer.Option(min=1, help="Number of directions. [default: dimensions of z]")
    ] = None,
    steps: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Latents, or Adam's steps. [default: 64; above 32 dimensions 24; adam 50000]",
        ),
    ] = None,
    batch_size: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Pictures in a pass, or Adam's samples in a step. [default: 32 or 8; adam 96]",
        ),
    ] = None,
    micro_batch: Annotated[
        int | None, typer.Option(min=1, help="Adam: samples in one pass, if a batch does not fit.")
    ] = None,
    learning_rate: Annotated[
        float | None, typer.Option(help="Adam: its rate. [default: 0.01]")
    ] = None,
    reach: options.Reach = None,
    epsilon: Annotated[float, typer.Option(help="Step of the differences.")] = PAPER.epsilon,
    probes: Annotated[
        int | None, typer.Option(help="Adam: Rademacher vectors a sample. [default: 2]")
    ] = None,
    projections: Annotated[
        int | None,
        typer.Option(min=1, help="Closed form: random projections of the picture, not all of it."),
    ] = None,
    start: Annotated[
        str, typer.Option(help="Adam: random, coordinates, or a directions file.")
    ] = PAPER.start,
    precision: Annotated[
        Precision, typer.Option(help="What a BigGAN computes with.")
    ] = PAPER.precision,
    penalise: Annotated[
        str,
        typer.Option(help="What the penalty looks at: image, features (deep), or block-N."),
    ] = PAPER.penalise,
    compile_first: Annotated[
        bool, typer.Option("--compile", help="Compile the generator first; needs a toolchain.")
    ] = False,
    slots: options.Slots = None,
    search_space: Annotated[
        SubSpace | None,
        typer.Option(help="Learn in a third of z only, where it enters in six chunks."),
    ] = None,
    truncation: options.Truncation = None,
    seed: options.Seed = PAPER.seed,
    save_every: Annotated[
        int, typer.Option(min=1, help="Most steps between saves; a minute at most.")
    ] = 100,
    held_out: Annotated[
        int, typer.Option(min=1, help="Unseen latents to judge the basis and its baselines on.")
    ] = 512,
    device: options.Device = None,
    tensorboard: options.Tensorboard = False,
    overwrite: options.Overwrite = False,
) -> None:
    """Learn orthonormal directions by the Hessian Penalty alone.

    Example: `directions learn --class mug --out outputs/mug`
    """
    from cli import running  # torch: over a second, so not on --help
    from directions import parallel

    if slots and search_space:
        raise typer.BadParameter("give --slots or --search-space, not both")
    given = {
        name: value
        for name, value in {
            "directions": directions, "steps": steps, "batch_size": batch_size,
            "micro_batch": micro_batch, "learning_rate": learning_rate, "reach": reach,
            "epsilon": epsilon, "probes": probes, "projections": projections,
            "penalise": penalise, "seed": seed,
        }.items()
        if value is not None
    }  # fmt: skip
    with parallel.together(options.device(device)) as where:
        if not parallel.first():
            console.silence()
        request = running.Request(
            generator, classes, truncation, slots, search_space, start, given, where,
            precision, solver, compile_first,
        )  # fmt: skip
        run = (
            running.resumed(resume, steps, where, compile_first)
            if resume
            else running.started(request, out, overwrite)
        )
        with stoppable() as caught, console.progress() as bar:
            stopped = run.learn(bar, save_every, tensorboard, caught)
        for gone in run.kept_names.dropped:
            console.note(f"no row is close to direction {gone} any more; its name is dropped")
        if stopped:
            console.note(f"stopped at step {run.learner.number}; go on with --resume {run.folder}")
            raise typer.Exit(130)
        with console.progress() as bar:
            scores = run.judged(bar, held_out)
    running.report(scores)
    console.result(run.path)


@contextmanager
def stoppable() -> Iterator[list[int]]:
    """Collect Ctrl-C and SIGTERM instead of dying of them; a second one kills as usual."""
    caught: list[int] = []
    before = {}

    def note(number: int, _frame) -> None:
        caught.append(number)
        signal.signal(number, before[number])

    for number in (signal.SIGINT, signal.SIGTERM):
        before[number] = signal.signal(number, note)
    try:
        yield caught
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
