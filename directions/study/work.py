"""All runs of a study in a few processes at once, each of them single-threaded.

    parent     which run is next -> pool -> worker: train, choose, measure -> a queue -> parent

A worker that loses its parent ends at once; one that is told to stop saves first.
"""

import signal
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from collections.abc import Generator as Stream
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing
from multiprocessing import get_context
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Event
from queue import Empty
from typing import NamedTuple

import torch

from directions.errors import RunError
from directions.study.folder import RESULT, Study
from directions.study.judging import judge
from directions.study.plan import Run
from directions.study.training import train
from directions.workers import end_with_parent

DONE = "done"
TOLD_EVERY = 0.5  # seconds between two words from one worker


class Progress(NamedTuple):
    """Where a run stands."""

    run: Run
    images: int  # pictures seen
    doing: str


def perform(study: Study, run: Run, device: str = "cpu") -> Stream[Progress, None, None]:
    """Do what is left of one run; yields often. What is closed can be gone on with."""
    with closing(train(study, run, device)) as steps:
        for images in steps:
            yield Progress(run, images, "training")
    for piece in judge(study, run, device):
        yield Progress(run, study.plan.config(run).images, piece)


Task = Callable[[Study, Run, str], Stream[Progress, None, None]]


def next_run(waiting: Sequence[Run], working: Collection[Run]) -> Run | None:
    """The first run that sets out from none that is still to be done; None if all must wait."""
    undone = {*waiting, *working}
    return next((run for run in waiting if run.source not in undone), None)


def work(
    study: Study,
    runs: Sequence[Run],
    processes: int,
    device: str,
    stopped: Sequence[int],
    task: Task = perform,
) -> Iterator[Progress]:
    """Do all runs, several at once; yields as they go, and `done` for every one at its end.

    Stops once `stopped` is not empty, or one run fails, when all workers have saved.
    """
    done = [run for run in runs if (study.run_folder(run) / RESULT).is_file()]
    yield from (_done(study, run) for run in done)
    waiting = [run for run in runs if run not in done]
    spawn = get_context("spawn")
    told, stop = spawn.Queue(), spawn.Event()
    with ProcessPoolExecutor(processes, spawn, _begin, (told, stop)) as pool:
        working: dict[Future[bool], Run] = {}
        try:
            while waiting or working:
                if stopped or stop.is_set():
                    stop.set()
                    waiting.clear()
                while len(working) < processes and (run := next_run(waiting, working.values())):
                    waiting.remove(run)
                    working[pool.submit(_work, task, study, run, device)] = run
                finished, _ = wait(working, TOLD_EVERY, FIRST_COMPLETED)
                yield from _heard(told)
                ended = [(working.pop(future), future.result()) for future in finished]
                yield from (_done(study, run) for run, whole in ended if whole)
        except BrokenProcessPool:
            if not stopped:  # Ctrl-C ends a worker that was only just starting
                raise RunError(
                    "a process was killed, perhaps for want of memory; the same command goes on, "
                    "with fewer --processes if need be"
                ) from None
        finally:
            stop.set()


def _done(study: Study, run: Run) -> Progress:
    return Progress(run, study.plan.config(run).images, DONE)


def _heard(told: "Queue[Progress]") -> Iterator[Progress]:
    while True:
        try:
            yield told.get_nowait()
        except Empty:
            return


_TOLD: "Queue[Progress]"
_STOP: Event


def _begin(told: "Queue[Progress]", stop: Event) -> None:
    """Prepare a worker: Ctrl-C is the parent's to hear, and SIGTERM makes all stop in order."""
    global _TOLD, _STOP
    _TOLD, _STOP = told, stop
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    torch.set_num_threads(1)
    end_with_parent()


def _work(task: Task, study: Study, run: Run, device: str) -> bool:
    """Do one run in a worker; whether it was done to its end."""
    said = 0.0
    with closing(task(study, run, device)) as steps:
        for progress in steps:
            if time.monotonic() - said > TOLD_EVERY or progress.doing != "training":
                _TOLD.put(progress)
                said = time.monotonic()
            if _STOP.is_set():
                return False
    return True
