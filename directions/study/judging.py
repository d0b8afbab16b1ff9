"""Choose a run's snapshot as the paper does, by its Fréchet distance, and measure that one."""

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import torch

from directions.data.packed import Pictures, open_pictures
from directions.progan.measuring import ProGANMeasurement, frechet_of
from directions.progan.run import LOG
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


def best(distances: Mapping[int, float | None]) -> int:
    """The snapshot with the lowest distance; of equals, and where none is known, the latest."""

    def rank(images: int) -> tuple[float, int]:
        distance = distances[images]
        known = distance is not None and math.isfinite(distance)
        return (distance if known else math.inf, -images)

    return min(distances, key=rank)


def seconds(folder: Path) -> float:
    """How long a run was trained, by its log; what a kill made it do again counts once."""
    total, before = 0.0, None
    for text in (folder / LOG).read_text().splitlines():
        line = json.loads(text)
        if before is not None and line["images"] > before and line["images_per_second"]:
            total += (line["images"] - before) / line["images_per_second"]
        before = max(line["images"], before or 0)
    return total


def _compare(study: Study, run: Run, pictures: Pictures, device: torch.device | str):
    path, snapshots = study.run_folder(run) / CHOICE, study.snapshots(run)
    if path.is_file():
        return
    count = study.plan.chosen_on
    config = replace(study.plan.measures, generated=count, real=count)
    found: dict[int, float | None] = {}
    for images, folder in snapshots.items():
        only = len(snapshots) == 1
        found[images] = None if only else frechet_of(folder, pictures, config, device)
        yield "choosing a snapshot"
    write_json(path, {"format": CHOICE_FORMAT, "pictures": count, "of": found})
