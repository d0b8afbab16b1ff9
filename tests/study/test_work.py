"""Several runs at once: who is next, what is told, and how it ends."""

import os
import signal
import time

import pytest

from directions.errors import RunError
from directions.study.folder import RESULT_FORMAT, Study, write_json
from directions.study.plan import METHODS, runs_of
from directions.study.work import Progress, next_run, work
from tests.study.made_up import TOY

RUNS = runs_of(["clevr-1fov", "clevr-u"], list(METHODS), 1)
FIRST, PLUS, HESSIAN, TUNED, INFOGAN = RUNS[:5]


def test_what_sets_out_from_a_run_waits_until_that_is_done():
    assert next_run(RUNS, []) == FIRST
    assert next_run(RUNS[1:], [FIRST]) == HESSIAN
    assert next_run(RUNS[1:], []) == PLUS
    assert next_run([PLUS, TUNED], [FIRST]) is None
    assert next_run([], [FIRST]) is None


def pretended(study, run, device):
    """Write down when it was done; the run with seed 1 fails."""
    if run.seed == 1:
        raise RunError(f"{run} cannot be done")
    with (study.folder / "order").open("a") as file:
        file.write(f"{run.method}\n")
    yield Progress(run, 40, "training")
    yield Progress(run, 80, "choosing")


def endless(study, run, device):
    """Train until it is told to stop."""
    try:
        while True:
            time.sleep(0.01)
            yield Progress(run, 40, "training")
    finally:
        (study.folder / run.method).touch()


@pytest.fixture
def study(tmp_path):
    return Study(tmp_path, TOY)


def test_all_runs_are_done_and_told(study):
    write_json(study.run_folder(INFOGAN) / "result.json", {"format": RESULT_FORMAT})
    told = list(work(study, RUNS[:5], 2, "cpu", [], pretended))
    assert told[0] == Progress(INFOGAN, 80, "done")  # found, not done again
    assert {one.run for one in told if one.doing == "done"} == set(RUNS[:5])
    order = (study.folder / "order").read_text().split()
    assert sorted(order) == ["hessian", "hessian-finetune", "progan", "progan-plus"]
    assert order.index("progan") < order.index("progan-plus")


def test_told_to_stop_workers_end_in_order(study):
    stopped = []
    for progress in work(study, [FIRST, HESSIAN, INFOGAN], 1, "cpu", stopped, endless):
        stopped.append(progress)
    assert [one.doing for one in stopped if one.doing == "done"] == []
    assert (study.folder / "progan").exists() and not (study.folder / "hessian").exists()


def test_an_error_in_a_worker_is_the_parents(study):
    with pytest.raises(RunError) as caught:
        list(work(study, [FIRST._replace(seed=1), HESSIAN], 1, "cpu", [], pretended))
    assert str(caught.value) == "clevr-1fov/progan/seed-1 cannot be done"


def terminated(study, run, device):
    """Be asked to end, as a whole group of processes is by those who run it."""
    try:
        yield Progress(run, 40, "training")
        signal.raise_signal(signal.SIGTERM)
        yield Progress(run, 44, "training")
    finally:
        (study.folder / run.method).touch()


def test_a_worker_that_is_terminated_saves_and_ends_the_work(study):
    told = list(work(study, [FIRST, HESSIAN], 1, "cpu", [], terminated))
    assert all(one.doing == "training" and one.run == FIRST for one in told)
    assert (study.folder / "progan").exists() and not (study.folder / "hessian").exists()


def killed(study, run, device):
    """Die as a process does that has no memory left."""
    yield Progress(run, 40, "choosing")
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_killed_worker_is_told_in_a_sentence(study):
    with pytest.raises(RunError) as caught:
        list(work(study, [FIRST], 1, "cpu", [], killed))
    assert str(caught.value) == (
        "a process was killed, perhaps for want of memory; the same command goes on, "
        "with fewer --processes if need be"
    )
