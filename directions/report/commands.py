"""The commands that made what a report shows, as they can be typed again."""

import shlex
from pathlib import Path

from directions.checkpoint import Directions
from directions.config import Solver, config_from

MEASURED = (
    "samples", "penalty_samples", "hessian_samples", "codes", "classes_beside", "batch_size",
    "seed",
)  # fmt: skip


def commands(learnt: Directions, measured: dict, path: Path) -> list[str]:
    """What made the basis, as far as its file knows; what measured it; what wrote the report."""
    counts = {name: measured[name] for name in MEASURED if name in measured}
    return [
        *_made(learnt, path),
        shlex.join(["directions", "measure", str(path), *_options(counts)]),
        shlex.join(["directions", "report", str(path)]),
    ]


def _made(learnt: Directions, path: Path) -> list[str]:
    settings, solver = dict(learnt.settings), _solver(learnt.settings)
    if solver is not None:
        words, out = ["directions", "learn", "--solver", str(solver)], path.parent
    elif "method" in settings:
        words, out = ["directions", "baseline", str(settings.pop("method"))], path
        settings["directions"] = len(learnt.basis)
    else:
        return []
    identity = learnt.identity
    words += ["--generator", identity.generator]
    for label in identity.label_names:
        words += ["--class", label]
    if identity.truncation not in (None, 1.0):
        words += ["--truncation", f"{identity.truncation:g}"]
    if learnt.slots is not None:
        words += ["--slots", f"{learnt.slots[0]}-{learnt.slots[1]}"]
    return [shlex.join([*words, *_options(settings), "--out", str(out)])]


def _options(settings: dict) -> list[str]:
    words = []
    for name, value in settings.items():
        if value is not None:
            words += [f"--{name.replace('_', '-')}", str(value)]
    return words


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
