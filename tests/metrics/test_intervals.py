import pytest
import torch

from directions.metrics.intervals import interval, ratio_interval


def test_interval_holds_the_standard_error_on_either_side():
    values = torch.randn(400, generator=torch.Generator().manual_seed(0)) + 3
    found, error = interval(values), values.std().item() / 20
    assert found.mean == pytest.approx(values.mean().item())
    assert found.mean - found.low == pytest.approx(1.96 * error, rel=0.15)
    assert found.high - found.mean == pytest.approx(1.96 * error, rel=0.15)


def test_samples_that_agree_leave_no_doubt():
    found = interval(torch.full((5,), 2.5))
    assert found.low == found.mean == found.high == 2.5


def test_ratio_is_of_means_and_not_the_mean_of_ratios():
    above, below = torch.tensor([1.0, 9.0]), torch.tensor([1.0, 3.0])
    assert ratio_interval(above, below).mean == pytest.approx(2.5)
