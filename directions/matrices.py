"""Matrices of other tools: the bare tensors that the paper's authors publish."""

from enum import StrEnum
from pathlib import Path

import torch
from jaxtyping import Float
from torch import Tensor

from directions.basis import orthonormal_rows
from directions.errors import DirectionsFileError
from directions.generators.biggan.weights import read_object


class SubSpace(StrEnum):
    """Third of z that a 40 x 40 matrix of the paper's repository belongs to."""

    coarse = "coarse"
    mid = "mid"
    fine = "fine"


PART = 40  # dimensions of one sub-space


def read_matrix(path: Path) -> Float[Tensor, "directions latent"]:
    """Read a bare matrix from a .pt file of any torch version; nothing in it is executed.

    Raises `DirectionsFileError` for anything but one finite matrix of independent rows.
    """
    matrix = read_object(path)
    if not isinstance(matrix, Tensor) or matrix.dim() != 2 or not matrix.is_floating_point():
        raise DirectionsFileError(f"{path} holds no matrix of directions")
    matrix = matrix.detach().float()
    if not 1 <= matrix.shape[0] <= matrix.shape[1]:
        raise DirectionsFileError(f"{path}: {tuple(matrix.shape)} has more rows than columns")
    if not torch.isfinite(matrix).all():
        raise DirectionsFileError(f"{path}: the matrix holds values that are not finite")
    if torch.linalg.matrix_rank(matrix.double()) < len(matrix):
        raise DirectionsFileError(f"{path}: the rows of the matrix are not independent")
    return matrix


def imported_basis(
    matrix: Float[Tensor, "directions part"], latent_dim: int, space: SubSpace | None = None
) -> Float[Tensor, "directions latent"]:
    """Gram-Schmidt on a raw A, then zero padding of a sub-space to the whole of z.

    Raises `DirectionsFileError` if the result would not have `latent_dim` columns.
    """
    columns = matrix.shape[1]
    basis = orthonormal_rows(matrix.double()).float()
    if space is None:
        if columns != latent_dim:
            hint = "; say which with --space coarse, mid or fine" if columns == PART else ""
            raise DirectionsFileError(
                f"the matrix has {columns} columns, the generator {latent_dim} dimensions{hint}"
            )
        return basis
    whole = PART * len(SubSpace)
    if columns != PART or latent_dim != whole:
        raise DirectionsFileError(
            f"--space is for a {PART}-column matrix and {whole} dimensions, "
            f"not for {columns} and {latent_dim}"
        )
    first = PART * list(SubSpace).index(space)
    padded = torch.zeros(len(basis), latent_dim)
    padded[:, first : first + PART] = basis
    return padded
