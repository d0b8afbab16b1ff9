"""`directions progan reproduce` as a user types it, and what a user gets wrong."""

import json
import signal
import sys
from pathlib import Path

import pytest

from cli import studying
from directions.study import judging
from directions.study.folder import PLAN, RESULT_FORMAT, opened, write_json
from directions.study.plan import PLANS, Scale
from directions.study.tables import tables
from directions.study.work import DONE, Progress, perform
from tests.commands import assert_refused, invoke
from tests.study.made_up import TOY, tiny, two_seeds
from tests.study.test_judging import MadeUp, Second


def reproduce(*arguments):
    return invoke("progan", "reproduce", *arguments)


def in_turn(study, runs, processes, device, stopped):
    """Do all runs here, one after the other."""
    assert (processes, device) == (2, "cpu")
    for run in runs:
        yield from perform(study, run, device)
        yield Progress(run, study.plan.config(run).images, DONE)


def interrupted(study, runs, processes, device, stopped):
    """Be stopped by Ctrl-C after the first run."""
    for progress in in_turn(study, runs, processes, device, stopped):
        yield progress
        if progress.doing == DONE:
            signal.raise_signal(signal.SIGINT)
            assert stopped == [signal.SIGINT]
            return


@pytest.fixture
def study(tmp_path, monkeypatch):
    monkeypatch.setattr(judging, "Compared", Second)
    monkeypatch.setattr(judging, "ProGANMeasurement", MadeUp)
    monkeypatch.setattr(studying, "worked", in_turn)
    monkeypatch.chdir(tmp_path)
    return tiny(Path("study"))


ALL = ["--out", "study", "--data", "clevr-1fov", "--seeds", 1, "--device", "cpu"]


def test_a_study_from_its_first_run_to_its_figures(study):
    done = reproduce(*ALL)
    assert done.exit_code == 0, done.output
    paths = ["study/tables.md", "study/figure-3-clevr-1fov.png", "study/figure-5.png"]
    assert done.stdout.split() == paths and all(Path(path).is_file() for path in paths)
    assert [run.method for run in study.results()] == sorted(
        ("progan", "progan-plus", "hessian", "hessian-finetune", "infogan")
    )
    assert "clevr-1fov/infogan/seed-0: path length 10.0, Fréchet 1.00, " in done.stderr
    assert "| w/ HP FT | 10.0 [10.0] | 1.00 [4.5] |" in Path("study/tables.md").read_text()


def test_stopped_and_gone_on_with(study, monkeypatch):
    monkeypatch.setattr(studying, "worked", interrupted)
    done = reproduce(*ALL)
    assert done.exit_code == 130
    assert "stopped; the same command goes on with study" in done.stderr
    assert "1 runs, seeds 0" in Path("study/tables.md").read_text()
    monkeypatch.setattr(studying, "worked", in_turn)
    assert reproduce(*ALL).exit_code == 0
    assert len(study.results()) == 5 and len(MadeUp.measured) >= 5


def test_tables_only_needs_no_more_than_results(study):
    for run, made in two_seeds().items():
        write_json(study.run_folder(run) / "result.json", {"format": RESULT_FORMAT, **made})
        for images in (80, 90, 120):
            run_folder = study.snapshot(run, images)
            run_folder.mkdir(parents=True)
    done = reproduce("--out", "study", "--tables-only")
    # The generators behind Figure 3 are not there.
    assert str(done.exception).startswith("no ProGAN at study/clevr-1fov/progan-plus/seed-0/snap")
    assert Path("study/tables.md").read_text() == tables(TOY, two_seeds())


def test_sets_without_pictures_are_left_out(study):
    done = reproduce("--out", "study", "--data", "edges-shoes", "--device", "cpu")
    assert (
        "edges-shoes is left out: its pictures are not here; give --edges-shoes FOLDER"
        in done.stderr
    )
    assert str(done.exception) == "nothing to train; give --edges-shoes FOLDER, or other --data"


def test_edges_and_shoes_are_packed(study, tmp_path):
    from PIL import Image

    for number in range(3):
        Image.new("RGB", (32, 16), (number, 50, 90)).save(tmp_path / f"{number}.jpg")
    (tmp_path / "x.jpg").write_bytes(b"no picture")
    more = ["--data", "edges-shoes", "--methods", "progan", "--edges-shoes", tmp_path]
    done = reproduce(*ALL, *more)
    assert "not a picture" in done.stderr
    assert study.packed("edges-shoes").is_file()


SENTENCES = [
    (["--pictures", "112"],
     "112 pictures are too few for a Fréchet distance over 112 features; "
     "it needs more than 112 real and generated ones"),
    (["--data", "clevr"],
     "no data set 'clevr'; known: edges-shoes, clevr-simple, clevr-complex, clevr-u, clevr-1fov"),
    (["--methods", "progan,gan"],
     "no method 'gan'; known: progan, progan-plus, hessian, hessian-finetune, infogan"),
    (["--scale", "paper"], "study holds a study with --scale small, not paper; give another --out"),
    (["--images", "99"],
     "study holds a study with --images 80 (clevr-1fov), 40 (clevr-simple), 80 (clevr-u), not 99; "
     "give another --out"),
    (["--pictures", "200"], "study holds a study with --pictures 16, not 200; give another --out"),
    (["--penalty-factor", "2"],
     "study holds a study with --penalty-factor 1.0, not 2.0; give another --out"),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "sentence"), SENTENCES)
def test_one_sentence_and_nothing_written(study, arguments, sentence):
    assert_refused(sentence, "progan", "reproduce", "--out", "study", "--device", "cpu", *arguments)


@pytest.mark.parametrize("factor", ["-1", "inf", "nan"])
def test_a_factor_that_is_no_number_of_times_leaves_no_folder(study, factor):
    done = reproduce("--out", "new", "--data", "edges-shoes", "--penalty-factor", factor)
    assert done.exit_code == 2
    assert not Path("new").exists()


def test_unknown_names_leave_no_folder(study):
    assert "no data set 'a'" in str(reproduce("--out", "new", "--data", "a").exception)
    assert not Path("new").exists()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{", "study/study.json is damaged (*); delete it and run the study again"),
        ('{"format": "x"}',
         "study/study.json is of another format, x; delete it and run the study again"),
        ('{"format": "directions-study/1", "plan": {"scale": "huge"}}',
         "study/study.json is no plan of a study, or damaged: 'measures'"),
    ],
)  # fmt: skip
def test_a_damaged_plan(study, text, sentence):
    (study.folder / PLAN).write_text(text)
    told = str(reproduce("--out", "study", "--tables-only").exception)
    head, _, tail = sentence.partition("*")
    assert told.startswith(head) and told.endswith(tail) and "\n" not in told


def test_no_study_to_make_tables_of(study):
    assert str(reproduce("--out", "none", "--tables-only").exception) == (
        "no study at none; `directions progan reproduce --out none` starts one"
    )


def test_a_folder_that_cannot_be_made(study):
    Path("file").write_text("in the way")
    told = str(reproduce("--out", "file/study", "--device", "cpu").exception)
    assert told == "cannot write to file/study: not a directory"


def test_torchmetrics_is_asked_for_before_anything_is_trained(study, monkeypatch):
    monkeypatch.setitem(sys.modules, "torchmetrics", None)
    assert str(reproduce(*ALL).exception) == (
        "Fréchet and kernel distances need torchmetrics; install it with "
        "pip install 'directions[metrics]'"
    )
    assert not study.run_folder(next(iter(two_seeds()))).exists()


def test_without_matplotlib_there_are_tables_all_the_same(study, monkeypatch):
    assert reproduce(*ALL).exit_code == 0
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.setitem(sys.modules, "matplotlib.axes", None)
    monkeypatch.delitem(sys.modules, "directions.study.bars", raising=False)
    done = reproduce("--out", "study", "--tables-only")
    assert done.exit_code == 0, done.exception
    assert (
        "figure 5 needs matplotlib; install it with pip install 'directions[report]'" in done.stderr
    )


@pytest.mark.parametrize("arguments", [["--seeds", "0"], ["--processes", "0"], ["--images", "7"]])
def test_usage_errors(study, arguments):
    assert reproduce(*ALL, *arguments).exit_code == 2


def test_a_new_study_keeps_the_plan_it_was_started_with(study, monkeypatch):
    monkeypatch.setattr(studying, "prepare", lambda *_: None)
    monkeypatch.setattr(studying, "work", lambda *_: False)
    out = ["--out", "new", "--device", "cpu"]
    assert reproduce(*out, "--images", 1000).exit_code == 0
    assert json.loads(Path("new/study.json").read_text())["plan"]["base"]["images"] == 1000
    monkeypatch.setitem(PLANS, Scale.small, TOY)
    assert reproduce(*out, "--scale", "small", "--images", 1000).exit_code == 0
    assert opened(Path("new")).plan.base.images == 1000
