import numpy as np
import pytest
import torch

from directions.metrics.factor_columns import columns_of, decoded, encoded, grouped, moved_by
from directions.scenes.clevr import CLEVR, SIMPLE
from directions.scenes.factors import Choice, Factor

COLUMNS = columns_of(CLEVR[SIMPLE])


def test_colours_are_coordinates_shapes_are_indicators_places_are_themselves():
    assert [one.parts for one in COLUMNS] == [
        ("colour red", "colour green", "colour blue"),
        ("shape cube", "shape cylinder", "shape sphere"),
        ("horizontal",), ("vertical",),
    ]  # fmt: skip
    parts = encoded(COLUMNS, torch.tensor([[1.0, 2.0, 0.5, -1.0]]))  # red, a sphere
    known = [173 / 255, 35 / 255, 35 / 255, 0, 0, 1, 0.5, -1]
    assert parts[0].tolist() == pytest.approx(known)


def test_what_is_encoded_is_decoded_and_the_nearest_value_counts():
    numbers = torch.tensor([[c, s, 0.1 * c, -0.2 * s] for c in range(8) for s in range(3)])
    parts = encoded(COLUMNS, numbers)
    torch.testing.assert_close(decoded(COLUMNS, parts), numbers)
    near = parts + 0.1 * torch.tensor([1.0, -1, 1, 1, -1, 1, 0, 0])
    torch.testing.assert_close(decoded(COLUMNS, near)[:, 1], numbers[:, 1])
    green = columns_of([Choice("paint", ("red", "green"))])[0]
    assert green.decoded(torch.tensor([[0.2, 0.5, 0.1], [0.6, 0.3, 0.1]])).tolist() == [1, 0]


def test_factors_are_cut_out_of_any_stack():
    cut = grouped(COLUMNS, torch.arange(16.0).view(2, 8))
    assert [part.shape[1] for part in cut] == [3, 3, 1, 1]
    assert cut[2].tolist() == [[6.0], [14.0]]


def test_movement_is_the_variance_of_all_columns_of_a_factor_in_deviations():
    columns = columns_of([Factor("place", 0.0, 1.0, ""), Choice("shape", ("cube", "ball"))])
    read = torch.zeros(3, 2, 3)
    read[:, :, 0] = torch.tensor([[-2.0, 0], [0, 0], [2, 0]])  # one sample moves: variance 4
    read[:, :, 1] = torch.tensor([[0.0, 0], [1, 1], [1, 1]])  # both do: variance 1 / 3
    read[:, :, 2] = 1 - read[:, :, 1]
    spread = torch.tensor([0.5, 0.6, 0.8])
    found = moved_by(columns, read, spread)
    known = [(2 / 0.25) ** 0.5, (2 / 3 / (0.36 + 0.64)) ** 0.5]
    assert found.tolist() == pytest.approx(known)


def test_numbers_of_numpy_are_single_precision():
    assert all(one.values is None or one.values.dtype == np.float32 for one in COLUMNS)
