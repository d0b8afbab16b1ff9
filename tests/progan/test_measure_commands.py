"""`directions progan measure` and `hessians` as a user types them, and what a user gets wrong."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from directions.errors import DirectionsError
from tests.commands import assert_refused, finished, invoke
from tests.progan.toys import TINY, painted_scenes, written_run

FEW = [
    "--pairs", "4", "--hessian-samples", "2", "--activeness-samples", "2", "--factor-steps", "2",
    "--device", "cpu",
]  # fmt: skip
ALONE = [*FEW, "--generated", "2"]


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder, before = tmp_path_factory.mktemp("measures"), Path.cwd()
    os.chdir(folder)
    written_run(folder / "one")
    written_run(folder / "two", seed=1)
    painted_scenes(folder / "set", 120)
    yield folder
    os.chdir(before)


@pytest.fixture
def copies(place, tmp_path):
    """The runs, to write beside."""
    for name in ("one", "two"):
        shutil.copytree(place / name, tmp_path / name)
    return tmp_path / "one", tmp_path / "two"


def test_several_runs_stand_side_by_side_with_their_numbers(copies):
    data = ["--data", "set", "--generated", "120", "--real", "119", "--epsilon-sweep", "1"]
    done = finished("progan", "measure", *copies, *FEW, *data)
    found = [json.loads((run / "measures.json").read_text()) for run in copies]
    assert [one["run"] for one in found] == [str(run) for run in copies]
    assert found[0]["activeness"]["components"] != found[1]["activeness"]["components"]
    assert found[0]["factors"]["r2"] == found[1]["factors"]["r2"]  # one network read both
    for text in (
        "Measures of ProGANs, seed 0; mean and 95 % range", "path length, 4 pairs",
        "Fréchet distance, 120 and 119 real", "kernel distance, subsets of 59",
        "D, share, 2 samples, epsilon 0.1", "D_R, mean of ratios", "D_R, ratio of means",
        "active components, 2 samples, 0.05 of the most", "horizontal is moved most by",
        "mutual information gap, 120 samples", "Components of two; factors moved, in deviations",
        "R2 of reading", "Steps of the differences on one, 1 samples",
    ):  # fmt: skip
        assert text in done.stdout, text
    assert "FID" not in done.stdout + done.stderr and "not LPIPS" in done.stderr
    assert "settings: pairs 4, alpha 0.0001, generated 120, real 119," in done.stderr
    one, two = copies
    paths = [one / "measures.json", two / "measures.json", one / "activeness.png"]
    assert done.stdout.split()[-3:] == [str(path) for path in paths]
    with Image.open(paths[2]) as plot:
        assert plot.size[0] == 660


def test_json_is_a_list_of_what_is_in_the_files(copies, tmp_path):
    out = tmp_path / "new" / "m.json"
    done = finished("progan", "measure", copies[0], *ALONE, "--out", out, "--json", "--seed", 3)
    assert json.loads(done.stdout) == [json.loads(out.read_text())]
    assert json.loads(done.stdout)[0]["seed"] == 3 and (out.parent / "activeness.png").is_file()
    assert not (copies[0] / "measures.json").exists()


def test_without_pictures_there_are_no_distances_of_sets(copies):
    done = finished("progan", "measure", copies[0], *ALONE, "--entries", "exact")
    assert "Fréchet" not in done.stdout and "D, share, 2 samples, exact" in done.stdout
    with pytest.raises(DirectionsError) as told:
        raise invoke("progan", "measure", copies[0], *ALONE).exception
    assert str(told.value) == (
        f"{copies[0]}/measures.json exists; give another --out, or --overwrite"
    )
    finished("progan", "measure", copies[0], *ALONE, "--overwrite")


def test_runs_of_one_name_are_told_apart(place, tmp_path):
    runs = [tmp_path / name / "seed-0" for name in ("a", "b")]
    for run in runs:
        shutil.copytree(place / "one", run)
    done = finished("progan", "measure", *runs, *ALONE)
    assert f"Components of {runs[1]}" in done.stdout


def test_hessians_writes_two_pictures(copies, tmp_path):
    out = tmp_path / "new"
    command = ["progan", "hessians", *copies, "--samples", "2", "--device", "cpu"]
    done = finished(*command, "--out", out)
    assert done.stdout.split() == [f"{out}/hessians.png", f"{out}/penalties.png"]
    with Image.open(out / "penalties.png") as maps:
        assert maps.size[0] > 2 * 96 and maps.size[1] > 4 * 96  # two samples, two rows a run
    with Image.open(out / "hessians.png") as maps:
        assert maps.size[0] > 2 * 4 * 24 and maps.size[1] > 2 * 4 * 24
    finished(*command, "--entries", "exact")
    assert (copies[0] / "hessians.png").is_file()
    with pytest.raises(DirectionsError, match="hessians.png exists; give another --out, or"):
        raise invoke(*command).exception


MEASURE = ["progan", "measure", "one", *ALONE]
SENTENCES = [
    (["progan", "measure", "gone", *ALONE],
     "no ProGAN at gone; `directions progan train` makes one"),
    (["progan", "hessians", "gone"], "no ProGAN at gone; `directions progan train` makes one"),
    ([*MEASURE, "--data", "gone"], "no pictures at gone; give a folder, a zip or a packed file"),
    ([*MEASURE, "--data", "set"],
     "2 pictures are too few for a Fréchet distance over 112 features; it needs more than 112 real "
     "and generated ones"),
    (["progan", "measure", "one", *FEW, "--data", "set", "--subset", "400"],
     "a kernel distance cannot take subsets of 400 out of 120 pictures; 2 to 120 are possible"),
    ([*MEASURE, "--distance", "lpips"],
     "LPIPS is not installed; `pip install lpips`, which needs torchvision, or leave out "
     "--distance lpips"),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "sentence"), SENTENCES)
def test_one_sentence_and_nothing_written(place, monkeypatch, arguments, sentence):
    monkeypatch.setitem(sys.modules, "lpips", None)
    assert_refused(sentence, *arguments)


@pytest.mark.parametrize(
    ("arguments", "phrase"),
    [
        (["progan", "measure", "one", "two", "--out", "m.json"],
         "--out names the file of one run; leave it out for several"),
        (["progan", "measure", "one", "one"], "a run is given twice"),
        (["progan", "hessians", "two", "two"], "a run is given twice"),
        ([*MEASURE, "--pairs", "1"], "pairs must be at least 2, got 1"),
        ([*MEASURE, "--epsilon", "0"], "epsilon must be positive, got 0.0"),
        ([*MEASURE, "--active-share", "0"], "active_share must be in (0, 1], got 0.0"),
        (["progan", "hessians", "one", "--epsilon", "nan"], "epsilon must be positive, got nan"),
        ([*MEASURE, "--features", "deep"], "'deep' is not one of 'offline', 'inception'"),
    ],
)  # fmt: skip
def test_usage_errors(place, arguments, phrase):
    done = invoke(*arguments)
    assert done.exit_code == 2 and phrase in done.output, done.output


def test_help_does_without_torch():
    code = (
        "import sys; from cli.main import app; from typer.testing import CliRunner\n"
        "for name in ('measure', 'hessians'):\n"
        "    assert CliRunner().invoke(app, ['progan', name, '--help']).exit_code == 0\n"
        "assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_run_of_an_early_stage_is_measured_at_its_side(tmp_path):
    import dataclasses

    run = written_run(tmp_path / "early", dataclasses.replace(TINY, images=20))
    done = finished("progan", "measure", run, *ALONE, "--json")
    assert json.loads(done.stdout)[0]["images"] == 20
