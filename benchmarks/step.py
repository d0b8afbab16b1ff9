"""A learning step against one written from the paper's pseudo-code with the stock library.

python benchmarks/step.py            time, images, gradients
python benchmarks/step.py --memory   peak memory of a step, each in a process of its own

BigGAN-deep-128 has random weights and calibrated statistics; the embedded generator its own.
"""

import copy
import json
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import torch
from calibrated import calibrated_biggan
from pytorch_pretrained_biggan.model import BigGAN
from rich.console import Console
from rich.table import Table
from torch import Tensor

from directions.basis import orthonormal_rows, random_basis
from directions.generators.biggan.folded import FoldedBigGAN
from directions.generators.biggan.network import BoundBigGAN, prepared
from directions.generators.biggan.sources import EMBEDDED, files_of
from directions.generators.biggan.weights import load_network, read_config, read_tensors
from directions.penalty import hessian_penalty, rademacher_signs
from directions.walk import along, random_walks

LABEL, EPSILON, ROUNDS = 1, 0.1, 7
Step = Callable[[Tensor, Tensor, Tensor, Tensor], Tensor]  # matrix, z, walk, signs -> gradient


def gram_schmidt(matrix: Tensor) -> Tensor:
    """Row by row, as in a textbook."""
    rows: list[Tensor] = []
    for row in matrix:
        for done in rows:
            row = row - (row @ done) * done
        rows.append(row / row.norm())
    return torch.stack(rows)


def stock_step(network: BigGAN) -> Step:
    """Figure 1 of the paper, k = 2, mean reduction, the whole batch with the stock library."""

    def step(matrix: Tensor, z: Tensor, walk: Tensor, signs: Tensor) -> Tensor:
        matrix = matrix.clone().requires_grad_()
        basis = gram_schmidt(matrix)
        one_hot = torch.eye(network.config.num_classes).to(z)[[LABEL] * len(z)]

        def image(w: Tensor) -> Tensor:
            return network(z + w @ basis, one_hot, 1.0)

        centre, found = image(walk), []
        for v in signs:
            w = EPSILON * v
            found.append((image(walk + w) - 2 * centre + image(walk - w)) / EPSILON**2)
        torch.var(torch.stack(found), dim=0, unbiased=True).mean().backward()
        assert matrix.grad is not None
        return matrix.grad

    return step


def our_step(network: BigGAN, dtype: torch.dtype) -> Step:
    """What `directions learn` does; `network` has been through `prepared`."""
    generator = BoundBigGAN(FoldedBigGAN(network, dtype), "ours", LABEL, 1.0)

    def step(matrix: Tensor, z: Tensor, walk: Tensor, signs: Tensor) -> Tensor:
        matrix = matrix.clone().requires_grad_()
        f = along(generator, orthonormal_rows(matrix), z)
        loss = hessian_penalty(f, walk, signs=signs, epsilon=EPSILON, reduction="mean")
        assert isinstance(loss, Tensor)
        loss.backward()
        assert matrix.grad is not None
        return matrix.grad

    return step


def embedded() -> BigGAN:
    """The embedded generator as the stock library reads it."""
    config, weights = files_of(EMBEDDED)
    network = load_network(read_config(config), read_tensors(weights), weights)
    return network.eval().requires_grad_(False)


def draw(network: BigGAN, batch: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """A random basis, latents, walks and probes."""
    rng, dim = torch.Generator().manual_seed(0), network.config.z_dim
    z, walk = torch.randn(batch, dim, generator=rng), random_walks(batch, dim, 5.0, rng)
    return random_basis(dim, dim, rng), z, walk, rademacher_signs(walk, 2, rng)


def interleaved(
    functions: dict[str, Callable[[], object]], rounds: int = ROUNDS
) -> dict[str, float]:
    """Median seconds of each, measured in turns after one round of warming up."""
    seconds: dict[str, list[float]] = {name: [] for name in functions}
    for turn in range(rounds + 1):
        for name, function in functions.items():
            begun = time.perf_counter()
            function()
            if turn:
                seconds[name].append(time.perf_counter() - begun)
    return {name: statistics.median(times) for name, times in seconds.items()}


def compare(name: str, stock: BigGAN, batch: int) -> dict:
    """Time forward and step, and compare images and gradients, on the same weights."""
    ready = prepared(copy.deepcopy(stock), 1.0)
    arguments = draw(stock, batch)
    z = arguments[1]
    one_hot = torch.eye(stock.config.num_classes)[[LABEL] * batch]
    ours = BoundBigGAN(FoldedBigGAN(ready), "ours", LABEL, 1.0)
    half = BoundBigGAN(FoldedBigGAN(ready, torch.bfloat16), "ours", LABEL, 1.0)
    steps = {
        "stock": stock_step(stock),
        "float32": our_step(ready, torch.float32),
        "bfloat16": our_step(ready, torch.bfloat16),
    }
    with torch.no_grad():
        difference = (stock(z, one_hot, 1.0) - ours(z)).abs().max().item()
        forward = interleaved(
            {
                "stock": lambda: stock(z, one_hot, 1.0),
                "float32": lambda: ours(z),
                "bfloat16": lambda: half(z),
            }
        )
    seconds = interleaved({k: lambda step=step: step(*arguments) for k, step in steps.items()})
    exact = stock_step(copy.deepcopy(stock).double())(*(x.double() for x in arguments)).flatten()
    cosines = {
        k: torch.cosine_similarity(step(*arguments).double().flatten(), exact, dim=0).item()
        for k, step in steps.items()
    }
    return {
        "generator": name, "batch": batch, "largest image difference": difference,
        "forward": forward, "step": seconds, "gradient cosine to float64": cosines,
    }  # fmt: skip


def show(results: list[dict]) -> None:
    """Print a table: seconds, how many times faster than stock, cosine."""
    table = Table("generator", "batch", "computes", "forward, s", "step, s", "times", "cosine")
    for one in results:
        for kind in ("stock", "float32", "bfloat16"):
            table.add_row(
                one["generator"], str(one["batch"]), kind,
                f"{one['forward'][kind]:.3f}", f"{one['step'][kind]:.3f}",
                f"{one['step']['stock'] / one['step'][kind]:.2f}",
                f"{one['gradient cosine to float64'][kind]:.6f}",
            )  # fmt: skip
    Console(width=100).print(table)
    print(json.dumps(results, indent=1))


def memory_child(kind: str, batch: int, portion: int) -> None:
    """Take one step of BigGAN-deep-128 and print this process's peak in MiB."""
    network = calibrated_biggan()
    if kind != "stock":
        network = prepared(network, 1.0)
    step = stock_step(network) if kind == "stock" else our_step(network, getattr(torch, kind))
    matrix, z, walk, signs = draw(network, batch)
    for first in range(0, batch, portion):
        rows = slice(first, first + portion)
        step(matrix, z[rows], walk[rows], signs[:, rows])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"computes": kind, "batch": batch, "micro": portion, "MiB": round(peak)}))


def main() -> None:
    """Print the table and its JSON."""
    if sys.argv[1:2] == ["--child"]:
        memory_child(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
    elif sys.argv[1:] == ["--memory"]:
        for one in (("stock", 2, 2), ("float32", 2, 2), ("stock", 8, 8), ("float32", 8, 8),
                    ("float32", 96, 4), ("bfloat16", 96, 4)):  # fmt: skip
            command = [sys.executable, str(Path(__file__)), "--child", *map(str, one)]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            print(done.stdout.splitlines()[-1])
    else:
        big, small = calibrated_biggan(), embedded()
        cases = [("biggan-deep-128", big, 2), ("biggan-deep-128", big, 8)]
        cases += [("objects-64", small, 2), ("objects-64", small, 16)]
        show([compare(*case) for case in cases])


if __name__ == "__main__":
    main()
