import pytest
import torch

from directions.metrics.diagonality import diagonality


def quadratic(hessians):
    return lambda w: torch.einsum("bi,kij,bj->bk", w, hessians, w) / 2


def symmetric(count, dim, seed=0):
    rng = torch.Generator().manual_seed(seed)
    matrix = torch.randn(count, dim, dim, generator=rng, dtype=torch.float64)
    return (matrix + matrix.mT) / 2


@pytest.mark.parametrize("pairs", [1, 4, 100])
def test_scores_are_those_of_the_whole_hessians(pairs):
    hessians, dim = symmetric(50, 5), 5
    point = torch.randn(dim, dtype=torch.float64)
    found = diagonality(quadratic(hessians), point, pairs=pairs)
    size, on = hessians.abs(), torch.eye(dim, dtype=torch.bool)
    diagonal, off = size[:, on], size[:, ~on]
    share = (diagonal.amax(1) >= off.amax(1)).double().mean().item()
    assert found.share == pytest.approx(share)
    ratios = (diagonal.mean(1) / (off.mean(1) + 1e-8)).mean().item()
    assert found.mean_of_ratios == pytest.approx(ratios, rel=1e-3)
    assert found.diagonal == pytest.approx(diagonal.mean().item(), rel=1e-3)
    assert found.off_diagonal == pytest.approx(off.mean().item(), rel=1e-3)


def test_a_diagonal_hessian_is_diagonal_in_its_basis_only():
    hessians = torch.diag_embed(torch.randn(20, 4, dtype=torch.float64))
    f, origin = quadratic(hessians), torch.zeros(4, dtype=torch.float64)
    turn = torch.linalg.qr(torch.randn(4, 4, dtype=torch.float64)).Q
    assert diagonality(f, origin).share == 1.0
    assert diagonality(lambda w: f(w @ turn), origin).share < 0.9


def test_one_direction_has_nothing_off_the_diagonal():
    with pytest.raises(ValueError, match="^a Hessian has nothing off the diagonal with 1 direct"):
        diagonality(quadratic(symmetric(2, 1)), torch.zeros(1, dtype=torch.float64))
