"""How the cost of learning grows with |z|, resolution, batch, and directions to rotate.

python benchmarks/scaling.py    a few minutes

BigGAN-deep of a quarter of the published width, random weights. One thing varies at a time.
"""

import resource
import subprocess
import sys
import time
from itertools import pairwise

from calibrated import calibrated_biggan
from pytorch_pretrained_biggan.config import BigGANConfig
from rich.console import Console
from rich.table import Table

from directions.config import LearnConfig, SolveConfig
from directions.generators.biggan.folded import FoldedBigGAN
from directions.generators.biggan.network import BoundBigGAN, prepared
from directions.learn import Learner
from directions.solve import ClosedForm

WIDTH = 32
USUAL = {"latent": 32, "side": 64, "batch": 8}
CASES = {"latent": (8, 16, 32, 64, 128), "side": (64, 128, 256), "batch": (2, 4, 8, 16, 32)}


def generator(latent: int, side: int) -> BoundBigGAN:
    """A network that doubles its picture, and halves its channels where it can, per block."""
    doublings = side.bit_length() - 3
    widths = [16, *(min(16, 2 ** (doublings - step)) for step in range(1, doublings + 1))]
    layers = [[True, widths[i], widths[i + 1]] for i in range(doublings)]
    config = BigGANConfig(
        output_dim=side, z_dim=latent, class_embed_dim=latent, channel_width=WIDTH, num_classes=4,
        layers=layers, attention_layer_position=doublings - 1,
    )  # fmt: skip
    ready = prepared(calibrated_biggan(config), 1.0)
    return BoundBigGAN(FoldedBigGAN(ready), f"{side} px", 1, 1.0)


def child(latent: int, side: int, batch: int) -> None:
    """Print seconds of one of Adam's steps, of one closed-form latent, and the peak in MiB."""
    made = generator(latent, side)
    learner = Learner([made], LearnConfig(batch_size=batch, steps=4))
    times = [time.perf_counter()]
    for _ in learner.steps():
        times.append(time.perf_counter())
    step = min(b - a for a, b in pairwise(times))
    projections = None if latent <= 32 else 1
    solver = ClosedForm([made], SolveConfig(steps=1, projections=projections, batch_size=batch))
    begun = time.perf_counter()
    solver._ask()
    ask = time.perf_counter() - begun
    passes = latent**2 + latent + 1 if projections is None else 4 * latent
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    sys.stdout.write(f"{step} {ask} {passes} {peak}\n")


def main() -> None:
    """Print one table."""
    if len(sys.argv) == 4:
        child(*map(int, sys.argv[1:]))
        return
    table = Table("varies", "|z|", "side", "batch", "Adam's step, s", "latent, s", "passes", "MiB")
    for name, values in CASES.items():
        for value in values:
            case = USUAL | {name: value}
            words = [sys.executable, __file__, *map(str, case.values())]
            done = subprocess.run(words, capture_output=True, text=True, check=True)
            step, ask, passes, peak = done.stdout.split()
            row = [name, *map(str, case.values()), f"{float(step):.3f}", f"{float(ask):.2f}"]
            table.add_row(*row, passes, peak)
    Console(width=100).print(table)


if __name__ == "__main__":
    main()
