"""Two processes on this machine, started as a user starts them, against one."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

from directions import parallel
from directions.checkpoint import Directions

ALONE = [sys.executable, "-m", "cli"]
TOGETHER = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2", "-m", "cli"]
LEARN = ["learn", "--class", "car", "--device", "cpu", "--held-out", "8", "--seed", "3"]
SOLVERS = {
    "adam": ["--solver", "adam", "--steps", "4", "--micro-batch", "8"],
    "closed-form": ["--solver", "closed-form", "--steps", "3"],
    "projected": [
        "--solver",
        "closed-form",
        "--steps",
        "3",
        "--projections",
        "2",
        "--batch-size",
        "6",
    ],
}


def start(command, *more):
    return subprocess.Popen(
        [*command, *LEARN, *map(str, more)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )  # fmt: skip


def finish(command, *more):
    process = start(command, *more)
    out, err = process.communicate(timeout=200)
    assert process.returncode == 0, err
    return out, err


@pytest.mark.parametrize("solver", SOLVERS)
def test_two_processes_do_what_one_does(solver, tmp_path: Path):
    one, two = tmp_path / "one", tmp_path / "two"
    finish(ALONE, *SOLVERS[solver], "--out", one)
    out, err = finish(TOGETHER, *SOLVERS[solver], "--out", two)
    alone, together = (Directions.load(path / "directions.safetensors") for path in (one, two))
    assert abs(alone.basis - together.basis).max() < 1e-5
    assert together.scores == pytest.approx(alone.scores, rel=1e-3)
    assert out.count("directions.safetensors") == 1 and err.count("run in") == 1
    assert len((two / "log.jsonl").read_text().splitlines()) == together.step


def test_a_stopped_launch_goes_on_with_one_process(tmp_path: Path):
    settings = ["--solver", "adam", "--steps", "300", "--micro-batch", "8"]
    process = start(TOGETHER, *settings, "--out", tmp_path / "run")
    log = tmp_path / "run" / "log.jsonl"
    until = time.monotonic() + 120
    while not (log.exists() and log.read_text().count("\n") > 2):
        assert time.monotonic() < until and process.poll() is None
        time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode != 0 and "stopped at step" in err
    stopped = Directions.load(tmp_path / "run" / "directions.safetensors").step
    assert stopped == log.read_text().count("\n") < 300
    more = stopped + 1
    finish(ALONE, "--resume", tmp_path / "run", "--steps", more)
    assert Directions.load(tmp_path / "run" / "directions.safetensors").step == more


def test_alone_all_rows_are_ones_own():
    rows = torch.arange(7)
    assert torch.equal(torch.cat(list(parallel.portions(rows, 3))), rows)
    assert parallel.first() and parallel.any_of(True, torch.device("cpu"))
    tensor = torch.ones(2)
    assert (
        parallel.summed(tensor) is tensor
        and parallel.from_first(tensor, torch.device("cpu")) is tensor
    )
