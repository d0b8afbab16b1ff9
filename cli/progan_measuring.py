"""What `progan measure` and `progan hessians` do between options and results."""

from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path

import typer
from torch import Tensor

from cli import console, options, progan_tables
from directions.data.factored import FactoredPictures, open_factored
from directions.files import whole
from directions.generators.protocol import Generator, seeded_latents
from directions.measures import NAME, Interval
from directions.metrics.entries import Entries, difference_entries, exact_entries
from directions.progan.bound import bound
from directions.progan.hessian_pictures import (
    Inspected,
    Source,
    heat_maps,
    inspected,
    penalty_maps,
)
from directions.progan.measure_config import EntryKind, ProGANMeasureConfig
from directions.progan.measuring import ProGANMeasurement, save
from directions.progan.passes import pairs_at_once
from directions.progan.pictures import PictureSource
from directions.progan.run import told
from directions.progan.store import Trained, load_generator
from directions.video import write_png

PLOT = "activeness.png"


def config_of(**given: object) -> ProGANMeasureConfig:
    """Settings of the options; what cannot be is a usage error."""
    try:
        return ProGANMeasureConfig(**given)  # type: ignore[arg-type]
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def paths_of(runs: Sequence[Path], out: Path | None) -> list[Path]:
    """The JSON of every run, and the plot of all where it can be drawn."""
    if out is not None and len(runs) > 1:
        raise typer.BadParameter("--out names the file of one run; leave it out for several")
    require_distinct(runs)
    files = [out or run / NAME for run in runs]
    plots = [files[0].parent / PLOT] if find_spec("matplotlib") else []
    return files + plots


def require_distinct(runs: Sequence[Path]) -> None:
    """Refuse to show one run twice."""
    if len(set(runs)) < len(runs):
        raise typer.BadParameter("a run is given twice")


def measured(
    runs: Sequence[Path], paths: Sequence[Path], data: Path | None, config: ProGANMeasureConfig,
    device: str,
) -> list[dict]:  # fmt: skip
    """Measure run after run, each written when it is done; one network reads all their factors."""
    sides = [load_generator(run).stage.side for run in runs]
    pictures = None if data is None else _pictures(data, max(sides))
    found, reader = [], None
    for run, path in zip(runs, paths, strict=False):
        options.folder(path.parent)
        measurement = ProGANMeasurement(run, pictures, config, device, reader=reader)
        with console.progress() as bar:
            task = bar.add_task(f"measuring {run.name}", total=measurement.total, note="")
            for piece in measurement.steps():
                bar.update(task, advance=1, note=piece)
        reader = measurement.reader
        found.append(measurement.result())
        save(found[-1], path)
    return found


def report(found: Sequence[dict], paths: Sequence[Path], json: bool) -> None:
    """Draw the plot, and print tables and paths, or everything as JSON."""
    if len(paths) > len(found):
        _plot(found, paths[-1])
    if json:
        console.as_json(list(found))
        return
    progan_tables.show(found)
    for path in paths:
        console.result(path)


def draw(
    runs: Sequence[Path], paths: Sequence[Path], samples: int, config: ProGANMeasureConfig,
    device: str,
) -> None:  # fmt: skip
    """Look at the Hessians of every run at the same latents, and write both pictures."""
    opened = [bound(str(run), device) for run in runs]
    total = samples * len(runs)
    looks = console.tracked(_looks(opened, samples, config, device), total, "Hessians")
    every = list(looks)
    models = [
        (run.name, every[first : first + samples])
        for run, first in zip(runs, range(0, total, samples), strict=True)
    ]
    options.folder(paths[0].parent)
    for path, picture in zip(paths, (heat_maps(models), penalty_maps(models)), strict=True):
        write_png(path, picture)
        console.result(path)


def _looks(
    opened: Sequence[tuple[Generator, Trained]], samples: int, config: ProGANMeasureConfig,
    device: str,
) -> Iterator[Inspected]:  # fmt: skip
    for generator, trained in opened:
        source = _source(config, trained)
        for z in seeded_latents(generator, samples, config.seed).to(device):
            yield inspected(generator, z, source)


def _source(config: ProGANMeasureConfig, trained: Trained) -> Source:
    pairs = pairs_at_once(trained.config.network, trained.stage.side)

    def entries(generator: Generator, z: Tensor) -> Iterator[Entries]:
        if config.entries is EntryKind.exact:
            return exact_entries(generator, z, pairs)
        return difference_entries(generator, z, config.epsilon, pairs)

    return entries


def _pictures(data: Path, side: int) -> PictureSource:
    found = open_factored(data, side)
    skipped = (found.pictures if isinstance(found, FactoredPictures) else found).skipped
    if skipped:
        first = skipped[0]
        console.note(f"{len(skipped)} skipped, the first {first.name}: {first.reason}")
    return found


def _plot(found: Sequence[dict], path: Path) -> None:
    from directions.report.components import activeness_bars
    from directions.report.drawing import png
    from directions.report.palette import LIGHT

    models = {
        name: [Interval(*values) for values in one["activeness"]["components"]]
        for name, one in zip(progan_tables.names_of(found), found, strict=True)
    }
    figure = activeness_bars(models, found[0]["activeness"]["threshold"], LIGHT)
    with told(path.parent), whole(path) as partial:
        partial.write_bytes(png(figure, LIGHT.card))
