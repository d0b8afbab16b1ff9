# ruff: noqa: E501
"""`directions progan` as a user types it, and what a user gets wrong."""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import av
import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file, save_file

from directions.checkpoint import Directions
from directions.progan.store import load_generator, load_state
from tests.commands import assert_refused, finished, invoke
from tests.progan.toys import Squares

SMALL = ["--resolution", "8", "--images", "64", "--device", "cpu", "--sheet-every", "64"]
TRAIN = ["progan", "train", "pics", *SMALL]
HP = ["--hessian-penalty", "0.05"]


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with pictures and a short run on them, once for all."""
    folder, before = tmp_path_factory.mktemp("progan"), Path.cwd()
    os.chdir(folder)
    for number, picture in enumerate(Squares(12, 16).pictures):
        path = folder / "pics" / f"{number:02d}.png"
        path.parent.mkdir(exist_ok=True)
        Image.fromarray(picture.permute(1, 2, 0).numpy()).save(path)
    finished(*TRAIN, *HP, "--out", "run")
    yield folder
    os.chdir(before)


def test_a_run_leaves_its_files(place):
    names = {path.name for path in (place / "run").iterdir()}
    assert names == {
        "generator.safetensors", "resume.safetensors", "log.jsonl",
        "samples-000000064.png", "strips-000000064.png",
    }  # fmt: skip
    lines = [json.loads(x) for x in (place / "run/log.jsonl").read_text().splitlines()]
    assert [line["images"] for line in lines] == [8, 64]  # the first step and the last
    line = lines[-1]
    assert line["images"] == 64 and line["side"] == 4 and line["weight"] == 0.05
    found = load_generator(place / "run")
    assert found.config.network.resolution == 8 and found.config.penalty.weight == 0.05


def test_a_run_goes_on_as_if_it_had_not_stopped(place, tmp_path):
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    finished(*TRAIN, *HP, "--out", whole, "--images", 128)
    finished(*TRAIN, *HP, "--out", parts)
    finished("progan", "train", "pics", "--resume", parts, "--images", 128, "--device", "cpu")
    one, other = (load_file(folder / "resume.safetensors") for folder in (whole, parts))
    assert one.keys() == other.keys()
    assert all(torch.equal(value, other[name]) for name, value in one.items())


def test_fine_tuning_ramps_up_over_half_of_what_is_added(place, tmp_path):
    finished(
        "progan",
        "train",
        "pics",
        "--finetune",
        "run",
        "--out",
        tmp_path / "tuned",
        "--images",
        "192",
        "--device",
        "cpu",
    )
    state = load_state(tmp_path / "tuned")
    assert state.about["images"] == 192
    penalty = state.config.penalty
    assert (penalty.weight, penalty.start, penalty.ramp) == (0.05, 64, 64)
    assert load_state(place / "run").about["images"] == 64


def test_infogan_and_other_choices(place, tmp_path):
    finished(
        *TRAIN, "--infogan", 3, "--shards", 2, "--layers", "1,3-5", "--reduction", "mean",
        "--latent-dim", 5, "--seed", 7, *HP, "--out", tmp_path / "info",
    )  # fmt: skip
    config = load_state(tmp_path / "info").config
    assert config.network.codes == 3 and config.shards == 2 and config.seed == 7
    assert config.penalised_layers == (1, 3, 4, 5) and config.penalty.reduction == "mean"


def test_pictures_that_cannot_be_read_are_counted(place, tmp_path):
    bad = tmp_path / "pics"
    shutil.copytree(place / "pics", bad)
    (bad / "zz.png").write_bytes(b"no picture")
    done = finished("progan", "train", bad, *SMALL, "--out", tmp_path / "run")
    assert "1 skipped, the first zz.png: " in done.stderr and "12 pictures" in done.stderr


def test_sample_writes_a_sheet(place, tmp_path):
    finished(
        "progan", "sample", "run", "--count", "12", "--out", tmp_path / "a.png", "--device", "cpu"
    )
    with Image.open(tmp_path / "a.png") as sheet:
        side = sheet.size[0] // 8
        assert sheet.size == (8 * side, 2 * side) and side % 4 == 0
        pixels = np.asarray(sheet)
    assert (pixels[side:, 4 * side :] == 255).all() and not (pixels[:side] == 255).all()


def test_render_sorts_components_and_writes_a_video(place, tmp_path):
    done = finished(
        "progan", "render", "run", "--out", tmp_path, "--judged", 4, "--samples", 2, "--frames", 3,
        "--device", "cpu", "--normalised",
    )  # fmt: skip
    assert done.stdout.split() == [f"{tmp_path}/components.png", f"{tmp_path}/components.mp4"]
    with av.open(str(tmp_path / "components.mp4")) as video:
        assert len(list(video.decode(video=0))) == 3
    with Image.open(tmp_path / "components.png") as sheet:
        assert sheet.size[1] > 12 * 32


def test_render_a_plane(place, tmp_path):
    finished("progan", "render", "run", "--plane", "3,0", "--out", tmp_path, "--device", "cpu")
    assert [path.name for path in tmp_path.iterdir()] == ["plane.png"]


def test_other_commands_take_a_run_as_their_generator(place, tmp_path):
    out = ["--device", "cpu", "--out", tmp_path / "d"]
    finished("learn", "--generator", "run", "--steps", "2", "--held-out", "4", *out)
    learnt = Directions.load(tmp_path / "d" / "directions.safetensors")
    assert learnt.identity.generator == "run" and learnt.basis.shape == (12, 12)
    finished(
        "render", tmp_path / "d" / "directions.safetensors", "--out", tmp_path / "w.png",
        "--samples", "1", "--columns", "2", "--device", "cpu",
    )  # fmt: skip
    finished(
        "align", "coordinates", "--generator", "run", "--direction", "1", "--samples", "2",
        "--frames", "2", "--out", tmp_path / "a", "--device", "cpu",
    )  # fmt: skip


@pytest.fixture(scope="module")
def wrong(place):
    """Files of every bad kind beside the good ones."""
    run = (place / "run/resume.safetensors").read_bytes()
    for name, content in {
        "cut/resume.safetensors": run[:900], "cut/generator.safetensors": run[:900],
        "few/00.png": (place / "pics/00.png").read_bytes(), "file": b"in the way",
        "text/a.png": b"no picture", "run/samples.png": b"precious",
        "none/nothing.txt": b"", "packed.safetensors": b"half a file",
    }.items():  # fmt: skip
        (place / name).parent.mkdir(exist_ok=True)
        (place / name).write_bytes(content)
    (place / "other").mkdir()
    save_file({"a": torch.zeros(1)}, place / "other/resume.safetensors")
    save_file({"a": torch.zeros(1)}, place / "other/generator.safetensors")
    return place


NEW = [*TRAIN, "--out", "new"]
SENTENCES = [
    (["progan", "train", "gone", *SMALL, "--out", "new"],
     "no pictures at gone; give a folder, a zip or a packed file"),
    (["progan", "train", "none", *SMALL, "--out", "new"], "*none*"),
    (["progan", "train", "text", *SMALL, "--out", "new"], "none of the 1 files of text can be used; *"),
    (["progan", "train", "packed.safetensors", *SMALL, "--out", "new"], "packed.safetensors is no packed file*"),
    ([*TRAIN, "--out", "run"], "run holds a run; --resume run, another --out, or --overwrite"),
    ([*TRAIN, "--out", "file/run"], "cannot write to file/run: not a directory"),
    ([*NEW, "--preset", "clevr"],
     "no preset 'clevr'; known: small, or one of edges-shoes, clevr-simple, clevr-complex, clevr-u, clevr-1fov, a slash, and one of infogan, progan-plus, progan, hessian, hessian-finetune"),
    (["progan", "train", "pics", "--resume", "gone"],
     "no run at gone; `directions progan train --out gone` starts one"),
    (["progan", "train", "pics", "--resume", "cut"],
     "cut/resume.safetensors is no state of a run, or damaged: *"),
    (["progan", "train", "pics", "--resume", "other"],
     "other/resume.safetensors is no state of a run, or damaged: its format is not stated, not directions-progan-state/1"),
    (["progan", "train", "few", "--resume", "run"], "the run was started on 12 pictures, not on 1"),
    ([*NEW, "--finetune", "gone"], "no run at gone; `directions progan train --out gone` starts one"),
    ([*NEW, "--finetune", "run", "--latent-dim", "5", "--images", "100"],
     "the run has latent_dim 12, 5 was asked for; its networks do not fit"),
    (["progan", "train", "pics", "--out", "new", "--finetune", "run", "--resolution", "16"],
     "the run has resolution 8, 16 was asked for; its networks do not fit"),
    ([*NEW, "--finetune", "run"], "the run has seen 64 pictures already; --images must be more"),
    (["progan", "sample", "none"], "no ProGAN at none; `directions progan train` makes one"),
    (["progan", "sample", "cut"], "cut/generator.safetensors is no ProGAN, or damaged: *"),
    (["progan", "sample", "other"],
     "other/generator.safetensors is no ProGAN, or damaged: its format is not stated, not directions-progan/1"),
    (["progan", "sample", "run"], "run/samples.png exists; give another --out, or --overwrite"),
    (["progan", "render", "none"], "no ProGAN at none; `directions progan train` makes one"),
    (["progan", "render", "run", "--plane", "0,12"],
     "no component 12; there are components 0 to 11"),
    (["learn", "--generator", "run", "--class", "mug", "--out", "new"],
     "run has no classes to choose from; leave out --class"),
    (["learn", "--generator", "run", "--truncation", "0.5", "--out", "new"],
     "run is a ProGAN, which has no truncation; leave it out"),
    (["learn", "--generator", "none", "--out", "new"],
     "none has no config.json; a BigGAN-deep folder needs one"),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "sentence"), SENTENCES)
def test_one_sentence_and_nothing_written(wrong, arguments, sentence):
    assert_refused(sentence, *arguments)


@pytest.mark.parametrize(
    ("arguments", "phrase"),
    [
        ([*NEW, "--hessian-penalty", "-1"], "the weight of the penalty cannot be negative, got -1"),
        ([*NEW, "--hessian-penalty", "nan"], "the weight of the penalty cannot be negative, got nan"),
        ([*NEW, "--probes", "1"], "a variance needs at least 2 probes, got 1"),
        ([*NEW, "--epsilon", "0"], "epsilon must be positive, got 0.0"),
        ([*NEW, "--ramp", "-5"], "a ramp cannot be negative, got 0 and -5"),
        ([*NEW, "--resolution", "48"], "resolution must be a power of two from 8 on, got 48"),
        ([*NEW, "--resolution", "4"], "resolution must be a power of two from 8 on, got 4"),
        ([*NEW, "--latent-dim", "0"], "latent_dim must be at least 1, got 0"),
        ([*NEW, "--layers", "a"], "'a' is no list of layers; write 1-10 or 2,4"),
        ([*NEW, "--layers", "2-6"], "no layer 6; there are layers 1 to 5"),
        ([*NEW, "--infogan", "13"], "codes are entries of z: 0 to 12 of them, got 13"),
        ([*NEW, "--shards", "3"], "a batch of 8 does not divide into 3 shards of whole groups of 4"),
        ([*NEW, "--images", "0"], "images, half_life and shards must be at least 1"),
        (TRAIN, "give --out for a new run, or --resume for one that is there"),
        ([*NEW, "--resume", "run"], "give --out for a new run, or --resume for one that is there"),
        (["progan", "train", "pics", "--resume", "run", "--seed", "1"],
         "--resume goes on with a run's own settings; only --images changes"),
        ([*NEW, "--finetune", "run", "--hessian-penalty", "0"],
         "fine-tuning needs a penalty; give --hessian-penalty above 0"),
        ([*NEW, "--preset", "clevr-1fov/hessian-finetune"],
         "clevr-1fov/hessian-finetune begins with a run; give --finetune RUN"),
        (["progan", "sample", "run", "--out", "a.jpg"], "a sheet is a picture; give --out NAME.png, not a.jpg"),
        (["progan", "render", "run", "--plane", "1"], "'1' is no pair of components; write 6,2"),
        (["progan", "render", "run", "--extent", "0"], "0"),
    ],
)  # fmt: skip
def test_usage_errors(wrong, arguments, phrase):
    done = invoke(*arguments)
    assert done.exit_code == 2 and phrase in done.output, done.output
    assert not Path("new").exists()


DYING = """
import os, signal, sys
from pathlib import Path
from directions.progan import store
from cli.main import app

def killed(tensors, path, header):
    Path(path).write_bytes(b"half a file")
    os.kill(os.getpid(), signal.SIGKILL)

store.save_file = killed
app(sys.argv[1:])
"""


def test_a_run_killed_while_it_saves_can_be_resumed(place, tmp_path):
    run = tmp_path / "run"
    finished(*TRAIN, *HP, "--out", run)
    more = ["progan", "train", "pics", "--resume", str(run), "--device", "cpu", "--images"]
    done = subprocess.run([sys.executable, "-c", DYING, *more, "128"], capture_output=True)
    assert done.returncode == -signal.SIGKILL
    assert len(list(run.glob(".*.partial.*"))) == 1
    assert load_state(run).about["images"] == load_generator(run).images == 64
    finished(*more, "96")
    assert load_state(run).about["images"] == 96 and not list(run.glob(".*"))


def test_ctrl_c_saves_and_says_how_to_go_on(place, tmp_path):
    run = tmp_path / "run"
    command = [sys.executable, "-m", "cli", *TRAIN, "--images", "1000000", "--out", str(run)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=_environment())
    while not (run / "log.jsonl").exists():
        assert process.poll() is None, process.stderr.read()
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=60)
    images = load_state(run).about["images"]
    assert process.returncode == 130
    assert f"stopped at picture {images}; go on with --resume {run}" in told


TOGETHER = ["-m", "torch.distributed.run", "--nproc-per-node", "2", "-m", "cli"]


def _environment():
    root = str(Path(__file__).parent.parent.parent)
    return os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": root}


def test_two_processes_train_what_one_does(place, tmp_path):
    """The networks agree to 1e-5 after twenty steps, and one process writes."""
    common = [*TRAIN, *HP, "--images", "160", "--shards", "2", "--out"]
    finished(*common, tmp_path / "one")
    done = subprocess.run(
        [sys.executable, *TOGETHER, *common, str(tmp_path / "two")],
        capture_output=True, text=True, env=_environment(), timeout=200,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [str(tmp_path / "two")]
    one, two = (load_file(tmp_path / name / "generator.safetensors") for name in ("one", "two"))
    worst = max((one[name] - two[name]).abs().max().item() for name in one)
    assert worst < 1e-5
    assert len((tmp_path / "two/log.jsonl").read_text().splitlines()) == 2


def test_tensorboard_events(place, tmp_path):
    pytest.importorskip("tensorboard")
    finished(*TRAIN, "--tensorboard", "--out", tmp_path / "run")
    assert list((tmp_path / "run" / "tensorboard").iterdir())
