import math

import pytest
import torch

from directions.metrics.disentanglement import (
    completeness,
    dci,
    disentanglement,
    mutual_information_gap,
)


def test_one_direction_a_factor_is_perfect_in_any_order():
    importance = torch.eye(3, dtype=torch.float64)[[2, 0, 1]] * torch.tensor([1.0, 5.0, 2.0])
    assert disentanglement(importance) == pytest.approx(1)
    assert completeness(importance) == pytest.approx(1)


def test_equal_importance_everywhere_is_worth_nothing():
    assert disentanglement(torch.ones(4, 3)) == pytest.approx(0, abs=1e-6)
    assert completeness(torch.ones(4, 3)) == pytest.approx(0, abs=1e-6)


def test_a_factor_told_by_two_directions_is_disentangled_but_not_complete():
    importance = torch.tensor([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.0, 1.0]])
    assert disentanglement(importance) == pytest.approx(1)
    assert completeness(importance) == pytest.approx(1 - math.log(2) / math.log(4))


def test_a_direction_that_tells_nothing_does_not_count():
    importance = torch.tensor([[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]])
    assert disentanglement(importance) == pytest.approx(1)


@pytest.fixture(scope="module")
def samples():
    codes = torch.randn(1200, 3, generator=torch.Generator().manual_seed(0))
    turn = torch.tensor([[1.0, 1.0, 0.0], [-1.0, 1.0, 0.0], [0.0, 0.0, 2**0.5]]) / 2**0.5
    return codes, codes[:, [2, 0, 1]] * torch.tensor([1.0, -2.0, 1.0]), codes @ turn.T


def test_dci_prefers_the_axes_to_a_turn_of_them(samples):
    codes, factors, turned = samples
    right, wrong = dci(codes, factors), dci(turned, factors)
    assert right.disentanglement > 0.95 and right.informativeness > 0.9
    assert wrong.disentanglement < 0.7 and wrong.completeness < right.completeness - 0.3


def test_gap_is_wide_on_the_axes_and_narrow_between_them(samples):
    codes, factors, turned = samples
    assert mutual_information_gap(codes, factors) > 0.8
    one_axis_left = mutual_information_gap(turned, factors)
    assert one_axis_left < 0.5
    noise = torch.randn(1200, 3, generator=torch.Generator().manual_seed(1))
    assert mutual_information_gap(noise, factors) < 0.05
