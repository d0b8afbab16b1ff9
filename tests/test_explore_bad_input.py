# ruff: noqa: E501
"""What users get wrong with edits and with the page: one sentence, and nothing is written."""

import json
import socket
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from directions.checkpoint import Directions
from directions.edit import LARGEST, Edit, Sample
from directions.errors import DirectionsError
from directions.generators.open import open_generator
from directions.measures import basis_digest
from tests.commands import assert_refused, invoke


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A working folder with a directions file, an edit of it, and edits and files that are not."""
    monkeypatch.chdir(tmp_path)
    eye = np.eye(12, dtype=np.float32)
    identity = open_generator(labels=["mug"]).identity
    other = replace(identity, weights="f" * 64)
    Directions(basis=eye, identity=identity).save(Path("good.safetensors"))
    Directions(basis=eye[::-1], identity=identity).save(Path("turned.safetensors"))
    Directions(basis=eye, identity=other).save(Path("other.safetensors"))
    save_file({"weight": eye}, "foreign.safetensors")
    Path("cut.safetensors").write_bytes(Path("good.safetensors").read_bytes()[:700])
    for name in ("huge.safetensors", "huge.json"):
        with Path(name).open("wb") as file:
            file.truncate(LARGEST * 4)
    edit = Edit(
        source="good.safetensors", basis=basis_digest(eye), generator=identity.generator,
        weights=identity.weights, samples=(Sample(0, 0),), labels=(5,), truncation=1.0,
        amounts={0: 1.0},
    )  # fmt: skip
    edits = {
        "good": edit, "row": replace(edit, amounts={12: 1.0}), "class": replace(edit, labels=(6,)),
        "slots": replace(edit, slots=(0, 5)), "gone": replace(edit, source="none.safetensors"),
        "of-turned": replace(edit, basis=basis_digest(eye[::-1])),
        "of-other": replace(edit, weights="f" * 64),
    }  # fmt: skip
    for name, one in edits.items():
        one.save(Path(f"{name}.json"))
    Path("cut.json").write_text(Path("good.json").read_text()[:200])
    Path("foreign.json").write_text(json.dumps({"format": "directions-measures/1"}))
    Path("good.png").write_text("precious")
    return tmp_path


DIGESTS = [basis_digest(np.eye(12)[::step])[:8] for step in (1, -1)]
EXPLORE = ["explore", "good.safetensors", "--edit"]
RENDER = ["render", "--out", "new.png", "--edit"]

SENTENCES = [
    (["explore", "none.safetensors"],
     "no directions file at none.safetensors; `directions learn` writes one"),
    (["explore", "foreign.safetensors"],
     "foreign.safetensors is no directions file: its format is not stated, not directions/1"),
    (["explore", "cut.safetensors"], "cut.safetensors is damaged: *"),
    (["explore", "huge.safetensors"], "huge.safetensors is damaged: *"),
    (["explore", "other.safetensors"],
     "other.safetensors was learnt on objects-64 (weights ffffffff), not objects-64 (weights *"),
    (["explore", "good.safetensors", "--slots", "0-5"],
     "slots 0-5 do not exist in objects-64; it has slots 0 to 4"),
    (["explore", "good.safetensors", "--class", "cup"],
     "no class 'cup' in objects-64; it has airplane, car, chair, house, lamp, mug"),
    (["explore", "good.safetensors", "--host", "300.1.1.1"], "cannot serve on 300.1.1.1:8600: *"),
    ([*EXPLORE, "none.json"], "no edit at none.json; `directions explore` saves one"),
    ([*EXPLORE, "foreign.json"], "foreign.json is no edit: its format is not directions-edit/1"),
    ([*EXPLORE, "cut.json"], "cut.json is damaged: *"),
    ([*EXPLORE, "huge.json"], "huge.json is too large for an edit: over 1 MiB"),
    ([*EXPLORE, "row.json"], "row.json moves direction 12; there are directions 0 to 11"),
    ([*EXPLORE, "slots.json"], "slots.json edits slots 0-5; objects-64 has slots 0 to 4"),
    ([*EXPLORE, "class.json"], "class.json shows class 6; objects-64 has classes 0 to 5"),
    ([*EXPLORE, "of-turned.json"],
     f"of-turned.json was made with other directions (digest {DIGESTS[1]}, not {DIGESTS[0]}); "
     "give the good.safetensors it was made with"),
    ([*EXPLORE, "of-other.json"],
     "of-other.json was made on objects-64 (weights ffffffff), not objects-64 (weights *"),
    ([*RENDER, "none.json"], "no edit at none.json; `directions explore` saves one"),
    ([*RENDER, "cut.json"], "cut.json is damaged: *"),
    ([*RENDER, "huge.json"], "huge.json is too large for an edit: over 1 MiB"),
    ([*RENDER, "row.json"], "row.json moves direction 12; there are directions 0 to 11"),
    ([*RENDER, "slots.json"], "slots.json edits slots 0-5; objects-64 has slots 0 to 4"),
    ([*RENDER, "class.json"], "class 6 is out of range for objects-64; it has classes 0 to 5"),
    ([*RENDER, "gone.json"], "no directions file at none.safetensors; `directions learn` writes one"),
    ([*RENDER, "good.json", "turned.safetensors"],
     f"good.json was made with other directions (digest {DIGESTS[0]}, not {DIGESTS[1]}); "
     "give the good.safetensors it was made with"),
    ([*RENDER, "good.json", "other.safetensors"],
     "good.json was made on objects-64 (weights *), not objects-64 (weights ffffffff)"),
    ([*RENDER, "good.json", "random"], "good.json was made with other directions (digest *"),
    (["render", "--edit", "good.json"], "good.png exists; give another --out, or --overwrite"),
    (["render", "--edit", "good.json", "--out", "new.avi"],
     "cannot write '.avi' as a video; use .mp4, .gif, .webp"),
    (["render", "--edit", "good.json", "--out", "good.json/new.png"], "cannot write to good.json: *"),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "sentence"), SENTENCES)
def test_one_sentence_and_nothing_written(folder, arguments, sentence):
    assert_refused(sentence, *arguments)


@pytest.mark.parametrize(
    ("arguments", "phrase"),
    [
        (["render"], "give a directions file, or --edit"),
        ([*RENDER, "good.json", "--samples", "2"], "the edit says it; leave out --samples"),
        ([*RENDER, "good.json", "--class", "mug"], "the edit says it; leave out --class"),
        ([*RENDER, "good.json", "--directions", "1"], "the edit says it; leave out --directions"),
        ([*EXPLORE, "good.json", "--seed", "2"], "the edit says it; leave out --seed"),
        (["explore", "good.safetensors", "--reach", "0"],
         "reach must be above 0 and at most 100, got 0"),
        (["explore", "good.safetensors", "--reach", "nan"],
         "reach must be above 0 and at most 100, got nan"),
        (["explore", "good.safetensors", "--samples", "0"], "greater than or equal to 1"),
        (["explore", "good.safetensors", "--port", "70000"], "less than or equal to 65535"),
    ],
)  # fmt: skip
def test_usage_errors(folder, arguments, phrase):
    done = invoke(*arguments)
    assert done.exit_code == 2 and phrase in done.output, done.output
    assert not Path("new.png").exists()


def test_a_port_in_use_is_told(folder):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = invoke("explore", "good.safetensors", "--port", str(port))
    assert isinstance(done.exception, DirectionsError)
    assert str(done.exception) == (
        f"cannot serve on 127.0.0.1:{port}: address already in use; "
        "give another --host or --port, or --port 0 for a free one"
    )


def test_the_missing_library_of_the_page_is_told(folder, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    done = invoke("explore", "good.safetensors")
    assert isinstance(done.exception, DirectionsError)
    assert str(done.exception) == (
        "the page needs nicegui; install it with pip install 'directions[explore]'"
    )


def test_an_edit_is_rendered_with_the_directions_beside_it(folder):
    for name in ("again.png", "again.mp4"):
        arguments = ["render", "--edit", "good.json", "--out", name, "--frames", "2"]
        done = invoke(*arguments)
        assert done.exit_code == 0, done.output
        assert done.stdout.strip() == name and Path(name).stat().st_size > 500


def test_an_edit_of_a_baseline_is_rendered_with_its_seed(folder):
    from cli.opening import open_subject

    basis = open_subject("random", None, None, None, None, "cpu", 3).basis.numpy()
    edit = replace(Edit.load(Path("good.json")), source="random", basis=basis_digest(basis))
    edit.save(Path("random.json"))
    done = invoke("render", "random", "--seed", "3", "--edit", "random.json")
    assert done.exit_code == 0, done.output
    assert Path("random.png").exists()
