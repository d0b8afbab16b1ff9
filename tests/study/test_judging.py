"""From a trained run to its result, with measures that were made up."""

import json
from pathlib import Path

import pytest

from directions.study import judging
from directions.study.judging import judge, seconds
from directions.study.plan import Run
from directions.study.training import train
from tests.study.made_up import result, tiny

FIRST, PENALISED = Run("clevr-1fov", "progan", 0), Run("clevr-1fov", "hessian", 0)


class Second:
    """Holds the second of two or more snapshots for the best."""

    asked = 0

    def __init__(self, pictures, count, config, device):
        assert len(pictures) == 16 and count == 8

    def distance(self, snapshot):
        Second.asked += 1
        return abs(int(snapshot.name) - 60.0)


class MadeUp:
    """Measures nothing, in two pieces."""

    measured: list[Path] = []  # noqa: RUF012

    def __init__(self, run, pictures, config, device):
        MadeUp.measured.append(run)

    def steps(self):
        yield from ("one", "another")

    def result(self):
        return result(0.5, 2.0, 10.0)["measures"]


@pytest.fixture
def study(tmp_path, monkeypatch):
    monkeypatch.setattr(judging, "Compared", Second)
    monkeypatch.setattr(judging, "ProGANMeasurement", MadeUp)
    monkeypatch.setattr(Second, "asked", 0)
    monkeypatch.setattr(MadeUp, "measured", [])
    return tiny(tmp_path)


def trained(study, run):
    for _ in train(study, run):
        pass


def test_the_best_snapshot_is_measured_and_nothing_twice(study):
    trained(study, PENALISED)
    assert list(judge(study, PENALISED)) == ["choosing a snapshot"] * 4 + ["one", "another"]
    (found,) = study.results().values()
    assert found["chosen"] == 60
    assert MadeUp.measured == [study.snapshot(PENALISED, 60)]
    assert list(judge(study, PENALISED)) == [] and Second.asked == 4


def test_a_choice_that_was_made_is_kept(study):
    trained(study, PENALISED)
    steps = judge(study, PENALISED)
    assert [next(steps) for _ in range(5)][-1] == "one"
    steps.close()
    assert not study.results()
    assert list(judge(study, PENALISED)) == ["one", "another"]


def test_progan_has_but_one_snapshot(study):
    trained(study, FIRST)
    assert list(judge(study, FIRST)) == ["one", "another"]
    assert study.results()[FIRST]["chosen"] == 48 and Second.asked == 0


def test_seconds_of_training_follow_from_the_log(tmp_path):
    """10 pictures at 5 a second, then 20 at 10; six of them done twice after a kill."""
    lines = [(0, 1), (10, 5.0), (30, 10.0), (24, 3.0), (30, 6.0)]
    text = "".join(json.dumps({"images": n, "images_per_second": r}) + "\n" for n, r in lines)
    (tmp_path / "log.jsonl").write_text(text)
    assert seconds(tmp_path) == pytest.approx(2 + 2)
