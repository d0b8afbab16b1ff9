import pytest
import torch
from torch import nn

from directions.metrics.diagonality import diagonality, scores
from directions.metrics.entries import (
    chosen_hessians,
    difference_entries,
    exact_entries,
    exact_penalties,
)
from directions.metrics.epsilon_sweep import epsilon_sweep
from directions.penalty import hessian_penalty
from tests.metrics.test_diagonality import quadratic, symmetric


@pytest.fixture(scope="module")
def curved():
    """A small smooth network of five inputs and twelve outputs."""
    torch.manual_seed(3)
    net = nn.Sequential(nn.Linear(5, 16), nn.Tanh(), nn.Linear(16, 12)).double()
    return net.requires_grad_(False)


POINT = torch.tensor([0.3, -0.2, 0.5, 0.0, -0.7], dtype=torch.float64)


def whole(entries, dim, outputs):
    return chosen_hessians(entries, dim, range(outputs))


@pytest.mark.filterwarnings("ignore:`torch.jit.script")  # torch's own, in its hessian too
@pytest.mark.parametrize("pairs", [1, 4, 100])
def test_exact_entries_are_those_of_the_whole_hessian(curved, pairs):
    truth = torch.func.hessian(lambda w: curved(w[None])[0])(POINT)
    found = whole(exact_entries(curved, POINT, pairs), 5, 12)
    torch.testing.assert_close(found, truth.float(), rtol=1e-5, atol=1e-6)


def test_differences_come_near_as_their_step_shrinks(curved):
    truth = whole(exact_entries(curved, POINT), 5, 12)
    errors = [
        (whole(difference_entries(curved, POINT, step), 5, 12) - truth).abs().max().item()
        for step in (0.2, 0.1)
    ]
    assert errors[1] == pytest.approx(errors[0] / 4, rel=0.1)  # the error is of second order


def test_a_chunk_holds_no_more_pairs_than_it_may(curved):
    sizes = []
    f = lambda x: sizes.append(len(x)) or curved(x)  # noqa: E731
    list(difference_entries(f, POINT, pairs=4))
    assert sizes == [16, 16, 16, 12]  # 15 pairs, four points each


def test_both_sources_give_the_same_scores_of_a_quadratic():
    f, point = quadratic(symmetric(20, 4)), torch.randn(4, dtype=torch.float64)
    one, other = diagonality(f, point), scores(exact_entries(f, point), 4)
    assert one == pytest.approx(other, rel=1e-4)


def test_penalties_are_twice_the_squares_off_the_diagonal():
    hessians = symmetric(6, 3)
    off = hessians - torch.diag_embed(hessians.diagonal(dim1=1, dim2=2))
    f, point = quadratic(hessians), torch.zeros(3, dtype=torch.float64)
    found = exact_penalties(exact_entries(f, point))
    torch.testing.assert_close(found, 2 * off.square().sum((1, 2)))
    every = torch.cartesian_prod(*[torch.tensor([-1.0, 1.0], dtype=torch.float64)] * 3)[:, None]
    drawn = hessian_penalty(f, point[None], signs=every, reduction=lambda x: x[0])
    torch.testing.assert_close(drawn, found * 8 / 7)  # all probes, their variance over k - 1


def test_a_rectifier_has_kinks_that_only_differences_see():
    f = lambda x: torch.relu(x.sum(1, keepdim=True))  # noqa: E731
    point = torch.full((2,), 0.01, dtype=torch.float64)
    assert whole(exact_entries(f, point), 2, 1).abs().max() == 0
    assert whole(difference_entries(f, point, 0.1), 2, 1).abs().max() > 1


def test_the_sweep_has_errors_of_second_order_and_the_scores_of_both(curved):
    found = epsilon_sweep(curved, POINT, (0.2, 0.1, 0.05), pairs=7)
    assert found.exact == pytest.approx(scores(exact_entries(curved, POINT), 5))
    assert found.steps[1] == pytest.approx(diagonality(curved, POINT, 0.1))
    assert found.errors[0] / found.errors[1] == pytest.approx(4, rel=0.1)
    assert found.errors[1] / found.errors[2] == pytest.approx(4, rel=0.1)
    assert found.errors[2] < 0.01


def test_the_error_of_a_wrong_function_is_relative():
    cubic = lambda x: x[:, :1] ** 4 + 0 * x[:, 1:]  # noqa: E731
    point = torch.tensor([1.0, 0.0], dtype=torch.float64)
    # (x + h)^4 - 2 x^4 + (x - h)^4 = 12 x^2 h^2 + 2 h^4 with h = 2 epsilon: error h^2 / 6.
    assert epsilon_sweep(cubic, point, (0.5,)).errors[0] == pytest.approx(1 / 6)
