"""Small pictures in memory and in folders, and settings that train in a second."""

import json

import numpy as np
import torch

from directions.progan.config import (
    GrowthConfig,
    NetworkConfig,
    PenaltyConfig,
    ProGANConfig,
)
from directions.progan.generator import draw_weights
from directions.progan.store import save_generator
from directions.progan.trainer import Trainer
from directions.scenes.clevr import clevr_factors_of


class Squares:
    """Coloured squares at random places, one a picture."""

    skipped = ()

    def __init__(self, count=40, side=16):
        rng = torch.Generator().manual_seed(5)
        self.side = side
        self.pictures = torch.full((count, 3, side, side), 90, dtype=torch.uint8)
        edge = side // 3
        for picture in self.pictures:
            top, left = torch.randint(side - edge, (2,), generator=rng).tolist()
            colour = torch.randint(256, (3, 1, 1), generator=rng, dtype=torch.uint8)
            picture[:, top : top + edge, left : left + edge] = colour

    def __len__(self):
        return len(self.pictures)

    def batch(self, indices):
        return self.pictures[indices]


NETWORK = NetworkConfig(latent_dim=4, resolution=16, width=32, most_channels=8)
TINY = ProGANConfig(
    network=NETWORK,
    growth=GrowthConfig(stable=16, fade=16, batch_sizes=(8, 8, 4)),
    penalty=PenaltyConfig(weight=0.05),
    images=100,
    shards=1,
)
"""Stages: 4 px to picture 16, a fade to 32, 8 px to 48, a fade to 64, then 16 px."""


def painted_scenes(folder, count, side=16):
    """A folder as clevr-1fov leaves it, with a white bar where its factor says."""
    folder.mkdir()
    index = {"name": "clevr-1fov", "count": count, "side": side, "seed": 0}
    (folder / "scenes.json").write_text(json.dumps(index))
    for first in range(0, count, 50):
        numbers = range(first, min(first + 50, count))
        factors = np.stack([clevr_factors_of("clevr-1fov", 0, i) for i in numbers])
        pictures = np.zeros((len(numbers), side, side, 3), np.uint8)
        for picture, place in zip(pictures, factors[:, 0], strict=True):
            left = round((place / 1.45 + 1) / 2 * (side - 4))
            picture[:, left : left + 4] = 255
        np.savez(folder / f"clevr-1fov-{first:06d}.npz", pictures=pictures, factors=factors)
    return folder


def written_run(folder, config=TINY, seed=0):
    """The folder of a run that has grown and learnt nothing: random weights."""
    trainer = Trainer(Squares(), config)
    draw_weights(trainer.average, torch.Generator().manual_seed(seed))
    trainer.images = config.images
    folder.mkdir(exist_ok=True)
    save_generator(trainer, folder)
    return folder
