"""Methods side by side on the embedded generator: mean and spread over classes and seeds.

python benchmarks/methods.py FOLDER [CLASS ...]    car, chair and lamp unless given

Bases and their measures are kept in FOLDER, so that a stopped run goes on; what is printed last is
a Markdown table. Latents under the measures are held out and the same for all methods.
"""

import dataclasses
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import torch
from torch import Tensor

from directions.baselines import Method, baseline
from directions.checkpoint import Directions
from directions.comparison import COLUMNS, markdown, scores, spread_of
from directions.config import QUICK, MeasureConfig, SolveConfig
from directions.generators.biggan.sources import factor_network
from directions.generators.open import Opened, open_generator
from directions.learn import Learner
from directions.measures import Measures, beside
from directions.measuring import Measurement, Subject
from directions.solve import ClosedForm
from directions.views import seen

SEEDS = (0, 1, 2)
SHOWN = [name for name in COLUMNS if name not in ("effect", "again")]
Find = Callable[[Opened, int], Tensor]


def closed_form(view: str, **changes) -> Find:
    """The default solver, on the picture or on another view."""

    def find(opened: Opened, seed: int) -> Tensor:
        views = [seen(one, view) for one in opened.generators]
        *_, last = ClosedForm(views, SolveConfig(seed=seed, **changes)).steps()
        return last.basis

    return find


def adam(opened: Opened, seed: int) -> Tensor:
    """The paper's descent, in the embedded generator's settings."""
    *_, last = Learner(opened.generators, dataclasses.replace(QUICK, seed=seed)).steps()
    return last.basis


def other(method: Method) -> Find:
    """A method that does without the penalty."""
    return lambda opened, seed: baseline(method, opened.generators, seed=seed)


METHODS: dict[str, Find] = {
    "Hessian Penalty, closed form": closed_form("image"),
    "Hessian Penalty, Adam, 400 steps": adam,
    "Hessian Penalty on deep features": closed_form("features", steps=16),
    "Hessian Penalty on block 2": closed_form("block-2"),
    "SeFa": other(Method.sefa),
    "GANSpace": other(Method.ganspace),
    "Jacobian": other(Method.jacobian),
    "random": other(Method.random),
    "coordinates": other(Method.coordinates),
}
UNSEEDED = {"SeFa", "coordinates"}


def measured(opened: Opened, basis: Tensor, seed: int) -> Measures:
    """What the table needs: few walks, many codes."""
    subject = Subject(
        basis=basis, generators=opened.generators, name=opened.identity.name,
        labels=opened.identity.labels, factors=factor_network(opened.identity),
    )  # fmt: skip
    config = MeasureConfig(
        samples=8, penalty_samples=256, hessian_samples=4, random_directions=2,
        random_bases=2, seed=seed,
    )  # fmt: skip
    work = Measurement(subject, config)
    for _ in work.steps():
        pass
    return work.result()


def line(folder: Path, label: str, method: str, seed: int) -> dict[str, float]:
    """One basis' scores, from disk if they are there."""
    name = "".join(c if c.isalnum() else "-" for c in method)
    path = folder / f"{label}-{name}-{seed}.safetensors"
    if not beside(path).exists():
        torch.set_num_threads(1)
        opened, begun = open_generator(labels=[label]), time.perf_counter()
        basis = METHODS[method](opened, seed)
        Directions(basis=basis.numpy(), identity=opened.identity, note=method).save(path)
        found = time.perf_counter()
        measured(opened, basis, seed).save(beside(path))
        print(f"{path.stem}: found in {found - begun:.0f} s, measured in "
              f"{time.perf_counter() - found:.0f} s", file=sys.stderr, flush=True)  # fmt: skip
    return scores(Measures.load(beside(path)))


def main() -> None:
    """Find, measure, print."""
    folder, labels = Path(sys.argv[1]), sys.argv[2:] or ["car", "chair", "lamp"]
    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    with ProcessPoolExecutor(mp_context=multiprocessing.get_context("spawn")) as pool:
        jobs = {
            method: [
                pool.submit(line, folder, label, method, seed)
                for label in labels
                for seed in (SEEDS[:1] if method in UNSEEDED else SEEDS)
            ]
            for method in METHODS
        }
        for method, some in jobs.items():
            found = spread_of([job.result() for job in some])
            rows.append([method, *(f"{m:.2f} ± {s:.2f}" for m, s in (found[n] for n in SHOWN))])
    sys.stdout.write(markdown(["method", *SHOWN], rows) + "\n")
    for name in SHOWN:
        sys.stdout.write(f"- {name}: {COLUMNS[name]}\n")


if __name__ == "__main__":
    main()
