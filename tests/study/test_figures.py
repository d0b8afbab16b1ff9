"""Figures 3 and 5 of made-up results."""

import io

import numpy as np
import pytest
from PIL import Image

from directions.study.plan import Run
from directions.study.sheets import sheet_of, sheets_of
from directions.study.training import train
from tests.study.made_up import result, tiny, two_seeds

PLUS, PENALISED, TUNED = (
    Run("clevr-u", method, 0) for method in ("progan-plus", "hessian", "hessian-finetune")
)


def test_a_sheet_has_the_lowest_seed_without_and_with_the_penalty():
    later = PENALISED._replace(seed=1)
    made = result(0.5, 1.0, 1.0)
    assert sheets_of({later: made, PENALISED: made, TUNED: made, PLUS: made}) == {
        "clevr-u": [PLUS, PENALISED]
    }
    assert sheets_of({later: made}) == {"clevr-u": [later]}
    assert sheets_of({TUNED: made}) == {}


def test_rows_are_the_most_active_components_first(tmp_path, monkeypatch):
    study = tiny(tmp_path)
    for _ in train(study, PENALISED):
        pass
    made = result(0.5, 1.0, 1.0, components=(0.1, 3.0, 2.0), chosen=80)
    asked = []

    def sheet(generator, z, order, names, values, title):
        asked.append((generator.latent_dim, order, names, values.tolist(), title))
        return np.zeros((10 + len(asked), 20, 3), np.uint8)

    monkeypatch.setattr("directions.study.sheets.component_sheet", sheet)
    frame = sheet_of(study, [PENALISED, PENALISED], {PENALISED: made})
    dimensions, order, names, values, title = asked[0]
    assert (dimensions, order, names) == (3, [1, 2, 0], ["z1  3", "z2  2", "z0  0.1"])
    assert (values[0], values[-1], title) == (-2, 2, "w/ HP, seed 0")
    assert frame.shape == (12, 2 * (20 + 16), 3)


def test_bars_stand_as_high_as_the_means_over_seeds(tmp_path):
    pytest.importorskip("matplotlib")
    from directions.report.palette import LIGHT
    from directions.study.bars import _figure, activeness_figure

    results = two_seeds()
    (axes,) = _figure(results, LIGHT).axes
    heights = [[bar.get_height() for bar in bars] for bars in axes.containers[1::2]]
    assert heights == [[3, 1], [7, 0.5]]  # ProGAN+, w/ HP
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["ProGAN+", "w/ HP"]
    with Image.open(io.BytesIO(activeness_figure(results))) as picture:
        assert picture.format == "PNG" and picture.size[0] == 1040
