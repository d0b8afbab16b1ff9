import json

import numpy as np
import pytest
import torch

from directions.data.factored import FactoredPictures, open_factored
from directions.data.packed import Pictures
from directions.errors import ScenesError
from directions.progan.pictures import PictureSource
from directions.scenes.clevr import clevr_factors_of
from tests.progan.toys import painted_scenes


def test_a_rendered_folder_keeps_its_factors(tmp_path):
    found = open_factored(painted_scenes(tmp_path / "set", 70), 16)
    assert isinstance(found, FactoredPictures) and isinstance(found, PictureSource)
    assert (len(found), found.side, found.table[0].name) == (70, 16, "horizontal")
    known = np.stack([clevr_factors_of("clevr-1fov", 0, i) for i in range(70)])
    assert np.array_equal(found.factors, known)
    # A white bar stands where the factor says, so pictures and factors are in the same order.
    pictures = found.batch(torch.arange(70)).float()[:, 0]
    places = (pictures.sum(1) * torch.arange(16)).sum(1) / pictures.sum((1, 2))
    assert np.corrcoef(places.numpy(), known[:, 0])[0, 1] > 0.99


def test_the_class_is_the_first_factor_where_there_are_several(tmp_path):
    names = ("airplane", "car", "chair", "house", "lamp", "mug")
    index = {"count": 2, "side": 16, "seed": 0}
    (tmp_path / "scenes.json").write_text(json.dumps(index))
    for label, name in enumerate(names):
        np.savez(
            tmp_path / f"{name}-000000.npz",
            pictures=np.full((2, 16, 16, 3), label, np.uint8),
            factors=np.full((2, 7), 0.5, np.float32),
        )
    found = open_factored(tmp_path)
    assert isinstance(found, FactoredPictures)
    assert found.table[0].name == "class" and found.table[0].values == names
    assert found.factors[:, 0].tolist() == [label for label in range(6) for _ in range(2)]
    assert found.factors.shape == (12, 8)


def test_a_folder_of_pictures_has_none(tmp_path):
    from PIL import Image

    Image.new("RGB", (8, 8)).save(tmp_path / "a.png")
    assert isinstance(open_factored(tmp_path, 8), Pictures)


def test_a_missing_part_is_one_sentence(tmp_path):
    folder = painted_scenes(tmp_path / "set", 70)
    (folder / "clevr-1fov-000050.npz").unlink()
    with pytest.raises(ScenesError, match="is not complete: clevr-1fov-000050.npz is missing"):
        open_factored(folder)
