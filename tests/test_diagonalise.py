import pytest
import torch

from directions.diagonalise import (
    diagonal_energy,
    jacobi_rotations,
    off_diagonal_energy,
    squared_eigenvectors,
)
from directions.metrics.matching import matched
from directions.solve import diagonaliser


def exact_basis(dim, seed=0):
    """Orthonormal in float64, where a float32 basis is off by 1e-7."""
    rng = torch.Generator().manual_seed(seed)
    return torch.linalg.qr(torch.randn(dim, dim, generator=rng, dtype=torch.float64)).Q


def hidden(dim, count, noise=0.0, seed=0):
    """Matrices that one basis diagonalises, but for symmetric noise."""
    rng = torch.Generator().manual_seed(seed)
    basis = exact_basis(dim, seed + 100)
    values = torch.randn(count, dim, generator=rng).double()
    matrices = basis.T @ torch.diag_embed(values) @ basis
    extra = torch.randn(count, dim, dim, generator=rng).double() * noise
    return matrices + extra + extra.mT, basis


def worst(found, basis):
    alike = (found[matched(basis, found).others] * basis).sum(1).abs()
    return alike.min().item()


@pytest.mark.parametrize("dim", [1, 2, 7, 32])
def test_a_common_diagonaliser_is_recovered(dim):
    matrices, basis = hidden(dim, 40)
    found = jacobi_rotations(matrices, exact_basis(dim, 3))
    assert off_diagonal_energy(matrices, found) < 1e-12
    rows = found[matched(basis, found).others]
    rows = rows * (rows * basis).sum(1, keepdim=True).sign()
    torch.testing.assert_close(rows, basis, rtol=0, atol=1e-6)


def test_rotations_repair_what_equal_eigenvalues_leave_open():
    basis = exact_basis(6, 1)
    values = torch.cat([torch.eye(6), -torch.eye(6)]).double()  # sum of squares: a multiple of 1
    matrices = basis.T @ torch.diag_embed(values) @ basis
    start = exact_basis(6, 2)
    assert worst(jacobi_rotations(matrices, start), basis) > 1 - 1e-12


def test_noise_costs_little():
    matrices, basis = hidden(10, 400, noise=0.1)
    assert worst(diagonaliser(matrices), basis) > 0.99


@pytest.mark.parametrize("dim", [4, 5])
def test_energy_is_kept_and_only_falls_off_the_diagonal(dim):
    matrices, _ = hidden(dim, 20, noise=1.0)
    total = matrices.square().sum()
    start = squared_eigenvectors(matrices)
    found = jacobi_rotations(matrices, start)
    torch.testing.assert_close(found @ found.T, torch.eye(dim).double())
    for basis in (start, found):
        kept = off_diagonal_energy(matrices, basis) + diagonal_energy(matrices, basis).sum()
        torch.testing.assert_close(kept, total)
    assert off_diagonal_energy(matrices, found) < off_diagonal_energy(matrices, start)


def test_no_single_rotation_is_better():
    matrices, _ = hidden(5, 20, noise=1.0)
    found = jacobi_rotations(matrices, torch.eye(5).double())
    least = off_diagonal_energy(matrices, found)
    for angle in torch.linspace(-1.5, 1.5, 31, dtype=torch.float64):
        turn = torch.eye(5).double()
        turn[1, 1] = turn[3, 3] = angle.cos()
        turn[1, 3], turn[3, 1] = angle.sin(), -angle.sin()
        assert off_diagonal_energy(matrices, turn @ found) >= least - 1e-9


def test_rows_are_sorted_and_their_signs_fixed():
    matrices, _ = hidden(6, 30, noise=0.2)
    basis = diagonaliser(matrices)
    energy = diagonal_energy(matrices, basis)
    assert (energy.diff() <= 0).all()
    assert (basis.gather(1, basis.abs().argmax(1, keepdim=True)) > 0).all()
    torch.testing.assert_close(basis, diagonaliser(matrices.flip(0)))
