"""Joint approximate diagonalisation of symmetric matrices, the closed form of learning.

    here           shape                       meaning
    matrices       [matrix, dim, dim]          Hessians H_k, or any symmetric matrices
    basis          [dim, dim]                  orthonormal rows q_i
    off-diagonal   sum_k sum_{i!=j} (q_i' H_k q_j)^2   what the Hessian Penalty measures (Theorem 1)

The Frobenius norm of Q H Q' does not depend on Q, so the least off-diagonal energy is the largest
diagonal energy. Rotations follow Cardoso and Souloumiac (1996), for real matrices.
"""

from functools import cache

import torch
from jaxtyping import Float
from torch import Tensor

SMALLEST_ANGLE = 1e-5  # radians; a sweep whose rotations are all smaller is the last
LARGEST_NUMBER_OF_SWEEPS = 100


def diagonal_energy(
    matrices: Float[Tensor, "matrix dim dim"], basis: Float[Tensor, "directions dim"]
) -> Float[Tensor, " directions"]:
    """Sum (q_i' H_k q_i)^2 over the matrices, for every row of the basis."""
    diagonal = torch.einsum("kij,ni,nj->nk", matrices, basis, basis)
    return diagonal.square().sum(1)


def off_diagonal_energy(
    matrices: Float[Tensor, "matrix dim dim"], basis: Float[Tensor, "directions dim"]
) -> Float[Tensor, ""]:
    """Sum (q_i' H_k q_j)^2 over the matrices and over i != j."""
    turned = basis @ matrices @ basis.T
    return turned.square().sum() - diagonal_energy(matrices, basis).sum()


def squared_eigenvectors(
    matrices: Float[Tensor, "matrix dim dim"],
) -> Float[Tensor, "dim dim"]:
    """The eigenvectors of sum_k H_k^2 as rows, the largest eigenvalue first.

    They diagonalise all matrices that commute and whose sum of squares has distinct eigenvalues.
    """
    _, vectors = torch.linalg.eigh(torch.einsum("kij,kjl->il", matrices, matrices))
    return vectors.T.flip(0)


def jacobi_rotations(
    matrices: Float[Tensor, "matrix dim dim"], start: Float[Tensor, "dim dim"]
) -> Float[Tensor, "dim dim"]:
    """Rotate the rows of `start`, pair by pair, to the least off-diagonal energy nearby.

    In float64. Disjoint pairs turn at once, in the order of a round-robin tournament.
    """
    basis = start.double().clone()
    # The matrices lie innermost, so that whatever turns together is contiguous.
    turned = (basis @ matrices.double() @ basis.T).permute(1, 2, 0).contiguous()
    for _ in range(LARGEST_NUMBER_OF_SWEEPS):
        largest = 0.0
        for left, right in _rounds(len(basis)):
            angle = _best_angles(turned, left, right)
            largest = max(largest, angle.abs().max().item())
            _turn(basis, left, right, angle[:, None])
            _turn(turned, left, right, angle[:, None, None])
            _turn(turned.transpose(0, 1), left, right, angle[:, None, None])
        if largest < SMALLEST_ANGLE:
            break
    return basis.to(start)


def _best_angles(turned: Tensor, left: Tensor, right: Tensor) -> Tensor:
    """For every pair the angle, within 45 degrees, that leaves least off the diagonal."""
    difference = turned[left, left] - turned[right, right]
    twice = 2 * turned[left, right]
    on = difference.square().sum(1) - twice.square().sum(1)
    off = 2 * (difference * twice).sum(1)
    return torch.atan2(off, on + torch.hypot(on, off)) / 2


def _turn(rows: Tensor, left: Tensor, right: Tensor, angle: Tensor) -> None:
    """Rotate pairs of rows in place."""
    cos, sin = angle.cos(), angle.sin()
    a, b = rows[left], rows[right]
    rows[left] = (cos * a).addcmul_(sin, b)
    rows[right] = (cos * b).addcmul_(sin, a, value=-1)


@cache
def _rounds(dim: int) -> tuple[tuple[Tensor, Tensor], ...]:
    """All pairs of `dim` rows, in rounds of disjoint ones."""
    players = list(range(dim + dim % 2))  # with an odd number, one rests in every round
    rounds = []
    for _ in range(len(players) - 1):
        half = len(players) // 2
        pairs = zip(players[:half], players[: half - 1 : -1], strict=True)
        kept = [(a, b) for a, b in pairs if max(a, b) < dim]
        if kept:
            left, right = torch.tensor(kept).T
            rounds.append((left, right))
        players[1:] = [players[-1], *players[1:-1]]
    return tuple(rounds)
