import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import av
import imageio.v3 as iio
import numpy as np
import pytest
import torch
from PIL import Image
from safetensors import safe_open

from cli.main import app
from directions.checkpoint import Directions
from tests.commands import invoke

SMALL = ["--steps", "2", "--batch-size", "2", "--held-out", "4", "--device", "cpu"]


@pytest.fixture(scope="module")
def learnt(tmp_path_factory):
    """A run of two steps on the embedded generator."""
    folder = tmp_path_factory.mktemp("runs") / "mug"
    done = invoke("learn", "--class", "mug", "--out", folder, *SMALL)
    assert done.exit_code == 0, done.output
    return folder / "directions.safetensors"


def test_learn_leaves_the_files_it_promises(learnt):
    names = {path.name for path in learnt.parent.iterdir()}
    assert names >= {"directions.safetensors", "log.jsonl", "run.json", "resume.pt"}
    found = Directions.load(learnt)
    assert found.basis.shape == (12, 12) and found.identity.label_names == ("mug",)
    assert set(found.scores) == {"learnt", "coordinates", *(f"random {i}" for i in range(5))}
    assert len(found.identity.weights) == 64 and found.versions["torch"]
    assert len((learnt.parent / "log.jsonl").read_text().splitlines()) == 2


def test_info_prints_json(learnt):
    done = invoke("info", learnt, "--json")
    assert json.loads(done.stdout)["identity"]["generator"] == "objects-64"


def test_info_and_help_do_without_torch(learnt):
    code = (
        "import sys; from cli.main import app; from typer.testing import CliRunner\n"
        f"assert CliRunner().invoke(app, ['info', {str(learnt)!r}]).exit_code == 0\n"
        "assert CliRunner().invoke(app, ['learn', '--help']).exit_code == 0\n"
        "assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def frames_of(path):
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


@pytest.mark.parametrize("suffix", ["mp4", "gif"])
def test_video_has_the_frames_that_were_asked_for(learnt, tmp_path, suffix):
    path = tmp_path / f"walk.{suffix}"
    rows = ["--directions", "0,2", "--samples", "2", "--frames", "5"]
    done = invoke("render", learnt, "--out", path, *rows)
    assert done.exit_code == 0, done.output
    frames = frames_of(path)
    assert len(frames) == 5 and frames[0].shape[0] > 2 * 128
    moved = np.abs(frames[0].astype(float) - frames[1]).mean()
    assert moved > 0.5


def test_webp_and_sheet_and_plane(learnt, tmp_path):
    for name, extra in (
        ("a.webp", ["--frames", "3"]),
        ("a.png", ["--columns", "3"]),
        ("b.png", ["--plane", "0,1", "--columns", "3"]),
    ):
        done = invoke(
            "render",
            learnt,
            "--out",
            tmp_path / name,
            "--samples",
            "1",
            "--directions",
            "0",
            *extra,
        )
        assert done.exit_code == 0, done.output
        with Image.open(tmp_path / name) as picture:
            assert getattr(picture, "n_frames", 1) == (3 if name.endswith("webp") else 1)


def test_align_writes_latents_on_the_hyperplane(learnt, tmp_path):
    done = invoke(
        "align", learnt, "-d", "1,3", "--target", "0.5", "--samples", "4", "--frames", "2",
        "--out", tmp_path, "--json",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    assert set(json.loads(done.stdout)["spread"]) >= {"azimuth", "size", "background"}
    with safe_open(tmp_path / "align-1-3.safetensors", framework="pt") as file:
        before, after, basis = (file.get_tensor(n) for n in ("before", "after", "directions"))
    torch.testing.assert_close(after @ basis.T, torch.full((4, 2), 0.5))
    other = torch.linalg.svd(basis)[2][2:]  # nothing moves across the directions
    torch.testing.assert_close(before @ other.T, after @ other.T, rtol=0, atol=1e-5)


def test_align_stands_beside_the_closest_coordinate(learnt, tmp_path):
    done = invoke(
        "align", learnt, "-d", "1", "--beside", "closest", "--samples", "4", "--frames", "1",
        "--out", tmp_path, "--json",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    closest = abs(Directions.load(learnt).basis[1]).argmax()
    alone = invoke("align", learnt, "--coordinate", closest, "--samples", "4", "--frames", "1",
                   "--out", tmp_path, "--json")  # fmt: skip
    ours, theirs = (json.loads(one.stdout)["spread"]["azimuth"] for one in (done, alone))
    assert ours[f"along z{closest}"] == pytest.approx(theirs["after"]) != ours["after"]
    names = ("align-1.png", f"align-coordinate-{closest}.png")
    three, two = (iio.imread(tmp_path / name).shape[0] - 22 for name in names)  # without titles
    assert three == two * 3 // 2


def test_baselines_by_name(tmp_path):
    for name in ("random", "coordinates"):
        done = invoke("render", name, "--samples", "1", "--directions", "0", "--columns", "2",
                      "--out", tmp_path / f"{name}.png")  # fmt: skip
        assert done.exit_code == 0, done.output


def test_several_classes_and_slots(tmp_path):
    done = invoke("learn", "--class", "car", "--class", "mug", "--slots", "1-2", "--directions",
                  "3", "--solver", "adam", "--micro-batch", "1", "--out", tmp_path / "r",
                  *SMALL)  # fmt: skip
    assert done.exit_code == 0, done.output
    found = Directions.load(tmp_path / "r" / "directions.safetensors")
    assert found.slots == (1, 2) and found.basis.shape == (3, 12)
    assert found.identity.labels == (1, 5)


def test_generators_that_users_bring(tmp_path):
    source = Path(__file__).parent / "fakes.py"
    for factory in ("good", "frozen"):
        done = invoke("learn", "--generator", f"{source}:{factory}", "--out", tmp_path / factory,
                      *SMALL)  # fmt: skip
        assert done.exit_code == 0, done.output
    assert len(Directions.load(tmp_path / "frozen/directions.safetensors").identity.weights) == 64


def test_resumed_run_equals_an_uninterrupted_one(tmp_path):
    common = ["--solver", "adam", "--batch-size", "2", "--held-out", "4", "--device", "cpu"]
    invoke("learn", "--steps", "4", "--out", tmp_path / "whole", *common)
    invoke("learn", "--steps", "2", "--out", tmp_path / "parts", *common)
    done = invoke("learn", "--resume", tmp_path / "parts", "--steps", "4", "--held-out", "4")
    assert done.exit_code == 0, done.output
    whole, parts = (
        Directions.load(tmp_path / name / "directions.safetensors") for name in ("whole", "parts")
    )
    assert np.array_equal(whole.basis, parts.basis) and parts.step == 4


def test_closed_form_resumed_equals_uninterrupted(tmp_path):
    common = ["--solver", "closed-form", "--held-out", "4", "--device", "cpu", "--class", "car"]
    invoke("learn", "--steps", "3", "--out", tmp_path / "whole", *common)
    invoke("learn", "--steps", "2", "--out", tmp_path / "parts", *common)
    done = invoke("learn", "--resume", tmp_path / "parts", "--steps", "3", "--held-out", "4")
    assert done.exit_code == 0, done.output
    whole, parts = (
        Directions.load(tmp_path / name / "directions.safetensors") for name in ("whole", "parts")
    )
    assert np.array_equal(whole.basis, parts.basis) and parts.step == 3
    assert len(whole.reproducibility) == 12 and whole.reproducibility == parts.reproducibility
    assert "reproducibility" in invoke("info", tmp_path / "whole/directions.safetensors").stdout


def test_interrupted_run_saves_and_says_how_to_go_on(tmp_path):
    folder = tmp_path / "run"
    command = [sys.executable, "-m", "cli", "learn", "--steps", "5000", "--batch-size", "2"]
    process = subprocess.Popen(
        [*command, "--out", str(folder)], stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    deadline = time.monotonic() + 60
    while not (folder / "log.jsonl").exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=60)
    assert process.returncode == 130, told
    assert f"go on with --resume {folder}" in told and "Traceback" not in told
    assert Directions.load(folder / "directions.safetensors").step >= 1


def test_imported_matrix_is_orthonormal(tmp_path):
    matrix = torch.randn(12, 12) * 20
    torch.save(matrix, tmp_path / "a.pt", _use_new_zipfile_serialization=False)
    done = invoke(
        "import", tmp_path / "a.pt", "--class", "car", "--out", tmp_path / "a.safetensors"
    )
    assert done.exit_code == 0, done.output
    basis = torch.from_numpy(Directions.load(tmp_path / "a.safetensors").basis)
    torch.testing.assert_close(basis[0], matrix[0] / matrix[0].norm())
    torch.testing.assert_close(basis @ basis.T, torch.eye(12), rtol=0, atol=1e-5)


def test_every_command_has_help_and_example():
    import typer

    def leaves(command, path):
        for name, sub in getattr(command, "commands", {}).items():
            yield from leaves(sub, [*path, name])
        if not hasattr(command, "commands"):
            yield path, command

    found = list(leaves(typer.main.get_command(app), []))
    assert len(found) >= 24
    for path, command in found:
        assert "Example:" in command.help, path
        assert f"`directions {' '.join(path)}" in command.help, path


def test_library_knows_nothing_of_the_command_line():
    for path in (Path(__file__).parent.parent / "directions").rglob("*.py"):
        words = {tuple(line.split()[:2]) for line in path.read_text().splitlines() if line.strip()}
        for name in ("cli", "typer", "rich"):
            assert ("import", name) not in words and ("from", name) not in words, path


def test_run_without_arguments_in_a_real_process(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "cli", "info", str(tmp_path / "none.safetensors")],
        capture_output=True, text=True, env={**os.environ, "COLUMNS": "60"},
    )  # fmt: skip
    assert done.returncode == 1 and "Traceback" not in done.stderr
    expected = (
        f"error: no directions file at {tmp_path}/none.safetensors; `directions learn` writes one"
    )
    assert done.stderr.strip() == expected


def test_killed_run_loses_at_most_one_interval(tmp_path):
    folder = tmp_path / "run"
    command = [sys.executable, "-m", "cli", "learn", "--steps", "5000", "--solver", "adam"]
    command += ["--batch-size", "2"]
    process = subprocess.Popen(
        [*command, "--save-every", "1", "--out", str(folder)],
        stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    log, deadline = folder / "log.jsonl", time.monotonic() + 60
    while (not log.exists() or len(log.read_text().splitlines()) < 3) and (
        time.monotonic() < deadline
    ):
        time.sleep(0.05)
    process.kill()
    process.wait()
    logged = len(log.read_text().splitlines())
    saved = torch.load(folder / "resume.pt", weights_only=True)["number"]
    assert saved >= logged >= 3
    done = invoke("learn", "--resume", folder, "--steps", saved + 1, "--held-out", "4")
    assert done.exit_code == 0, done.output
    assert Directions.load(folder / "directions.safetensors").step == saved + 1


def test_tensorboard_events(tmp_path):
    pytest.importorskip("tensorboard")
    done = invoke("learn", "--tensorboard", "--out", tmp_path / "run", *SMALL)
    assert done.exit_code == 0 and list((tmp_path / "run" / "tensorboard").iterdir())
