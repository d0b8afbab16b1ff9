import json

import numpy as np
import pytest

from directions.errors import ScenesError
from directions.scenes.factors import FACTORS, factors_of
from directions.scenes.store import CLASS_NAMES, ScenesConfig, load_scenes, render_scenes


def write_set(folder, count=2):
    folder.mkdir(exist_ok=True)
    (folder / "scenes.json").write_text(json.dumps({"count": count, "side": 64, "seed": 0}))
    for label, name in enumerate(CLASS_NAMES):
        np.savez_compressed(
            folder / f"{name}-000000.npz",
            pictures=np.full((count, 64, 64, 3), label, np.uint8),
            factors=np.stack([factors_of(0, label, i) for i in range(count)]),
        )
    return folder


def test_factors_follow_from_seed_class_and_number_alone():
    assert np.array_equal(factors_of(1, 2, 3), factors_of(1, 2, 3))
    assert not np.array_equal(factors_of(1, 2, 3), factors_of(1, 2, 4))
    many = np.stack([factors_of(0, 0, i) for i in range(2000)])
    for column, factor in zip(many.T, FACTORS, strict=True):
        assert factor.low <= column.min() and column.max() <= factor.high
        assert column.std() == pytest.approx((factor.high - factor.low) / 12**0.5, rel=0.05)
    assert np.abs(np.corrcoef(many.T) - np.eye(len(FACTORS))).max() < 0.1


def test_a_set_is_read_class_by_class(tmp_path):
    found = load_scenes(write_set(tmp_path))
    assert found.labels.tolist() == [i // 2 for i in range(12)]
    assert (found.pictures[:, 0, 0, 0] == found.labels).all() and found.factors.shape == (12, 7)


def test_what_is_rendered_is_not_rendered_again(tmp_path):
    pytest.importorskip("pyvista")
    write_set(tmp_path)
    assert list(render_scenes(tmp_path, ScenesConfig(count=2))) == [2] * 6


def test_another_set_in_the_folder_is_refused(tmp_path):
    pytest.importorskip("pyvista")
    write_set(tmp_path)
    with pytest.raises(ScenesError, match="holds another set; give another --out"):
        list(render_scenes(tmp_path, ScenesConfig(count=3)))


def test_missing_renderer_is_one_sentence(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pyvista", None)
    message = r"rendering needs pyvista; install it with pip install 'directions\[scenes\]'"
    with pytest.raises(ScenesError, match=message):
        list(render_scenes(tmp_path, ScenesConfig()))


def test_partial_and_damaged_sets_are_named(tmp_path):
    folder = write_set(tmp_path)
    (folder / "mug-000000.npz").write_bytes(b"nothing")
    with pytest.raises(ScenesError, match=r"mug-000000\.npz is damaged"):
        load_scenes(folder)
    (folder / "mug-000000.npz").unlink()
    with pytest.raises(ScenesError, match=r"is not complete: mug-000000\.npz is missing"):
        load_scenes(folder)
    (folder / "scenes.json").write_text("{}")
    with pytest.raises(ScenesError, match=r"scenes\.json is damaged"):
        load_scenes(folder)
