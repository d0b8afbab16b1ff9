import pytest
import torch

from directions.basis import random_basis
from directions.metrics.matching import chance_level, matched


def test_order_and_signs_are_found_again():
    basis = random_basis(6, 6, torch.Generator().manual_seed(0))
    order, signs = torch.tensor([3, 0, 5, 1, 4, 2]), torch.tensor([1, -1, -1, 1, 1, -1.0])
    other = (basis * signs[:, None])[order]
    found = matched(basis, other)
    assert torch.equal(order[found.others], torch.arange(6))
    torch.testing.assert_close(found.cosines, signs)


def test_a_transposed_basis_is_another_one():
    basis = random_basis(8, 8, torch.Generator().manual_seed(0))
    assert matched(basis, basis).cosines.min() > 0.999
    assert matched(basis, basis.T).cosines.abs().mean() < 0.9


def test_the_sum_is_largest_and_not_the_first_pair():
    one = torch.eye(2)
    other = torch.tensor([[0.9, 0.8], [0.85, 0.0]])
    found = matched(one, other)
    assert found.others.tolist() == [1, 0]  # .85 + .8; the most alike pair would give .9 + 0


def test_bases_of_two_sizes_leave_the_rest_out():
    basis = random_basis(6, 6, torch.Generator().manual_seed(0))
    found = matched(basis[:2], basis)
    assert found.rows.tolist() == found.others.tolist() == [0, 1]
    assert len(matched(basis, basis[4:]).rows) == 2


def test_chance_level_is_that_of_random_bases():
    assert chance_level(1, 1) == pytest.approx(1.0)
    assert 0.3 < chance_level(12, 12) < 0.7
