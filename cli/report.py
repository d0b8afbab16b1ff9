"""`directions report`: one page that shows and ranks directions."""

from pathlib import Path
from typing import Annotated

import typer

from cli import console, options


def report(
    file: Annotated[
        str, typer.Argument(help="A measured directions file, or hub:owner/name[@revision].")
    ],
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="The page. [default: report.html beside FILE]"),
    ] = None,
    match: Annotated[
        list[str] | None, typer.Option(help="Another basis to match with; may be given again.")
    ] = None,
    png: Annotated[
        bool, typer.Option("--png", help="Also write the figures, as NAME-FIGURE.png.")
    ] = False,
    csv: Annotated[bool, typer.Option("--csv", help="Also write the scores, as NAME.csv.")] = False,
    samples: options.Samples = 6,
    seed: options.Seed = 0,
    reach: options.Reach = None,
    generator: options.Generator = None,
    batch_size: options.BatchSize = 17,
    device: options.Device = None,
    overwrite: options.Overwrite = False,
) -> None:
    """Write a page: directions ranked and moving, their scores, the basis beside its baselines.

    It needs the measures that `directions measure` writes beside FILE. The page is one file and
    opens without a network.

    Example: `directions report outputs/mug/directions.safetensors`
    """
    from cli import reporting  # torch and matplotlib: over a second, so not on --help
    from directions.hub import PREFIX, results_folder

    if reach is not None and not 0 < reach < float("inf"):
        raise typer.BadParameter(f"reach must be positive, got {reach:g}")
    own = Path(file).stem
    shared = file.startswith(PREFIX)
    name = "report.html" if own == "directions" or shared else f"{own}.report.html"
    out = out or results_folder(file) / name
    work = reporting.opened(file, match or [], samples, seed, reach, generator, device, batch_size)
    options.require_free(work.paths(out, png, csv), overwrite)
    options.folder(out.parent)
    for written in work.write(out, png, csv):
        console.result(written)
