import json
from pathlib import Path

import numpy as np
import pytest

from directions.checkpoint import FORMAT, Directions
from directions.errors import DirectionsFileError, GeneratorMismatch
from directions.files import whole
from directions.identity import Identity

PATH = Path("a.safetensors")


def identity(**changes):
    return Identity(**{"generator": "one", "weights": "a" * 64, "latent_dim": 3, **changes})


def directions(**changes):
    return Directions(basis=np.eye(2, 3, dtype=np.float32), identity=identity(**changes))


def test_round_trip(tmp_path):
    one = Directions(
        basis=np.eye(2, 3, dtype=np.float32),
        identity=identity(labels=(3, 5), label_names=("a", "b"), truncation=0.4, slots=4),
        slots=(1, 2), reach=3.0, step=7, settings={"seed": 1}, scores={"learnt": 0.5}, note="n",
    )  # fmt: skip
    one.save(tmp_path / "a.safetensors")
    other = Directions.load(tmp_path / "a.safetensors")
    assert np.array_equal(other.basis, one.basis) and other.identity == one.identity
    for name in ("slots", "reach", "step", "settings", "scores", "note"):
        assert getattr(other, name) == getattr(one, name)
    assert list(other.slot_range) == [1, 2] and "torch" in other.versions


def test_another_class_truncation_or_folder_of_the_same_weights_is_fine():
    directions().require_match(identity(labels=(9,), truncation=0.2, generator="elsewhere"), PATH)


@pytest.mark.parametrize("changes", [{"weights": "b" * 64}, {"latent_dim": 4}])
def test_another_network_is_refused(changes):
    message = (
        r"^a\.safetensors was learnt on one \(weights aaaaaaaa\), not one .*; pass --generator one$"
    )
    with pytest.raises(GeneratorMismatch, match=message):
        directions().require_match(identity(**changes), PATH)


def test_without_weights_the_name_decides():
    directions(weights="").require_match(identity(weights=""), PATH)
    with pytest.raises(GeneratorMismatch):
        directions(weights="").require_match(identity(weights="", generator="two"), PATH)


def test_a_huge_basis_is_refused_before_it_is_read(tmp_path):
    path, side = tmp_path / "huge.safetensors", 2**15
    entry = {"dtype": "F32", "shape": [side, side], "data_offsets": [0, 4 * side**2]}
    header = json.dumps({"__metadata__": {"format": FORMAT, "directions": "{}"}, "basis": entry})
    with path.open("wb") as file:
        file.write(len(header).to_bytes(8, "little") + header.encode())
        file.truncate(8 + len(header) + 4 * side**2)  # 4 GiB that take no place on the disk
    expected = (
        rf"^{path}: a basis cannot have shape \(32768, 32768\); 16384 dimensions are the most$"
    )
    with pytest.raises(DirectionsFileError, match=expected):
        Directions.load(path)


def test_a_failed_write_leaves_the_old_file(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")

    def fail():
        with whole(path) as partial:
            partial.write_text("half")
            raise OSError("full")

    with pytest.raises(OSError, match="full"):
        fail()
    assert path.read_text() == "old" and list(tmp_path.iterdir()) == [path]


def test_files_have_the_users_permissions(tmp_path):
    directions().save(tmp_path / "a.safetensors")
    (tmp_path / "plain").write_text("")
    modes = {path.stat().st_mode for path in tmp_path.iterdir()}
    assert len(modes) == 1
