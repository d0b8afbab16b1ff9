"""Small pictures in memory, and settings that train in a second."""

import torch

from directions.progan.config import (
    GrowthConfig,
    NetworkConfig,
    PenaltyConfig,
    ProGANConfig,
)


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
