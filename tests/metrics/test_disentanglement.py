import math

import pytest
import torch

from directions.metrics.disentanglement import (
    completeness,
    dci,
    dci_of_groups,
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


def test_a_factor_of_several_columns_counts_once():
    rng = torch.Generator().manual_seed(2)
    codes = torch.randn(400, 3, generator=rng)
    colour = torch.stack([codes[:, 1], -codes[:, 1], 2 * codes[:, 1]], dim=1)
    found = dci_of_groups(codes, [codes[:, :1], colour])
    assert found.disentanglement > 0.9 and found.completeness > 0.9
    assert found.informativeness > 0.9
    apart = dci_of_groups(codes, [codes[:, :1], torch.stack([codes[:, 1], codes[:, 2]], dim=1)])
    assert apart.completeness < 0.75  # two codes for the second factor: half a bit of log2(3)


def test_one_factor_is_never_entangled():
    codes = torch.randn(300, 3, generator=torch.Generator().manual_seed(0))
    found = dci(codes, codes[:, :1])
    assert found.disentanglement == 1.0 and found.completeness > 0.9


def test_a_factor_that_stands_still_has_no_gap_and_no_importance():
    codes = torch.randn(200, 3, generator=torch.Generator().manual_seed(0))
    still = torch.ones(200, 2)
    assert mutual_information_gap(codes, still) == 0
    assert dci(codes, still).disentanglement == 0
