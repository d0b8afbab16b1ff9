"""Held-out penalty of the closed form by how it asks for Hessians, and of what comes before it.

python benchmarks/estimators.py [CLASS]    car unless given; a few minutes
"""

import statistics
import sys
from collections.abc import Callable
from unittest import mock

import torch
from rich.console import Console
from rich.table import Table
from torch import Tensor

from directions import hessians
from directions.config import LearnConfig, SolveConfig
from directions.diagonalise import squared_eigenvectors
from directions.evaluate import held_out_penalty
from directions.generators.open import open_generator
from directions.generators.protocol import Generator
from directions.learn import Learner
from directions.solve import ClosedForm

SEEDS, SAMPLES, LATENTS = (0, 1, 2), 1024, 20
EPSILON = SolveConfig().epsilon
DIM = 12


def solved(
    generators: list[Generator], seed: int, kind: hessians.Hessians, latents: int = LATENTS
) -> ClosedForm:
    """The closed form with another way of asking."""
    solver = ClosedForm(generators, SolveConfig(steps=latents, seed=seed))
    solver.hessians = kind
    for _ in solver.steps():
        pass
    return solver


def every(radius: float, turned: bool = True) -> Callable[[list[Generator], int], Tensor]:
    """All outputs, along axes that are turned at every point or not."""

    def find(generators: list[Generator], seed: int) -> Tensor:
        kind = hessians.EveryOutput(radius, 32)
        if turned:
            return solved(generators, seed, kind).basis
        with mock.patch.object(hessians, "_axes", lambda point, rng: torch.eye(len(point))):
            return solved(generators, seed, kind).basis

    return find


def projected(projections: int, latents: int) -> Callable[[list[Generator], int], Tensor]:
    """Random projections of the picture."""
    kind = hessians.Projected(EPSILON * 2**0.5, 32, projections)
    return lambda generators, seed: solved(generators, seed, kind, latents).basis


def eigenvectors(generators: list[Generator], seed: int) -> Tensor:
    """Before any rotation."""
    solver = solved(generators, seed, hessians.EveryOutput(EPSILON * 2**0.5, 32))
    return squared_eigenvectors(solver.hessians.matrices(solver.samples)).float()


def refined(generators: list[Generator], seed: int) -> Tensor:
    """Fifty of Adam's steps from the closed form."""
    start = every(EPSILON * 2**0.5)(generators, seed)
    config = LearnConfig(steps=50, batch_size=16, learning_rate=0.003, seed=seed + 10)
    *_, last = Learner(generators, config, start=start).steps()
    return last.basis


WAYS: dict[str, tuple[int, Callable[[list[Generator], int], Tensor]]] = {
    "turned axes, ε": (157 * LATENTS, every(EPSILON)),
    "turned axes, ε √2 (the default)": (157 * LATENTS, every(EPSILON * 2**0.5)),
    "turned axes, ε √|z|": (157 * LATENTS, every(EPSILON * DIM**0.5)),
    "fixed axes, ε √2": (157 * LATENTS, every(EPSILON * 2**0.5, turned=False)),
    "fixed axes, ε √|z|": (157 * LATENTS, every(EPSILON * DIM**0.5, turned=False)),
    "the default's eigenvectors": (157 * LATENTS, eigenvectors),
    "4 projections, 40 latents": (24 * 5 * 40, projected(4, 40)),
    "1 projection, 100 latents": (24 * 2 * 100, projected(1, 100)),
    "the default, then 50 steps of Adam": (157 * LATENTS + 128 * 50, refined),
}


def main() -> None:
    """Print one table."""
    label = sys.argv[1] if len(sys.argv) > 1 else "car"
    generators = open_generator(labels=[label]).generators
    table = Table(f"{label}, {LATENTS} latents", "passes", "mean", "seeds")
    for name, (passes, find) in WAYS.items():
        found = [held_out_penalty(generators, find(generators, s), samples=SAMPLES) for s in SEEDS]
        mean = statistics.fmean(found)
        table.add_row(name, f"{passes:,}", f"{mean:.1f}", " ".join(f"{x:.1f}" for x in found))
        print(name, f"{mean:.2f}", flush=True, file=sys.stderr)
    Console(width=100).print(table)


if __name__ == "__main__":
    main()
