import pytest
import torch

from directions.config import SubSpace
from directions.errors import DirectionsFileError
from directions.matrices import imported_basis, read_matrix


@pytest.mark.parametrize(("space", "first"), [("coarse", 0), ("mid", 40), ("fine", 80)])
def test_a_sub_space_is_padded_to_its_place(space, first):
    matrix = torch.randn(40, 40) * 10
    basis = imported_basis(matrix, 120, SubSpace(space))
    torch.testing.assert_close(basis @ basis.T, torch.eye(40), rtol=0, atol=1e-5)
    torch.testing.assert_close(basis[0, first : first + 40], matrix[0] / matrix[0].norm())
    inside = basis[:, first : first + 40].square().sum()
    assert inside.item() == pytest.approx(40, rel=1e-5)


def test_an_orthonormal_matrix_is_taken_as_it_is():
    basis = torch.linalg.qr(torch.randn(120, 120).double())[0].float()
    torch.testing.assert_close(imported_basis(basis, 120), basis, rtol=0, atol=1e-5)


@pytest.mark.parametrize("zip_format", [True, False])
def test_both_formats_of_torch_are_read(tmp_path, zip_format):
    matrix = torch.randn(3, 5)
    path = tmp_path / "a.pt"
    torch.save(matrix, path, _use_new_zipfile_serialization=zip_format)
    assert torch.equal(read_matrix(path), matrix)


def test_whole_numbers_are_no_matrix_of_directions(tmp_path):
    torch.save(torch.eye(3, dtype=torch.int64), tmp_path / "a.pt")
    with pytest.raises(DirectionsFileError, match="holds no matrix of directions"):
        read_matrix(tmp_path / "a.pt")
