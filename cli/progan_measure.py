"""`directions progan measure` and `hessians`: what the paper says of a ProGAN, in numbers."""

from pathlib import Path
from typing import Annotated

import typer

from cli import options
from directions.progan.measure_config import (
    DistanceKind,
    EntryKind,
    FeatureKind,
    ProGANMeasureConfig,
)

DEFAULT = ProGANMeasureConfig()
Runs = Annotated[list[Path], typer.Argument(metavar="RUN", help="Folders of runs, side by side.")]
Entries = Annotated[
    EntryKind, typer.Option("--entries", help="Hessians by differences, or exactly.")
]
Epsilon = Annotated[float, typer.Option(help="Step of the differences.")]


def measure(
    runs: Runs,
    data: Annotated[
        Path | None,
        typer.Option(
            help="Real pictures, for Fréchet and kernel distances; known factors are read if they "
            "were rendered."
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="JSON to write. [default: measures.json in the run]"),
    ] = None,
    pairs: Annotated[
        int, typer.Option(help="Pairs of latents in the path length.")
    ] = DEFAULT.pairs,
    generated: Annotated[
        int, typer.Option(help="Pictures whose features and factors are read.")
    ] = DEFAULT.generated,
    real: Annotated[int, typer.Option(help="Real pictures, at most.")] = DEFAULT.real,
    subset: Annotated[
        int | None,
        typer.Option(help="Pictures in a kernel distance. [default: half, 1,000 at most]"),
    ] = None,
    hessian_samples: Annotated[
        int, typer.Option(help="Latents whose Hessians are taken, 2 |z|^2 passes each.")
    ] = DEFAULT.hessian_samples,
    activeness_samples: Annotated[
        int, typer.Option(help="Latents whose components are swept.")
    ] = DEFAULT.activeness_samples,
    active_share: Annotated[
        float, typer.Option(help="Of the largest activeness, from which on one is active.")
    ] = DEFAULT.active_share,
    factor_steps: Annotated[
        int, typer.Option(help="Steps of the network that reads known factors.")
    ] = DEFAULT.factor_steps,
    distance: Annotated[
        DistanceKind, typer.Option(help="Distance of two pictures in the path length.")
    ] = DEFAULT.distance,
    features: Annotated[
        FeatureKind, typer.Option(help="What Fréchet and kernel distances see.")
    ] = DEFAULT.features,
    entries: Entries = DEFAULT.entries,
    epsilon: Epsilon = DEFAULT.epsilon,
    epsilon_sweep: Annotated[
        int, typer.Option(help="Latents at which other steps are tried beside exact Hessians.")
    ] = DEFAULT.sweep_samples,
    batch_size: options.BatchSize = DEFAULT.batch_size,
    seed: options.Seed = 0,
    device: options.Device = None,
    json: options.AsJson = False,
    overwrite: options.Overwrite = False,
) -> None:
    """Measure runs as in the paper's Tables 1 and 2 and Fig. 5.

    Example: `directions progan measure outputs/progan --data outputs/clevr-1fov`
    """
    from cli import progan_measuring  # torch: over a second, so not on --help

    config = progan_measuring.config_of(
        pairs=pairs, generated=generated, real=real, subset=subset,
        hessian_samples=hessian_samples, activeness_samples=activeness_samples,
        active_share=active_share, factor_steps=factor_steps, distance=distance,
        features=features, entries=entries, epsilon=epsilon, sweep_samples=epsilon_sweep,
        batch_size=batch_size, seed=seed,
    )  # fmt: skip
    paths = progan_measuring.paths_of(runs, out)
    options.require_free(paths, overwrite)
    found = progan_measuring.measured(runs, paths, data, config, options.device(device))
    progan_measuring.report(found, paths, json)


def hessians(
    runs: Runs,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="Folder of the pictures. [default: the first run]"),
    ] = None,
    samples: Annotated[int, typer.Option(min=1, help="Samples to look at.")] = 6,
    entries: Entries = DEFAULT.entries,
    epsilon: Epsilon = DEFAULT.epsilon,
    seed: options.Seed = 0,
    device: options.Device = None,
    overwrite: options.Overwrite = False,
) -> None:
    """Draw the Hessian of the most penalised pixel, and the penalty of every pixel (appendix C).

    Example: `directions progan hessians outputs/progan outputs/progan-plus --samples 4`
    """
    from cli import progan_measuring

    config = progan_measuring.config_of(entries=entries, epsilon=epsilon, seed=seed)
    progan_measuring.require_distinct(runs)
    folder = out or runs[0]
    paths = [folder / name for name in ("hessians.png", "penalties.png")]
    options.require_free(paths, overwrite)
    progan_measuring.draw(runs, paths, samples, config, options.device(device))
