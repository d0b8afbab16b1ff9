"""What alignment does to the spread of known factors, for learnt directions and baselines.

    python benchmarks/alignment.py FILE [FILE ...] > alignment.json

For every basis and factor: the direction that moves the factor most (by its slope, on latents of
seed 1) and the spread of the factor over a batch (latents of seed 2) before and after alignment to
coordinate 0 along it. Prints the median over the bases of a kind; the baselines are as many random
bases as there are files, and the coordinate axes.
"""

import argparse
import json
import statistics
import sys
from pathlib import Path

import torch

from directions.alignment import batch_images
from directions.basis import coordinate_basis, random_basis
from directions.checkpoint import Directions
from directions.generators.biggan.sources import factor_network
from directions.generators.open import open_generator
from directions.generators.protocol import seeded_latents
from directions.metrics.known_factors import factor_slopes, spread
from directions.render import walk_grid
from directions.traverse import aligned

SHOWN = ("azimuth", "size", "horizontal", "vertical", "hue", "lightness", "background")
SAMPLES = 128


def basis_slopes(generator, network, basis):
    """Slope of every factor along every direction: [direction, factor]."""
    z, amounts = seeded_latents(generator, 32, seed=1), torch.linspace(-1, 1, 5)
    rows = []
    for direction in basis:
        grid = walk_grid([generator], direction.expand(5, -1), z, amounts, batch_size=64)
        rows.append(factor_slopes(network, grid, amounts).mean(0))
    return torch.stack(rows)


def ratios(generator, network, basis):
    """Per factor the best direction, its share of slope, and the spread before and after."""
    slope = basis_slopes(generator, network, basis).abs()
    z = seeded_latents(generator, SAMPLES, seed=2)
    found = {}
    for index, name in enumerate(network.settings.factor_names):
        best = int(slope[:, index].argmax())
        after = aligned(z, basis[[best]])
        values = [
            spread(network.factors(batch_images([generator], z, after, share, batch_size=64)))
            for share in (0.0, 1.0)
        ]
        before, then = (value[index].item() for value in values)
        share = (slope[best, index] / slope[best].sum()).item()
        found[name] = {"direction": best, "share": share, "before": before, "after": then}
    return found


def main() -> None:
    """Print a table to stderr and everything as JSON to stdout."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="+", type=Path)
    files = parser.parse_args().files
    learnt = [Directions.load(path) for path in files]
    identity = learnt[0].identity
    network = factor_network(identity)
    opened = open_generator(identity.generator, [str(identity.labels[0])])
    dim = identity.latent_dim
    bases = {
        "learnt": [torch.from_numpy(one.basis) for one in learnt],
        "random": [
            random_basis(dim, dim, torch.Generator().manual_seed(i)) for i in range(len(files))
        ],
        "coordinates": [coordinate_basis(dim, dim)],
    }
    results = {
        kind: [ratios(opened.generators[0], network, basis) for basis in some]
        for kind, some in bases.items()
    }
    print(f"{'factor':12}" + "".join(f"{kind:>30}" for kind in bases), file=sys.stderr)
    for name in SHOWN:
        line = f"{name:12}"
        for some in results.values():
            before = statistics.median(one[name]["before"] for one in some)
            after = statistics.median(one[name]["after"] for one in some)
            line += f"{before:>12.3g} ->{after:>8.3g} ({after / before:.2f})"
        print(line, file=sys.stderr)
    print(json.dumps({"generator": identity.name, "samples": SAMPLES, "results": results}))


if __name__ == "__main__":
    main()
