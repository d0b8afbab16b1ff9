import itertools

import pytest
import torch
from torch import nn

from directions.penalty import (
    hessian_penalty,
    rademacher_signs,
    require_steady,
    second_differences,
)


def every_sign(dim, batch):
    """All 2^dim sign vectors: the variance over them is exact, not an estimate."""
    table = torch.tensor(list(itertools.product([-1.0, 1.0], repeat=dim)), dtype=torch.float64)
    return table[:, None].expand(-1, batch, -1)


def quadratic(hessian):
    return lambda x: 0.5 * torch.einsum("bi,ij,bj->b", x, hessian, x)


def latents(batch, dim):
    return torch.randn(batch, dim, dtype=torch.float64)


@pytest.mark.parametrize("dim", [2, 3, 5])
def test_enumerated_penalty_is_theorem_1_with_bessels_factor(dim):
    hessian = latents(dim, dim)
    hessian = hessian + hessian.T
    signs = every_sign(dim, 4)
    off = hessian - hessian.diag().diag()
    expected = 2 * off.square().sum() * len(signs) / (len(signs) - 1)
    found = hessian_penalty(quadratic(hessian), latents(4, dim), signs=signs, reduction="mean")
    torch.testing.assert_close(found, expected, rtol=1e-6, atol=1e-8)


def test_second_difference_is_the_quadratic_form():
    hessian = torch.tensor([[3.0, 1], [1, 5]], dtype=torch.float64)
    signs = every_sign(2, 4)
    expected = torch.einsum("pbi,ij,pbj->pb", signs, hessian, signs)
    torch.testing.assert_close(
        second_differences(quadratic(hessian), latents(4, 2), signs), expected
    )


def test_cancelled_centre_changes_nothing():
    x, signs = latents(4, 3), every_sign(3, 4)

    def f(x):
        return (x.sin() @ torch.ones(3, 5, dtype=torch.float64)).cos() * x.prod(1, keepdim=True)

    literal = second_differences(f, x, signs).var(dim=0).mean()
    torch.testing.assert_close(hessian_penalty(f, x, signs=signs, reduction="mean"), literal)


def test_calls_the_function_twice_per_probe():
    calls = []
    hessian_penalty(lambda x: calls.append(1) or x, torch.zeros(2, 3), probes=3)
    assert len(calls) == 6


def test_is_zero_for_a_separable_function():
    found = hessian_penalty(lambda x: x.sin().sum(1), latents(4, 3), signs=every_sign(3, 4))
    torch.testing.assert_close(found, torch.zeros((), dtype=torch.float64), rtol=0, atol=1e-20)


def test_two_output_example_of_the_papers_authors():
    x = torch.tensor([[2.0, 3.0]], dtype=torch.float64)
    both = (lambda x: x[:, 0] * x[:, 1], lambda x: x[:, 0] ** 2 * x[:, 1])
    signs = every_sign(2, 1)
    bessel = 4 / 3
    found = hessian_penalty(
        lambda x: tuple(f(x) for f in both), x, signs=signs, epsilon=1e-3, separately=True
    )
    # v'Hv is 2 v0 v1 and 2 z1 + 4 z0 v0 v1: the published values 4 and 16 z0^2, up to K/(K-1).
    expected = (4.0, 16 * 2.0**2)
    for value, wanted in zip(found, expected, strict=True):
        torch.testing.assert_close(value.item() / bessel, wanted, rtol=1e-3, atol=0)


def test_estimate_is_unbiased_at_two_probes():
    hessian = torch.tensor([[3.0, 1, -2], [1, 5, 0.5], [-2, 0.5, 7]], dtype=torch.float64)
    off = hessian - hessian.diag().diag()
    rng = torch.Generator().manual_seed(1)
    found = hessian_penalty(
        quadratic(hessian), torch.zeros(40_000, 3).double(), rng=rng, reduction="mean"
    )
    torch.testing.assert_close(found, 2 * off.square().sum(), rtol=0.03, atol=0)


def test_piecewise_linear_network_is_seen_by_finite_differences():
    network = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 3)).double().eval()
    x = latents(8, 4)
    exact = torch.autograd.functional.hessian(lambda z: network(z[None])[0, 0], x[0])
    assert exact.abs().max() == 0
    assert hessian_penalty(network, x, epsilon=0.5, probes=8) > 1e-3


def test_outputs_are_summed_or_separate():
    x, signs = latents(3, 2), every_sign(2, 3)

    def f(x):
        return x[:, 0] * x[:, 1], (x[:, 0] * x[:, 1] * 2)[:, None, None]

    parts = hessian_penalty(f, x, signs=signs, separately=True)
    assert len(parts) == 2
    torch.testing.assert_close(parts[1], 4 * parts[0])
    torch.testing.assert_close(hessian_penalty(f, x, signs=signs), parts[0] + parts[1])


@pytest.mark.parametrize(
    ("reduction", "expected"), [("max", 16.0), ("mean", 10.0), (lambda v: v.amin(), 4.0)]
)
def test_reductions(reduction, expected):
    def f(x):
        product = x[:, 0] * x[:, 1]
        return torch.stack([product, 2 * product], 1)

    signs = torch.tensor([[[1.0, 1.0]], [[1.0, -1.0]]]).double()  # v'Hv of -2 and 2: variance 8
    found = hessian_penalty(f, latents(1, 2), signs=signs, reduction=reduction)
    torch.testing.assert_close(found, torch.tensor(2 * expected).double())


def test_gradient_is_that_of_the_formula():
    weights = latents(3, 3).requires_grad_()
    x, signs = latents(2, 3), every_sign(3, 2)

    def penalty(weights):
        f = lambda x: (x @ weights).sin().prod(1)  # noqa: E731
        return hessian_penalty(f, x, signs=signs, reduction="mean")

    assert torch.autograd.gradcheck(penalty, weights)


def test_same_generator_of_randomness_same_penalty():
    def one():
        rng = torch.Generator().manual_seed(3)
        return hessian_penalty(lambda x: x.prod(1), torch.ones(4, 3), rng=rng)

    assert one() == one()


def test_half_precision_outputs_are_differenced_in_float32():
    found = hessian_penalty(lambda x: x.prod(1).bfloat16(), torch.ones(2, 2), reduction="mean")
    assert found.dtype == torch.float32


def test_signs_are_plus_and_minus_one_about_equally():
    signs = rademacher_signs(torch.zeros(1000, 4), 2, torch.Generator().manual_seed(0))
    assert signs.abs().eq(1).all() and signs.mean().abs() < 0.05


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"probes": 1}, "a variance needs at least 2 probes, got 1"),
        ({"epsilon": 0.0}, "epsilon must be positive, got 0.0"),
        ({"epsilon": -1.0}, "epsilon must be positive, got -1.0"),
    ],
)
def test_settings_without_meaning_are_refused(settings, message):
    with pytest.raises(ValueError, match=f"^{message}$"):
        hessian_penalty(lambda x: x, torch.zeros(1, 2), **settings)


@pytest.mark.parametrize(
    "layer", [nn.Dropout(), nn.BatchNorm1d(2), nn.utils.spectral_norm(nn.Linear(2, 2))]
)
def test_network_in_training_mode_is_refused(layer):
    network = nn.Sequential(nn.Linear(2, 2), layer).train()
    message = "is in training mode, so the network answers differently every time"
    with pytest.raises(ValueError, match=message):
        hessian_penalty(network, torch.zeros(2, 2))
    hessian_penalty(network.eval(), torch.zeros(2, 2))


def test_noisy_function_is_refused():
    with pytest.raises(ValueError, match="two calls on the same latent differ by"):
        require_steady(lambda x: x + torch.rand_like(x), torch.zeros(2, 2))


def test_values_that_are_not_finite_are_refused():
    with pytest.raises(ValueError, match="^the function returns values that are not finite$"):
        require_steady(lambda x: x / 0, torch.zeros(2, 2))


def test_wrong_shape_is_caught_by_the_annotations():
    with pytest.raises(Exception, match="x"):
        hessian_penalty(lambda x: x, torch.zeros(3))
