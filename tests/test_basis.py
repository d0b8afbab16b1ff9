import pytest
import torch

from directions.basis import coordinate_basis, orthonormal_rows, random_basis


def modified_gram_schmidt(rows):
    """Written out, row by row, as in the paper's description."""
    found = []
    for row in rows:
        for other in found:
            row = row - (row @ other) * other
        found.append(row / row.norm())
    return torch.stack(found)


@pytest.mark.parametrize(("rows", "columns"), [(5, 9), (6, 6), (1, 4)])
def test_equals_gram_schmidt_in_values_and_gradients(rows, columns):
    matrix = torch.randn(rows, columns, dtype=torch.float64, requires_grad=True)
    weights = torch.randn(rows, columns, dtype=torch.float64)
    gradients = []
    for rule in (orthonormal_rows, modified_gram_schmidt):
        (gradient,) = torch.autograd.grad((rule(matrix) * weights).sum(), matrix)
        gradients.append(gradient)
    torch.testing.assert_close(orthonormal_rows(matrix), modified_gram_schmidt(matrix))
    torch.testing.assert_close(gradients[0], gradients[1])


def test_orthonormal_rows_are_left_as_they_are():
    basis = random_basis(4, 7, torch.Generator().manual_seed(0))
    torch.testing.assert_close(orthonormal_rows(basis), basis)


def test_too_many_rows_are_refused():
    with pytest.raises(ValueError, match="^5 directions cannot be orthonormal in 4 dimensions$"):
        orthonormal_rows(torch.randn(5, 4))


def test_baselines_are_orthonormal():
    for basis in (coordinate_basis(3, 5), random_basis(3, 5, torch.Generator())):
        torch.testing.assert_close(basis @ basis.T, torch.eye(3))
