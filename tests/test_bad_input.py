# ruff: noqa: E501
"""What users get wrong: each gets one sentence and exit code 1 or 2, and nothing is written."""

import json
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import save_file

from directions.checkpoint import FORMAT, Directions
from directions.identity import Identity
from tests.commands import assert_refused, invoke

FAKES = Path(__file__).parent / "fakes.py"


def embedded_identity(**changes):
    from directions.generators.open import open_generator

    identity = open_generator(labels=["mug"]).identity
    return Identity(**{**vars(identity), **changes})


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A working folder with good and bad files of every kind."""
    monkeypatch.chdir(tmp_path)
    eye = np.eye(12, dtype=np.float32)

    def plain(path, basis, **meta):
        header = {"identity": vars(embedded_identity()), "slots": None, **meta}
        save_file({"basis": basis}, path, {"format": FORMAT, "directions": json.dumps(header)})

    Directions(basis=eye, identity=embedded_identity()).save(Path("good.safetensors"))
    other = embedded_identity(weights="f" * 64)
    Directions(basis=eye, identity=other).save(Path("other.safetensors"))
    Directions(basis=eye[:, :6][:6], identity=other).save(Path("small.safetensors"))
    Path("cut.safetensors").write_bytes(Path("good.safetensors").read_bytes()[:700])
    save_file({"weight": eye}, "foreign.safetensors")
    plain("nan.safetensors", eye * np.nan)
    plain("raw.safetensors", eye * 3)
    plain("tall.safetensors", np.zeros((13, 12), np.float32))
    plain("odd.safetensors", eye, colour="blue")
    save_file({"basis": eye}, "bare.safetensors", {"format": FORMAT})
    Path("text.safetensors").write_text("not a file of tensors")
    for name, matrix in {
        "nan.pt": torch.full((12, 12), float("nan")),
        "tall.pt": torch.randn(13, 12),
        "flat.pt": torch.ones(12, 12),
        "forty.pt": torch.randn(40, 40),
        "wide.pt": torch.randn(5, 20),
        "vector.pt": torch.randn(12),
        "many.pt": {"a": torch.randn(2, 2)},
        "good.pt": torch.randn(12, 12),
    }.items():
        torch.save(matrix, name)
    torch.save(Path("x"), "object.pt")
    np.savez("odd.npz", colour=eye)
    np.save("object.npy", np.array([{}], dtype=object), allow_pickle=True)
    np.save("whole.npy", np.eye(12, dtype=np.int64))
    Path("text.npz").write_text("not an array")
    Path("walk.mp4").write_text("precious")
    Path("run").mkdir()
    Path("run/run.json").write_text("{")
    Path("file").write_text("in the way")
    return tmp_path


LEARN = ["learn", "--steps", "1", "--batch-size", "2", "--held-out", "4", "--out", "new"]
RENDER = ["render", "good.safetensors", "--frames", "2", "--samples", "1"]
OWN = "is no generator: "

SENTENCES = [
    (["render", "none.safetensors"],
     "no directions file at none.safetensors; `directions learn` writes one"),
    (["info", "foreign.safetensors"],
     "foreign.safetensors is no directions file: its format is not stated, not directions/1"),
    (["info", "cut.safetensors"], "cut.safetensors is damaged: *"),
    (["info", "text.safetensors"], "text.safetensors is damaged: *"),
    (["info", "bare.safetensors"], "bare.safetensors is damaged: 'directions'"),
    (["info", "odd.safetensors"], "odd.safetensors is damaged: *"),
    (["info", "nan.safetensors"], "nan.safetensors: the basis holds values that are not finite"),
    (["info", "raw.safetensors"],
     "raw.safetensors: rows are not orthonormal (off by 8); `directions import` reads raw matrices"),
    (["info", "tall.safetensors"], "tall.safetensors: a basis cannot have shape (13, 12)"),
    (["render", "other.safetensors"],
     "other.safetensors was learnt on objects-64 (weights ffffffff), not objects-64 (weights *"),
    ([*RENDER, "--directions", "12", "--out", "new.mp4"],
     "no direction 12; there are directions 0 to 11"),
    ([*RENDER, "--slots", "0-5", "--out", "new.mp4"],
     "slots 0-5 do not exist in objects-64; it has slots 0 to 4"),
    ([*RENDER, "--class", "cup", "--out", "new.mp4"],
     "no class 'cup' in objects-64; it has airplane, car, chair, house, lamp, mug"),
    ([*RENDER, "--class", "6", "--out", "new.mp4"],
     "class 6 is out of range for objects-64; it has classes 0 to 5"),
    ([*RENDER, "--truncation", "2", "--out", "new.mp4"],
     "truncation must be above 0 and at most 1, got 2"),
    ([*RENDER, "--device", "tpu", "--out", "new.mp4"], "no device 'tpu' here; there is cpu"),
    ([*RENDER, "--out", "new.avi"], "cannot write '.avi' as a video; use .mp4, .gif, .webp"),
    (RENDER, "walk.mp4 exists; give another --out, or --overwrite"),
    ([*RENDER, "--out", "file/new.mp4"], "cannot write to file: *"),
    (["align", "good.safetensors", "--coordinate", "12"],
     "no coordinate 12; z has coordinates 0 to 11"),
    (["align", "good.safetensors", "-d", "0", "--beside", "12"],
     "no coordinate 12; z has coordinates 0 to 11"),
    ([*LEARN, "--generator", "bigan-deep-128"], "no generator 'bigan-deep-128'; known: objects-64, *"),
    ([*LEARN, "--directions", "13"],
     "13 directions asked of a generator with 12 latent dimensions; ask for 12 or fewer"),
    ([*LEARN, "--slots", "3-7"], "slots 3-7 do not exist in objects-64/airplane; *"),
    ([*LEARN, "--generator", f"{FAKES}:good", "--precision", "bfloat16"],
     f"{FAKES}:good decides its own precision; leave out --precision"),
    ([*LEARN, "--solver", "adam", "--directions", "13"],
     "13 directions asked of a generator with 12 latent dimensions; ask for 12 or fewer"),
    ([*LEARN, "--class", "any", "--class", "mug"], "'any' means every class; leave out the others"),
    ([*LEARN, "--class", "mug", "--class", "5"], "class mug (5) is given twice"),
    ([*LEARN, "--solver", "adam", "--start", "small.safetensors"],
     "small.safetensors has 6 latent dimensions, the generator has 12"),
    ([*LEARN, "--solver", "adam", "--start", "middle"],
     "no directions file at middle; `directions learn` writes one"),
    ([*LEARN[:-1], "file/run"], "cannot write to file/run: *"),
    ([*LEARN[:-1], "run"], "run holds a run; --resume run, another --out, or --overwrite"),
    (["learn", "--resume", "run"], "run/run.json is damaged"),
    (["learn", "--resume", "none"], "no run at none; `directions learn --out none` starts one"),
    ([*LEARN, "--generator", "none.py:f"], "no file at none.py to take a generator from"),
    ([*LEARN, "--generator", "no.such.module:f"],
     "cannot import no.such.module: No module named 'no'"),
    ([*LEARN, "--generator", f"{FAKES}:missing"], f"{FAKES} has no callable 'missing'"),
    ([*LEARN, "--generator", f"{FAKES}:good", "--class", "mug"],
     f"{FAKES}:good has no classes to choose from; leave out --class"),
    ([*LEARN, "--generator", f"{FAKES}:nothing"],
     f"{FAKES}:nothing {OWN}it lacks name, latent_dim, slots, sample_latents, __call__"),
    ([*LEARN, "--generator", f"{FAKES}:wrong_latents"],
     f"{FAKES}:wrong_latents: sample_latents(2, rng) gave shape (2, 3), not (2, 4)"),
    ([*LEARN, "--generator", f"{FAKES}:noisy"],
     f"{FAKES}:noisy {OWN}two calls on the same latent differ by *"),
    ([*LEARN, "--generator", f"{FAKES}:infinite"],
     f"{FAKES}:infinite {OWN}the function returns values that are not finite"),
    ([*LEARN, "--generator", f"{FAKES}:grey"],
     f"{FAKES}:grey: two latents gave images of shape (2, 1, 4, 4), not (2, 3, height, width)"),
    ([*LEARN, "--generator", f"{FAKES}:loud"],
     f"{FAKES}:loud: images reach *; they must lie in [-1, 1]"),
    ([*LEARN, "--generator", f"{FAKES}:detached"],
     f"{FAKES}:detached: no gradient flows from its images to z"),
    ([*LEARN, "--generator", f"{FAKES}:training"],
     f"{FAKES}:training is in training mode; call .eval() in the factory"),
    ([*LEARN, "--generator", f"{FAKES}:trainable"],
     f"{FAKES}:trainable has parameters that require gradients; "
     "call .requires_grad_(False) in the factory"),
    (["import", "none.pt", "--out", "new.st"], "no file at none.pt"),
    (["import", "nan.pt", "--out", "new.st"], "nan.pt: the matrix holds values that are not finite"),
    (["import", "tall.pt", "--out", "new.st"], "tall.pt: (13, 12) has more rows than columns"),
    (["import", "flat.pt", "--out", "new.st"], "flat.pt: the rows of the matrix are not independent"),
    (["import", "wide.pt", "--out", "new.st"],
     "the matrix has 20 columns, the generator 12 dimensions"),
    (["import", "forty.pt", "--out", "new.st"],
     "the matrix has 40 columns, the generator 12 dimensions; "
     "say which with --space coarse, mid or fine"),
    (["import", "forty.pt", "--space", "mid", "--out", "new.st"],
     "objects-64/airplane has no mid sub-space: z enters it whole, not in chunks; "
     "choose places with --slots"),
    (["import", "odd.npz", "--out", "new.st"],
     "odd.npz holds colour; GANSpace's directions are lat_comp"),
    (["import", "object.npy", "--out", "new.st"],
     "object.npy holds more than numbers, or is damaged"),
    (["import", "text.npz", "--out", "new.st"], "text.npz holds more than numbers, or is damaged"),
    (["import", "none.npy", "--out", "new.st"], "no file at none.npy"),
    (["import", "whole.npy", "--out", "new.st"], "whole.npy holds no matrix of directions"),
    (["import", "run", "--out", "new"],
     "run holds no matrices; they end in .pt, .pth, .npy, .npz"),
    (["import", ".", "--out", "new"], "flat.pt: the rows of the matrix are not independent"),
    (["export", "none.safetensors", "--out", "new.pt"],
     "no directions file at none.safetensors; `directions learn` writes one"),
    (["export", "good.safetensors", "--out", "good.pt"],
     "good.pt exists; give another --out, or --overwrite"),
    (["export", "good.safetensors", "--out", "new/new.csv"],
     "cannot write '.csv' as a matrix; use .pt, .npy, .npz"),
    (["export", "good.safetensors", "--out", "new.pt", "--space", "mid"],
     "good.safetensors does not lie in z[40:80], which is mid; leave out --space"),
    (["push", "good.safetensors", "name"],
     "'name' is no name on the hub; write owner/name or owner/name@revision"),
    (["push", "good.safetensors", "owner/name@main"],
     "a push makes a new revision; leave out '@main'"),
    (["push", "none.safetensors", "owner/name"],
     "no directions file at none.safetensors; `directions learn` writes one"),
    (["info", "hub:../secret"],
     "'hub:../secret' is no name on the hub; write owner/name or owner/name@revision"),
    (["import", "vector.pt", "--out", "new.st"], "vector.pt holds no matrix of directions"),
    (["import", "many.pt", "--out", "new.st"], "many.pt holds no matrix of directions"),
    (["import", "object.pt", "--out", "new.st"], "object.pt holds more than tensors, or is damaged"),
    (["import", "good.pt", "--out", "good.safetensors"],
     "good.safetensors exists; give another --out, or --overwrite"),
    (["name", "none.safetensors"],
     "no directions file at none.safetensors; `directions learn` writes one"),
    (["name", "good.safetensors", "12", "spin"], "no direction 12; there are directions 0 to 11"),
    (["name", "good.safetensors", "0", "--remove"], "direction 0 has no name to remove"),
    (["name", "good.safetensors", "0", "x" * 41],
     "a name is one line of 1 to 40 characters, got 41 characters"),
    (["name", "good.safetensors", "0", " "],
     "a name is one line of 1 to 40 characters, got 0 characters"),
    (["name", "good.safetensors", "0", "a\nb"],
     "a name is one line of 1 to 40 characters, got one with control characters"),
    (["name", "good.safetensors", "0", "--note", "x" * 401],
     "a note is one line of 1 to 400 characters, got 401 characters"),
    (["biggan", "train", "none", "--out", "new"],
     "no pictures at none; `directions scenes objects` renders them"),
    (["biggan", "measure", "--factors", "good.safetensors"],
     "good.safetensors is no factor network: its format is not directions-factors/1"),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "sentence"), SENTENCES)
def test_one_sentence_and_nothing_written(folder, arguments, sentence):
    assert_refused(sentence, *arguments)


@pytest.mark.parametrize(
    ("arguments", "phrase"),
    [
        (
            [*LEARN, "--solver", "adam", "--probes", "1"],
            "a variance needs at least 2 probes, got 1",
        ),
        ([*LEARN, "--epsilon", "0"], "epsilon must be positive, got 0.0"),
        ([*LEARN, "--reach", "-1"], "reach must be positive, got -1.0"),
        ([*LEARN, "--probes", "3"], "--probes does not go with --solver closed-form; it needs"),
        ([*LEARN, "--solver", "adam", "--projections", "2"], "it needs --solver closed-form"),
        (
            [*LEARN, "--solver", "adam", "--learning-rate", "0"],
            "learning_rate must be positive, got 0.0",
        ),
        ([*LEARN, "--slots", "3-1"], "'3-1' is no range of slots; write 2 or 0-3"),
        ([*LEARN, "--slots", "a"], "'a' is no range of slots; write 2 or 0-3"),
        (["learn", "--steps", "0"], "greater than or equal to 1"),
        ([*RENDER, "--frames", "0"], "a video needs at least 1 frame, got 0"),
        ([*RENDER, "--reach", "-2"], "reach must be positive, got -2"),
        ([*RENDER, "--directions", "x"], "'x' is no list of directions; write 0,3,5-7"),
        ([*RENDER, "--plane", "0,1,2"], "a grid takes two directions, got 3"),
        ([*RENDER, "--plane", "0,1", "--out", "a.mp4"], "give --out NAME.png"),
        (["align", "good.safetensors"], "give either --direction or --coordinate"),
        (
            ["align", "good.safetensors", "-d", "0", "--beside", "z1"],
            "'z1' is no coordinate; give a number, or closest",
        ),
        (
            ["align", "good.safetensors", "-d", "0,1", "--beside", "closest"],
            "several directions have no closest coordinate; give a number",
        ),
        (
            ["import", "good.pt", "--out", "a.st", "--space", "thin"],
            "'thin' is not one of 'coarse', 'mid', 'fine'",
        ),
        (["name", "good.safetensors", "--note", "x"], "say which direction: FILE ROW NAME"),
        (["name", "good.safetensors", "0"], "give a NAME, a --note, or --remove"),
        (["name", "good.safetensors", "0", "a", "--remove"], "give a NAME, a --note, or --remove"),
        (["lern"], "No such command"),
    ],
)
def test_usage_errors(folder, arguments, phrase):
    done = invoke(*arguments)
    assert done.exit_code == 2 and phrase in done.output, done.output
    assert not Path("new").exists()


def test_full_disk_leaves_no_half_file(tmp_path, monkeypatch):
    from directions import video
    from directions.errors import RenderError

    @contextmanager
    def full_disk(path, size, fps):
        def write(frame):
            path.write_bytes(b"half a video")
            raise OSError(28, "No space left on device")

        yield write

    monkeypatch.setattr(video, "_sink", full_disk)
    frames = [np.zeros((16, 16, 3), np.uint8)] * 3
    expected = (
        rf"0 frames rendered, but {tmp_path}/a\.mp4 could not be written: no space left on device"
    )
    with pytest.raises(RenderError, match=expected):
        video.write_video(tmp_path / "a.mp4", frames, 10)
    assert not list(tmp_path.iterdir())


def test_no_frames_is_no_video(tmp_path):
    from directions.errors import RenderError
    from directions.video import write_video

    with pytest.raises(RenderError, match=rf"^no frames to write to {tmp_path}/a\.mp4$"):
        write_video(tmp_path / "a.mp4", [], 10)
    assert not list(tmp_path.iterdir())
