"""Choose a run's snapshot as the paper does, by its Fréchet distance, and measure that one."""

import json
from collections.abc import Iterator
from pathlib import Path

import torch

from directions.data.packed import Pictures, open_pictures
from directions.progan.measuring import ProGANMeasurement
from directions.progan.run import LOG
from directions.study.choosing import Compared, best
from directions.study.folder import CHOICE, RESULT, RESULT_FORMAT, Study, read_json, write_json
from directions.study.plan import Run

CHOICE_FORMAT = "directions-study-choice/1"


def judge(study: Study, run: Run, device: torch.device | str = "cpu") -> Iterator[str]:
    """Choose and measure; yields what was done after every piece. What is on disk is not redone."""
    folder = study.run_folder(run)
    if (folder / RESULT).is_file():
        return
    pictures = open_pictures(study.packed(run.data), study.plan.base.network.resolution)
    yield from _compare(study, run, pictures, device)
    distances = {int(n): d for n, d in read_json(folder / CHOICE, CHOICE_FORMAT)["of"].items()}
    chosen = best(distances)
    measurement = ProGANMeasurement(
        study.snapshot(run, chosen), pictures, study.plan.measures, device
    )
    yield from measurement.steps()
    about = {"data": run.data, "method": run.method, "seed": run.seed}
    measured = {"chosen": chosen, "seconds": seconds(folder), "measures": measurement.result()}
    write_json(folder / RESULT, {"format": RESULT_FORMAT, **about, **measured})


def seconds(folder: Path) -> float:
    """How long a run was trained, by its log; what a kill made it do again counts once."""
    total, before = 0.0, None
    for text in (folder / LOG).read_text().splitlines():
        line = json.loads(text)
        if before is not None and line["images"] > before and line["images_per_second"]:
            total += (line["images"] - before) / line["images_per_second"]
        before = max(line["images"], before or 0)
    return total


def _compare(
    study: Study, run: Run, pictures: Pictures, device: torch.device | str
) -> Iterator[str]:
    path, snapshots = study.run_folder(run) / CHOICE, study.snapshots(run)
    if path.is_file():
        return
    found: dict[int, float | None] = dict.fromkeys(snapshots)
    if len(snapshots) > 1:
        compared = Compared(pictures, study.plan.chosen_on, study.plan.measures, device)
        for images, folder in snapshots.items():
            found[images] = compared.distance(folder)
            yield "choosing a snapshot"
    about = {"pictures": study.plan.chosen_on, "of": found}
    write_json(path, {"format": CHOICE_FORMAT, **about})
