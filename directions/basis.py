"""Turn the unconstrained matrix A into orthonormal directions, and make baseline bases."""

import torch
from jaxtyping import Float
from torch import Tensor


def orthonormal_rows(
    matrix: Float[Tensor, "directions latent"],
) -> Float[Tensor, "directions latent"]:
    """Gram-Schmidt on the rows in order (section 4.4), as a differentiable QR.

    QR leaves each row's sign free; it is fixed so that `out[i] @ matrix[i] > 0`, which is what
    Gram-Schmidt gives and what keeps a direction from flipping between steps. Raises ValueError
    for more rows than columns.
    """
    rows, columns = matrix.shape
    if rows > columns:
        raise ValueError(f"{rows} directions cannot be orthonormal in {columns} dimensions")
    q, r = torch.linalg.qr(matrix.T)
    return (q * r.diagonal().sign()).T


def random_basis(
    directions: int, latent_dim: int, rng: torch.Generator
) -> Float[Tensor, "directions latent"]:
    """Orthonormal rows drawn uniformly (Haar): QR of a normal matrix with its signs fixed."""
    return orthonormal_rows(torch.randn(directions, latent_dim, generator=rng))


def coordinate_basis(directions: int, latent_dim: int) -> Float[Tensor, "directions latent"]:
    """The first coordinate axes of z."""
    return torch.eye(directions, latent_dim)


def signed(basis: Float[Tensor, "directions latent"]) -> Float[Tensor, "directions latent"]:
    """Turn every row so that its largest entry by magnitude is positive: runs compare by row."""
    return basis * basis.gather(1, basis.abs().argmax(1, keepdim=True)).sign()
