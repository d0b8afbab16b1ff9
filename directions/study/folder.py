"""A study on disk.

study.json                              its plan
pictures/SET/                           rendered pictures with their factors
pictures/SET.safetensors                the same packed
SET/METHOD/seed-N/                      a run, which every command opens
SET/METHOD/seed-N/snapshots/PICTURES/   its average while it was trained
SET/METHOD/seed-N/choice.json           how far each snapshot is from the pictures
SET/METHOD/seed-N/result.json           measures of the chosen one
tables.md  figure-3-SET.png  figure-5.png
"""

import json
from dataclasses import dataclass
from pathlib import Path

from directions.errors import RunError
from directions.files import whole
from directions.progan.config import WEIGHTS
from directions.progan.store import images_seen
from directions.scenes.clevr import SIMPLE
from directions.study.plan import (
    METHODS,
    Run,
    StudyPlan,
    Wanted,
    plan_from,
    plan_values,
    planned,
)

PLAN, CHOICE, RESULT = "study.json", "choice.json", "result.json"
FORMAT, RESULT_FORMAT = "directions-study/1", "directions-study-result/1"


@dataclass(frozen=True)
class Study:
    """A folder and the plan that it holds."""

    folder: Path
    plan: StudyPlan

    def run_folder(self, run: Run) -> Path:
        """Where a run is trained."""
        return self.folder / str(run)

    def snapshot(self, run: Run, images: int) -> Path:
        """Where the generator is kept that has seen so many pictures."""
        return self.run_folder(run) / "snapshots" / f"{images:09d}"

    def snapshots(self, run: Run) -> dict[int, Path]:
        """All that a run has left, by the pictures they have seen."""
        found = sorted((self.run_folder(run) / "snapshots").glob(f"*/{WEIGHTS}"))
        return {int(path.parent.name): path.parent for path in found}

    def due(self, run: Run, images: int) -> bool:
        """Whether a mark was passed since the last snapshot."""
        passed = [mark for mark in self.plan.marks(run) if mark <= images]
        return bool(passed) and max(self.snapshots(run), default=-1) < passed[-1]

    def trained(self, run: Run) -> bool:
        """Whether nothing is left to train."""
        last = self.plan.config(run).images
        seen = images_seen(self.run_folder(run))  # written behind the state and the snapshots
        return seen >= last and not self.due(run, last)

    def rendered(self, data: str) -> Path:
        """The folder of a set's pictures and factors; CLEVR-U has those of CLEVR-Simple."""
        return self.folder / "pictures" / pictured(data)

    def packed(self, data: str) -> Path:
        """The file that a set's pictures are trained and measured on."""
        return self.folder / "pictures" / f"{pictured(data)}.safetensors"

    def result(self, run: Run) -> dict:
        """What was measured of a run."""
        return read_json(self.run_folder(run) / RESULT, RESULT_FORMAT)

    def results(self) -> dict[Run, dict]:
        """What was measured so far, in the order of data, method and seed."""
        found = {}
        for path in sorted(self.folder.glob(f"*/*/seed-*/{RESULT}")):
            data, method, seed = path.parts[-4:-1]
            if method in METHODS:
                run = Run(data, method, int(seed.removeprefix("seed-")))
                found[run] = self.result(run)
        return found


def pictured(data: str) -> str:
    """The set whose pictures a data set has."""
    return {"clevr-u": SIMPLE}.get(data, data)


def opened(folder: Path) -> Study:
    """The study in a folder; raises `RunError` if there is none or its plan is damaged."""
    path = folder / PLAN
    if not path.is_file():
        raise RunError(
            f"no study at {folder}; `directions progan reproduce --out {folder}` starts one"
        )
    try:
        return Study(folder, plan_from(read_json(path, FORMAT)["plan"]))
    except (KeyError, TypeError, ValueError) as error:
        raise RunError(f"{path} is no plan of a study, or damaged: {error}") from None


def claimed(folder: Path, wanted: Wanted) -> Study:
    """Start a study, or go on with the one in a folder; what is None is as it is there.

    Raises `RunError` if the folder holds another study.
    """
    if not (folder / PLAN).is_file():
        study = Study(folder, planned(wanted))
        write_json(folder / PLAN, {"format": FORMAT, "plan": plan_values(study.plan)})
        return study
    study = opened(folder)
    plan = study.plan
    found = (plan.scale, _images(plan), plan.pictures, plan.penalty_factor)
    for name, asked, is_there in zip(Wanted._fields, wanted, found, strict=True):
        if asked is not None and asked != is_there:
            there = f"--{name.replace('_', '-')} {is_there}"
            raise RunError(f"{folder} holds a study with {there}, not {asked}; give another --out")
    return study


def _images(plan: StudyPlan) -> int | str:
    """Pictures seen in a training: one number if it is that of every set."""
    if not plan.images:
        return plan.base.images
    return ", ".join(f"{plan.last_images(data)} ({data})" for data in plan.data)


def read_json(path: Path, expected: str) -> dict:
    """Read one of a study's files; raises `RunError` for anything else."""
    try:
        values = json.loads(path.read_text())
        found = values.get("format", "not stated")
    except (OSError, ValueError, AttributeError) as error:
        raise RunError(f"{path} is damaged ({error}); delete it and run the study again") from None
    if found != expected:
        raise RunError(f"{path} is of another format, {found}; delete it and run the study again")
    return values


def write_json(path: Path, values: dict) -> None:
    """Write one of a study's files, whole or not at all; raises `RunError` if it cannot be."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with whole(path) as partial:
            partial.write_text(json.dumps(values, indent=1) + "\n")
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise RunError(f"cannot write to {path.parent}: {why}") from None
