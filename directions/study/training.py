"""Train one run of a study, from wherever it stands to its end."""

from collections.abc import Generator as Stream
from contextlib import closing

import torch

from directions.data.packed import open_pictures
from directions.errors import RunError
from directions.progan.run import ProGANRun, told
from directions.progan.store import STATE, State, begin, load_state, restore, save_generator
from directions.progan.trainer import Trainer
from directions.study.folder import Study
from directions.study.plan import METHODS, Run, Start

SAVE_EVERY = 60.0  # seconds of training that a kill can cost


def train(
    study: Study, run: Run, device: torch.device | str = "cpu", save_every: float = SAVE_EVERY
) -> Stream[int, None, None]:
    """Train what is left of a run; yields the pictures that it has seen, once a step.

    Snapshots are left at the plan's marks. Saves when it is closed, and then goes on as if it had
    not stopped.
    """
    if study.trained(run):
        return
    work = _opened(study, run, device)
    _leave_snapshot(study, run, work.trainer)  # of a process that was killed between the two files
    with closing(work.steps(save_every)) as steps:
        for _ in steps:
            _leave_snapshot(study, run, work.trainer)
            yield work.trainer.images


def _opened(study: Study, run: Run, device: torch.device | str) -> ProGANRun:
    config, folder = study.plan.config(run), study.run_folder(run)
    pictures = open_pictures(study.packed(run.data), config.network.resolution)
    trainer = Trainer(pictures, config, device)
    if (folder / STATE).is_file():
        state = load_state(folder)
        if state.config != config:
            raise RunError(f"{folder} holds another run than the study's; give another --out")
        restore(trainer, state)
    elif run.source:
        _set_out(trainer, METHODS[run.method].start, load_state(study.run_folder(run.source)))
    with told(folder):
        folder.mkdir(parents=True, exist_ok=True)
    return ProGANRun(folder, trainer)


def _set_out(trainer: Trainer, start: Start, state: State) -> None:
    {Start.continued: restore, Start.tuned: begin}[start](trainer, state)


def _leave_snapshot(study: Study, run: Run, trainer: Trainer) -> None:
    if study.due(run, trainer.images):
        folder = study.snapshot(run, trainer.images)
        with told(folder):
            folder.mkdir(parents=True, exist_ok=True)
            save_generator(trainer, folder)
