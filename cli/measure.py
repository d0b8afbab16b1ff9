"""`directions measure`: what directions do, how much, and against what."""

from pathlib import Path
from typing import Annotated

import typer

from cli import options
from directions.config import MeasureConfig

DEFAULT = MeasureConfig()


def measure(
    file: options.File,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="JSON to write. [default: measures.json beside FILE]"),
    ] = None,
    against: Annotated[
        list[str] | None,
        typer.Option(help="Another run, to be found again in: replaces FILE's own halves."),
    ] = None,
    samples: Annotated[
        int, typer.Option(help="Latents that walk along every direction.")
    ] = DEFAULT.samples,
    penalty_samples: Annotated[
        int, typer.Option(help="Held-out latents under the penalty.")
    ] = DEFAULT.penalty_samples,
    hessian_samples: Annotated[
        int | None,
        typer.Option(
            help="Latents whose Hessians are taken, 2 |z|^2 passes each. "
            "[default: 8; above 32 dimensions 0]"
        ),
    ] = None,
    codes: Annotated[
        int, typer.Option(help="Latents whose known factors are read.")
    ] = DEFAULT.codes,
    classes_beside: Annotated[
        int, typer.Option(help="Other classes on which the effect is tried.")
    ] = DEFAULT.classes_beside,
    seed: options.Seed = 0,
    generator: options.Generator = None,
    classes: options.Classes = None,
    truncation: options.Truncation = None,
    slots: options.Slots = None,
    batch_size: options.BatchSize = DEFAULT.batch_size,
    device: options.Device = None,
    json: options.AsJson = False,
    overwrite: options.Overwrite = False,
) -> None:
    """Measure a basis on held-out latents, beside random bases and coordinates.

    Example: `directions measure outputs/mug/directions.safetensors`
    """
    from cli import measuring  # torch: over a second, so not on --help

    counts = {
        "samples": samples, "penalty_samples": penalty_samples,
        "hessian_samples": hessian_samples, "codes": codes, "classes_beside": classes_beside,
        "batch_size": batch_size, "seed": seed,
    }  # fmt: skip
    source = (file, generator, classes, truncation, slots, device, seed)
    work = measuring.opened(source, against or [], counts)
    path = out or work.path
    options.require_free([path], overwrite)
    options.folder(path.parent)
    found = work.measured()
    measuring.save(found, path)
    measuring.report(found, work.called, path, json)
