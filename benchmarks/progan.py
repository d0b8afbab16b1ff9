"""What a ProGAN's training step costs, with and without the Hessian Penalty.

python benchmarks/progan.py                images/s and the penalty against five naive passes
python benchmarks/progan.py --memory       peak memory of a step, each in a process of its own
python benchmarks/progan.py --small        either, for the small preset alone

Random weights and pictures, one shard. "Naive" is Figure 1 of the paper on the same layers: five
passes through all that has grown, the picture included, and the gradient of the result.
"""

import json
import resource
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import torch
from rich.console import Console
from rich.table import Table
from step import interleaved
from torch import Tensor

from directions.penalty import rademacher_signs
from directions.progan.config import GrowthConfig, PenaltyConfig, ProGANConfig
from directions.progan.generator import Generator
from directions.progan.growth import Stage
from directions.progan.penalty import counted_layers, layer_penalties
from directions.progan.presets import SMALL
from directions.progan.trainer import Trainer

ROUNDS = 3
NETWORKS = {"small": (SMALL, 8), "paper": (ProGANConfig(), 4)}  # and pictures in a step


class Noise:
    """Pictures that need no disk."""

    def __init__(self, side: int) -> None:
        self.side, self.count = side, 64
        self.pictures = torch.randint(256, (self.count, 3, side, side), dtype=torch.uint8)

    def __len__(self) -> int:
        return self.count

    def batch(self, indices: Tensor) -> Tensor:
        """Read pictures by number."""
        return self.pictures[indices]


def trainer_at(name: str, side: int, weight: float) -> Trainer:
    """A trainer that has just reached a resolution."""
    config, batch = NETWORKS[name]
    growth = GrowthConfig(first_side=side, stable=10**9, batch_sizes=(batch,))
    config = replace(
        config, growth=growth, shards=1, images=10**12, penalty=PenaltyConfig(weight=weight)
    )
    trainer = Trainer(Noise(config.network.resolution), config)
    trainer.images = 1  # at 0 the penalty has not begun
    return trainer


def naive_penalty(generator: Generator, z: Tensor, signs: Tensor, layers: dict[int, float],
                  stage: Stage) -> Tensor:  # fmt: skip
    """Figure 1 on a list of activations; every pass goes on to the picture."""
    picture = generator.config.layers

    def activations(x: Tensor) -> list[Tensor]:
        return list(generator.tapped(x, [*layers, picture], stage)[:-1])

    centre = activations(z)
    steps = [0.1 * v for v in signs]
    around = [(activations(z + v), activations(z - v)) for v in steps]
    total = z.new_zeros(())
    for at, weight in enumerate(layers.values()):
        found = torch.stack([a[at] - 2 * centre[at] + b[at] for a, b in around]) / 0.1**2
        total = total + weight * found.var(0).max()
    return total


def compare(name: str, side: int) -> dict:
    """Time a step without and with the penalty, the penalty alone, and the naive one."""
    plain, penalised = trainer_at(name, side, 0.0), trainer_at(name, side, 0.05)
    without, with_it = plain.steps(), penalised.steps()
    generator, config, stage = penalised.generator, penalised.config, Stage(side, 1.0)
    batch = NETWORKS[name][1]
    z = torch.randn(batch, config.network.latent_dim)
    signs, layers = rademacher_signs(z, 2), counted_layers(config, stage)
    parameters = list(generator.parameters())
    seconds = interleaved(
        {
            "without": lambda: next(without),
            "with": lambda: next(with_it),
            "ours": lambda: layer_penalties(generator, z, signs, config, stage).backward(
                inputs=parameters
            ),
            "naive": lambda: naive_penalty(generator, z, signs, layers, stage).backward(
                inputs=parameters
            ),
        },
        ROUNDS,
    )
    ours, naive = (
        layer_penalties(generator, z, signs, config, stage).item(),
        naive_penalty(generator, z, signs, layers, stage).item(),
    )
    return {"network": name, "side": side, "batch": batch, "seconds": seconds,
            "penalty": ours, "naive penalty": naive}  # fmt: skip


def show(results: list[dict]) -> None:
    """Print a table and its JSON."""
    table = Table("network", "side", "batch", "images/s without", "with", "penalty / naive")
    for one in results:
        seconds, batch = one["seconds"], one["batch"]
        table.add_row(
            one["network"], str(one["side"]), str(batch), f"{batch / seconds['without']:.3g}",
            f"{batch / seconds['with']:.3g}", f"{seconds['ours'] / seconds['naive']:.2f}",
        )  # fmt: skip
    Console(width=100).print(table)
    print(json.dumps(results, indent=1))


def memory_child(name: str, side: int, weight: float) -> None:
    """Take two steps and print this process's peak in MiB."""
    steps = trainer_at(name, side, weight).steps()
    for _ in range(2):
        next(steps)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"network": name, "side": side, "lambda": weight, "MiB": round(peak)}))


def main() -> None:
    """Measure what the arguments ask for."""
    torch.manual_seed(0)
    if sys.argv[1:2] == ["--child"]:
        memory_child(sys.argv[2], int(sys.argv[3]), float(sys.argv[4]))
        return
    names = ["small"] if "--small" in sys.argv else list(NETWORKS)
    if "--memory" in sys.argv:
        for name in names:
            for weight in ("0", "0.05"):
                side = str(NETWORKS[name][0].network.resolution)
                command = [sys.executable, str(Path(__file__)), "--child", name, side, weight]
                done = subprocess.run(command, capture_output=True, text=True, check=True)
                print(done.stdout.splitlines()[-1])
        return
    show([compare(name, side) for name in names for side in NETWORKS[name][0].network.sides])


if __name__ == "__main__":
    main()
