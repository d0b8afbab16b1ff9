"""What `progan reproduce` does between reading its options and printing its paths."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from cli import console, options
from cli.data import tell_skipped
from directions.data.sources import Skipped
from directions.errors import RunError
from directions.files import whole
from directions.metrics.features import PooledFeatures
from directions.metrics.frechet import require_enough, require_torchmetrics
from directions.progan.run import told
from directions.study import folder
from directions.study.folder import Study
from directions.study.pictures import available, prepared
from directions.study.plan import Run, Wanted, planned, runs_of
from directions.study.sheets import sheet_of, sheets_of
from directions.study.tables import summary, tables
from directions.study.work import DONE, Progress
from directions.study.work import work as worked
from directions.video import write_png

TABLES = "tables.md"


class Asked(NamedTuple):
    """Which runs the user asked for."""

    data: str | None
    methods: str
    seeds: int
    pairs: Path | None  # of edges and shoes

    def runs(self, default: Sequence[str]) -> list[Run]:
        """All of them in the order of work; raises `RunError` for unknown names."""
        data = list(default) if self.data is None else _names(self.data)
        return runs_of(data, _names(self.methods), self.seeds)


def claimed(out: Path, wanted: Wanted, asked: Asked) -> tuple[Study, list[Run]]:
    """Start a study or go on with one, and say which runs can be done; all checks come first."""
    require_torchmetrics()
    plan = planned(wanted)
    asked.runs(plan.data)
    if wanted.pictures is not None:
        require_enough(wanted.pictures, plan.chosen_on, PooledFeatures.num_features)
    options.folder(out)
    study = folder.claimed(out, wanted)
    runs = asked.runs(study.plan.data)
    left_out = {run.data for run in runs if not available(study, run.data, asked.pairs)}
    for data in sorted(left_out):
        console.note(f"{data} is left out: its pictures are not here; give --edges-shoes FOLDER")
    runs = [run for run in runs if run.data not in left_out]
    if not runs:
        raise RunError("nothing to train; give --edges-shoes FOLDER, or other --data")
    return study, runs


def prepare(study: Study, runs: Sequence[Run], pairs: Path | None, processes: int) -> None:
    """Render and pack the pictures of every set, on a bar."""
    skipped: list[Skipped] = []
    with console.progress() as bar:
        for data in dict.fromkeys(run.data for run in runs):
            if study.packed(data).is_file():
                continue
            task = bar.add_task(f"pictures of {data}", total=study.plan.pictures, note="")
            for step in prepared(study, data, pairs, processes):
                if isinstance(step, Skipped):
                    skipped.append(step)
                else:
                    bar.update(task, advance=step)
    tell_skipped(skipped, len(skipped))


def work(
    study: Study, runs: Sequence[Run], processes: int, device: str, stopped: list[int]
) -> bool:
    """Do all runs on a bar; a line and the tables follow every one. Whether any are left."""
    standing = Standing(study, runs)
    with console.progress() as bar:
        task = bar.add_task("pictures", total=standing.total, note="")
        for progress in worked(study, runs, processes, device, stopped):
            standing.hear(progress)
            bar.update(task, completed=standing.images, note=standing.note)
            if progress.doing == DONE:
                _write_tables(study)
                console.note(summary(progress.run, study.result(progress.run)))
    return not standing.finished


class Standing:
    """How far all runs are together."""

    def __init__(self, study: Study, runs: Sequence[Run]) -> None:
        plan = study.plan
        self._first = {run: plan.begins_at(run) for run in runs}
        self._last = {run: plan.config(run).images for run in runs}
        self._seen = dict(self._first)
        self._heard: set[Run] = set()
        self._done: set[Run] = set()
        self._clock, self._fresh = time.monotonic(), 0
        self.total = sum(self._last.values()) - sum(self._first.values())

    @property
    def images(self) -> int:
        """Pictures seen, each once."""
        return sum(self._seen.values()) - sum(self._first.values())

    @property
    def note(self) -> str:
        """Runs that are done, and pictures a second since this command began."""
        rate = self._fresh / max(time.monotonic() - self._clock, 1e-9)
        return f"runs {len(self._done)}/{len(self._first)}  {rate:.3g}/s"

    @property
    def finished(self) -> bool:
        """Whether all runs are done."""
        return len(self._done) == len(self._first)

    def hear(self, progress: Progress) -> None:
        """Take one word from a worker in; what it found on disk is not fresh."""
        run, images = progress.run, min(progress.images, self._last[progress.run])
        images = max(images, self._seen[run])  # words may come late
        if run in self._heard:
            self._fresh += images - self._seen[run]
        self._heard.add(run)
        self._seen[run] = images
        if progress.doing == DONE:
            self._done.add(run)


def report(study: Study) -> None:
    """Write the tables and figures of what there is, and say where."""
    results = study.results()
    console.result(_write_tables(study))
    for data, runs in sheets_of(results).items():
        path = study.folder / f"figure-3-{data}.png"
        with told(study.folder):
            write_png(path, sheet_of(study, runs, results))
        console.result(path)
    try:
        from directions.study.bars import activeness_figure
    except ModuleNotFoundError as error:
        package = str(error.name).partition(".")[0]
        console.note(f"figure 5 needs {package}; install it with pip install 'directions[report]'")
        return
    path = study.folder / "figure-5.png"
    if results:
        _write(path, activeness_figure(results))
        console.result(path)


def _write_tables(study: Study) -> Path:
    path = study.folder / TABLES
    _write(path, tables(study.plan, study.results()).encode())
    return path


def _write(path: Path, content: bytes) -> None:
    with told(path.parent), whole(path) as partial:
        partial.write_bytes(content)


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",")]
