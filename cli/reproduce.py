"""`directions progan reproduce`: the paper's tables and figures, in one command."""

from pathlib import Path
from typing import Annotated

import typer

from cli import console, options
from directions.study.plan import METHODS, PLANS, Scale, StudyPlan, Wanted

_SMALL, _PAPER = PLANS[Scale.small], PLANS[Scale.paper]


def _usual(small: int | str, paper: int | str) -> str:
    return f"[default: {small}; paper {paper}]"


def _seen(plan: StudyPlan) -> str:
    counts = [plan.last_images(one) for one in plan.data]
    return " to ".join(str(count) for count in dict.fromkeys((min(counts), max(counts))))


def reproduce(
    scale: Annotated[
        Scale | None,
        typer.Option(help="What two cores manage, or the paper's. [default: small]"),
    ] = None,
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder of the study.")] = Path(
        "outputs/study"
    ),
    data: Annotated[
        str | None,
        typer.Option(
            help="Sets, such as clevr-1fov,clevr-u. [default: these and clevr-simple; paper all]"
        ),
    ] = None,
    methods: Annotated[str, typer.Option(help="Rows of the tables.")] = ",".join(METHODS),
    seeds: Annotated[int, typer.Option(min=1, help="Runs of every set and method.")] = 3,
    images: Annotated[
        int | None,
        typer.Option(
            min=8,
            help=f"Pictures seen in a training. {_usual(_seen(_SMALL), _seen(_PAPER))}",
        ),
    ] = None,
    pictures: Annotated[
        int | None,
        typer.Option(
            min=1,
            help=f"Rendered for each set. {_usual(_SMALL.pictures, _PAPER.pictures)}",
        ),
    ] = None,
    penalty_factor: Annotated[
        float | None, typer.Option(min=0, max=1000, help="Times the paper's lambdas. [default: 1]")
    ] = None,
    edges_shoes: Annotated[
        Path | None, typer.Option(help="The unpacked edges2shoes of pix2pix, for edges-shoes.")
    ] = None,
    processes: Annotated[int, typer.Option(min=1, help="Runs at once, each on one core.")] = 2,
    tables_only: Annotated[
        bool, typer.Option("--tables-only", help="Write tables and figures of what there is.")
    ] = False,
    device: options.Device = None,
) -> None:
    """Train, choose and measure every run of the paper's tables; goes on where it stopped.

    Example: `directions progan reproduce --scale small --out outputs/study --processes 2`
    """
    from cli import studying  # torch: over a second, so not on --help
    from cli.learn import stoppable
    from directions.study.folder import opened

    if tables_only:
        studying.report(opened(out))
        return
    asked = studying.Asked(data, methods, seeds, edges_shoes)
    wanted = Wanted(scale, images, pictures, penalty_factor)
    study, runs = studying.claimed(out, wanted, asked)
    where = options.device(device)
    studying.prepare(study, runs, edges_shoes, processes)
    with stoppable() as caught:
        unfinished = studying.work(study, runs, processes, where, caught)
    if unfinished:
        console.note(f"stopped; the same command goes on with {out}")
        raise typer.Exit(130)
    studying.report(study)
