"""Methods side by side on the embedded generator: mean and spread over classes and seeds.

python benchmarks/methods.py FOLDER [CLASS ...]    car, chair and lamp unless given

Bases and their scores are kept in FOLDER, so that a stopped run goes on; what is printed last is a
Markdown table. The latents under the scores are held out, and the same for all methods.
"""

import json
import multiprocessing
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path

import torch
from torch import Tensor

from directions.baselines import Method, baseline
from directions.checkpoint import Directions
from directions.comparison import COLUMNS, markdown, spread_of
from directions.config import SolveConfig
from directions.evaluate import HELD_OUT_SEED, held_out_penalty
from directions.generators.biggan.sources import factor_network
from directions.generators.open import Opened, open_generator
from directions.metrics.diagonality import diagonality
from directions.metrics.disentanglement import dci, mutual_information_gap
from directions.metrics.effects import root_mean_square
from directions.metrics.known_factors import factor_shares, factor_slopes
from directions.render import generate, walk_grid
from directions.solve import ClosedForm
from directions.views import seen
from directions.walk import around

SEEDS = (0, 1, 2)
CODES, WALKS, HESSIANS, PENALTIES = 2000, 16, 4, 256
AMOUNTS = torch.linspace(-2, 2, 5)
SHOWN = [name for name in COLUMNS if name not in ("effect", "again")]
Find = Callable[[Opened, int], Tensor]


def closed_form(view: str, latents: int = 64) -> Find:
    """The default solver, on the picture or on another view."""

    def find(opened: Opened, seed: int) -> Tensor:
        views = [seen(one, view) for one in opened.generators]
        *_, last = ClosedForm(views, SolveConfig(seed=seed, steps=latents)).steps()
        return last.basis

    return find


def other(method: Method) -> Find:
    """A method that does without the penalty."""
    return lambda opened, seed: baseline(method, opened.generators, seed=seed)


METHODS: dict[str, Find] = {
    "Hessian Penalty": closed_form("image"),
    "SeFa": other(Method.sefa),
    "GANSpace": other(Method.ganspace),
    "Jacobian": other(Method.jacobian),
    "random": other(Method.random),
    "coordinates": other(Method.coordinates),
    "Hessian Penalty on block 2": closed_form("block-2"),
    "Hessian Penalty on deep features": closed_form("features", latents=8),
}
ONE_SEED = {
    "SeFa",
    "coordinates",
    "Hessian Penalty on deep features",
}  # the last for its cost alone


@cache
def opened_class(label: str) -> Opened:
    """One class, opened once a process."""
    return open_generator(labels=[label])


@cache
def coded(label: str, seed: int) -> tuple[Tensor, Tensor]:
    """Held-out latents and the factors of their pictures."""
    generators = opened_class(label).generators
    z = generators[0].sample_latents(CODES, torch.Generator().manual_seed(HELD_OUT_SEED + seed))
    network = factor_network(opened_class(label).identity)
    assert network is not None
    return z, network.factors(generate(generators, z, [0] * len(z), 32))


@cache
def usual_penalty(label: str, seed: int) -> float:
    """The mean held-out penalty of three random bases."""
    generators = opened_class(label).generators
    bases = [baseline(Method.random, generators, seed=number) for number in range(3)]
    found = [held_out_penalty(generators, one, samples=PENALTIES, seed=seed) for one in bases]
    return sum(found) / len(found)


def scored(label: str, basis: Tensor, seed: int) -> dict[str, float]:
    """One basis' scores."""
    opened = opened_class(label)
    generators, dim = opened.generators, len(basis)
    network = factor_network(opened.identity)
    assert network is not None
    z, factors = coded(label, seed)
    penalty = held_out_penalty(generators, basis, samples=PENALTIES, seed=seed)
    found = [diagonality(around(generators[0], basis, one), torch.zeros(dim), pairs=16)
             for one in z[:HESSIANS]]  # fmt: skip
    share, ratios, on, off = torch.tensor(found).mean(0).tolist()
    moved = torch.stack(
        [
            root_mean_square(factor_slopes(network, images, AMOUNTS))
            for images in (
                walk_grid(generators, row.expand(5, -1), z[:WALKS], AMOUNTS, batch_size=32)
                for row in basis
            )
        ]
    )
    best, columns = moved.argmax(0), torch.arange(moved.shape[1])
    shares = factor_shares(moved)[best, columns]
    known = dci(z @ basis.T, factors)
    return {
        "penalty": penalty / usual_penalty(label, seed),
        "D %": 100 * share,
        "D_R": ratios,
        "D ratio": on / off,
        "disentangled": known.disentanglement,
        "complete": known.completeness,
        "informative": known.informativeness,
        "MIG": mutual_information_gap(z @ basis.T, factors),
        "share": shares.mean().item(),
        "majorities": float((shares > 0.5).sum()),
    } | dict(zip(network.settings.factor_names, shares.tolist(), strict=True))


def line(folder: Path, label: str, method: str, seed: int) -> dict[str, float]:
    """One basis' scores, from disk if they are there."""
    name = "".join(c if c.isalnum() else "-" for c in method)
    path = folder / f"{label}-{name}-{seed}.safetensors"
    scores = path.with_suffix(".json")
    if not scores.exists():
        torch.set_num_threads(1)
        opened, begun = opened_class(label), time.perf_counter()
        basis = METHODS[method](opened, seed)
        Directions(basis=basis.numpy(), identity=opened.identity, note=method).save(path)
        found = time.perf_counter()
        scores.write_text(json.dumps(scored(label, basis, seed)))
        print(f"{path.stem}: found in {found - begun:.0f} s, scored in "
              f"{time.perf_counter() - found:.0f} s", file=sys.stderr, flush=True)  # fmt: skip
    return json.loads(scores.read_text())


def main() -> None:
    """Find, score, print."""
    folder, labels = Path(sys.argv[1]), sys.argv[2:] or ["car", "chair", "lamp"]
    folder.mkdir(parents=True, exist_ok=True)
    scores, shares = [], []
    with ProcessPoolExecutor(mp_context=multiprocessing.get_context("spawn")) as pool:
        jobs = {
            method: [
                pool.submit(line, folder, label, method, seed)
                for label in labels
                for seed in (SEEDS[:1] if method in ONE_SEED else SEEDS)
            ]
            for method in METHODS
        }
        for method, some in jobs.items():
            lines = [job.result() for job in some]
            found = spread_of(lines)
            scores.append([method, *(f"{m:.2f} ± {s:.2f}" for m, s in (found[n] for n in SHOWN))])
            names = [name for name in lines[0] if name not in COLUMNS]
            means = [sum(one[name] for one in lines) / len(lines) for name in names]
            shares.append([method, *(f"{mean:.2f}" for mean in means)])
    print(markdown(["method", *SHOWN], scores))
    print(markdown(["share on", *names], shares))
    for name in SHOWN:
        print(f"- {name}: {COLUMNS[name]}")


if __name__ == "__main__":
    main()
