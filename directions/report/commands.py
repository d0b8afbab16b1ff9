"""The commands that made what a report shows, as they can be typed again."""

import shlex
from pathlib import Path

from directions.checkpoint import Directions
from directions.config import Solver, config_from


def commands(learnt: Directions, path: Path) -> list[str]:
    """From learning, as far as the file knows it, to the report."""
    file = shlex.quote(str(path))
    known = [_learn(learnt, path)] if _solver(learnt.settings) else []
    return [*known, f"directions measure {file}", f"directions report {file}"]


def _learn(learnt: Directions, path: Path) -> str:
    identity = learnt.identity
    words = ["directions", "learn", "--generator", identity.generator]
    for label in identity.label_names:
        words += ["--class", label]
    if identity.truncation not in (None, 1.0):
        words += ["--truncation", f"{identity.truncation:g}"]
    if learnt.slots is not None:
        words += ["--slots", f"{learnt.slots[0]}-{learnt.slots[1]}"]
    words += ["--solver", str(_solver(learnt.settings))]
    for name, value in learnt.settings.items():
        if value is not None:
            words += [f"--{name.replace('_', '-')}", str(value)]
    return shlex.join([*words, "--out", str(path.parent)])


def _solver(settings: dict) -> Solver | None:
    """Whose settings these are; None for those of something else."""
    for solver in Solver:
        try:
            if settings:
                config_from(dict(settings), solver)
                return solver
        except (TypeError, ValueError, KeyError):
            continue
    return None
