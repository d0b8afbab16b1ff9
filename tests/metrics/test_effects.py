import pytest
import torch

from directions.metrics.effects import activeness, reach_of, root_mean_square, slopes, unwrapped

AMOUNTS = torch.tensor([-2.0, 0.0, 2.0])


def test_activeness_of_a_linear_walk_is_four_times_its_squared_slope():
    slope = torch.rand(5, 3, 2, 2)
    images = AMOUNTS[:, None, None, None, None] * slope
    torch.testing.assert_close(activeness(images), 4 * slope.square().flatten(1).mean(1))


def test_slopes_are_signed_and_ignore_what_is_even():
    values = torch.stack([3 * AMOUNTS + 1, -AMOUNTS, AMOUNTS.square()], dim=1)[:, None]
    torch.testing.assert_close(slopes(values, AMOUNTS), torch.tensor([[3.0, -1.0, 0.0]]))


def test_root_mean_square_counts_what_cancels_in_the_mean():
    found = root_mean_square(torch.tensor([[2.0, 1.0], [-2.0, 1.0]]))
    torch.testing.assert_close(found, torch.tensor([2.0, 1.0]))


def test_angles_go_on_past_a_whole_turn():
    found = unwrapped(torch.tensor([[0.9], [0.1], [0.3], [0.95]]))
    torch.testing.assert_close(found[:, 0], torch.tensor([0.9, 1.1, 1.3, 0.95]))


def test_reach_is_where_half_have_left():
    amounts = torch.tensor([-4.0, -2.0, 0.0, 2.0, 4.0])
    assert reach_of(torch.tensor([0.9, 1.0, 1.0, 1.0, 0.9]), amounts) is None
    kept = torch.tensor([0.0, 1.0, 1.0, 1.0, 0.9])
    assert reach_of(kept, amounts) == pytest.approx(3.0)
    assert reach_of(torch.tensor([1.0, 1.0, 0.2, 1.0, 1.0]), amounts) == 0.0
