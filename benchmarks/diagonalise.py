"""Time and memory of joint diagonalisation at 128 dimensions.

python benchmarks/diagonalise.py
"""

import resource
import time

import torch

from directions.diagonalise import jacobi_rotations, off_diagonal_energy, squared_eigenvectors

DIM = 128


def peak() -> str:
    """This process's peak memory so far."""
    return f"peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB"


def main() -> None:
    """Print seconds, memory and what is left off the diagonal."""
    rng = torch.Generator().manual_seed(0)
    for count in (500, 2000):
        hidden = torch.linalg.qr(torch.randn(DIM, DIM, generator=rng, dtype=torch.float64)).Q
        noise = torch.randn(count, DIM, DIM, generator=rng, dtype=torch.float64) * 0.05
        values = torch.randn(count, DIM, generator=rng, dtype=torch.float64)
        matrices = hidden @ torch.diag_embed(values) @ hidden.T + noise + noise.mT
        begun = time.perf_counter()
        start = squared_eigenvectors(matrices)
        middle = time.perf_counter()
        found = jacobi_rotations(matrices, start)
        ended = time.perf_counter()
        total = matrices.square().sum()
        left = [off_diagonal_energy(matrices, b) / total for b in (start, found, hidden.T)]
        print(f"{count} matrices of {DIM}: eigenvectors {middle - begun:.1f} s, "
              f"rotations {ended - middle:.1f} s, off the diagonal {left[0]:.4f} -> {left[1]:.4f} "
              f"(hidden basis {left[2]:.4f}), {peak()}", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
