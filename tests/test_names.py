import json
import subprocess
import sys

import numpy as np
import pytest

from directions.checkpoint import Directions
from directions.errors import DirectionsFileError
from directions.identity import Identity
from directions.names import KeptNames, carried, named, rewrite, unnamed
from tests.commands import invoke


def directions(basis=None, **changes):
    basis = np.eye(4, dtype=np.float32) if basis is None else basis
    identity = Identity(generator="one", latent_dim=basis.shape[1])
    return Directions(basis=basis, identity=identity, **changes)


@pytest.fixture
def path(tmp_path):
    directions(versions={"torch": "1.0"}, step=7).save(tmp_path / "a.safetensors")
    return tmp_path / "a.safetensors"


def turned(angle):
    """Rows 0 and 1 turned in their plane; row 0 has |cosine| cos(angle) to what it was."""
    basis = np.eye(4, dtype=np.float32)
    basis[:2, :2] = [[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]]
    return basis


def test_a_name_and_a_note_come_and_go_one_by_one():
    one = named(named(directions(), 2, "spin", "clockwise"), 0, note="weak")
    assert one.names == {2: "spin"} and one.notes == {2: "clockwise", 0: "weak"}
    assert named(one, 2, "turn").notes[2] == "clockwise"
    assert unnamed(one, 2).names == {} and unnamed(one, 2).notes == {0: "weak"}


def test_naming_changes_nothing_else_in_the_file(path):
    before = Directions.load(path)
    assert invoke("name", path, 3, "spin", "--note", "clockwise").stdout == "3 spin\n"
    after = Directions.load(path)
    assert after.names == {3: "spin"} and after.notes == {3: "clockwise"}
    assert np.array_equal(after.basis, before.basis)
    assert after.versions == {"torch": "1.0"}  # those it was learnt with
    for name in ("identity", "step", "settings"):
        assert getattr(after, name) == getattr(before, name)


def test_names_are_printed_as_a_table_and_as_json(path):
    invoke("name", path, 1, "[bold]spin")
    assert "[bold]spin" in invoke("name", path).stdout
    told = json.loads(invoke("name", path, "--json").stdout)
    assert told == {"names": {"1": "[bold]spin"}, "notes": {}}
    assert invoke("name", path, 1, "--remove").stdout == "1\n"
    assert json.loads(invoke("name", path, "--json").stdout)["names"] == {}


def test_naming_does_without_torch(path):
    code = (
        "import sys; from cli.main import app; from typer.testing import CliRunner\n"
        f"assert CliRunner().invoke(app, ['name', {str(path)!r}, '0', 'spin']).exit_code == 0\n"
        "assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_info_shows_names(path):
    invoke("name", path, 1, "spin")
    assert "1 spin" in invoke("info", path).stdout


def test_a_name_goes_with_its_row_when_rows_move_and_flip():
    before = directions(names={0: "a", 2: "b"}, notes={2: "n", 3: "m"})
    kept = carried(before, -np.eye(4, dtype=np.float32)[[2, 3, 1, 0]])
    assert kept == ({3: "a", 0: "b"}, {0: "n", 1: "m"}, [])


@pytest.mark.parametrize(("cosine", "there"), [(0.91, True), (0.89, False)])
def test_a_name_is_dropped_where_no_row_is_close(cosine, there):
    kept = carried(directions(names={0: "a", 3: "c"}), turned(np.arccos(cosine)))
    assert kept.names == ({0: "a", 3: "c"} if there else {3: "c"})
    assert kept.dropped == ([] if there else ["0 a"])


def test_names_stay_bound_to_the_vector_that_was_named(path):
    """Small steps must not carry a name arbitrarily far from what it was given to."""
    rewrite(path, named(Directions.load(path), 0, "a"))
    keeper, found = KeptNames(path), []
    for step in range(1, 7):  # 10 degrees a write; |cosine| is .94 after 20, .87 after 30
        basis = turned(np.radians(10 * step))
        kept = keeper.onto(basis)
        directions(basis, names=kept.names).save(path)
        found.append(kept.names)
    assert found == [{0: "a"}] * 2 + [{}] * 4 and keeper.dropped == ["0 a"]


def test_names_given_between_two_writes_are_taken_up(path):
    keeper = KeptNames(path)
    assert keeper.onto(turned(0)) == ({}, {}, [])
    rewrite(path, named(Directions.load(path), 2, "late"))
    assert keeper.onto(turned(0)).names == {2: "late"}


def test_a_file_that_cannot_be_written_is_one_line(path, monkeypatch):
    def full(self, path):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Directions, "save", full)
    expected = rf"^{path} could not be written: no space left on device$"
    with pytest.raises(DirectionsFileError, match=expected):
        rewrite(path, directions())


def test_resumed_run_keeps_names_and_tells_what_it_drops(tmp_path):
    common = ["--solver", "adam", "--batch-size", "2", "--held-out", "4", "--device", "cpu"]
    invoke("learn", "--steps", "1", "--out", tmp_path / "run", *common)
    path = tmp_path / "run" / "directions.safetensors"
    invoke("name", path, 4, "spin", "--note", "clockwise")
    done = invoke("learn", "--resume", tmp_path / "run", "--steps", "2", "--held-out", "4")
    found = Directions.load(path)
    assert done.exit_code == 0 and found.step == 2
    assert found.names == {4: "spin"} and found.notes == {4: "clockwise"}

    learnt = Directions.load(path)  # as if another basis had been there when the name was given
    mixed = np.linalg.qr(np.random.default_rng(0).normal(size=(12, 12)))[0].astype(np.float32)
    rewrite(path, Directions(basis=mixed, identity=learnt.identity, names={4: "spin"}))
    done = invoke("learn", "--resume", tmp_path / "run", "--steps", "3", "--held-out", "4")
    assert "no row is close to direction 4 spin any more; its name is dropped" in done.stderr
    assert Directions.load(path).names == {}


def test_rows_are_shown_with_their_names(tmp_path):
    from cli import aligning, showing

    invoke("learn", "--steps", "1", "--batch-size", "2", "--held-out", "4", "--device", "cpu",
           "--out", tmp_path / "run")  # fmt: skip
    path = tmp_path / "run" / "directions.safetensors"
    invoke("name", path, 1, "spin")
    source = (str(path), None, None, None, None, "cpu", 0)
    show = showing.opened(source, "0,1", None, None, 1, 0, 4)
    assert show.names == ["0", "1 spin"]
    assert aligning.opened(source, "1", None, None, 0.0, 2, 0, 4).along == "1 spin"
