"""The snapshot that stands for a run."""

import math
from pathlib import Path

import pytest
import torch

from directions.progan.measure_config import ProGANMeasureConfig
from directions.study.choosing import Compared, best


@pytest.mark.parametrize(
    ("distances", "expected"),
    [
        ({50: 3.0, 60: 1.0, 70: 2.0}, 60),
        ({50: 1.0, 60: 1.0}, 60),
        ({80: None}, 80),
        ({50: math.nan, 60: math.nan}, 60),
        ({50: math.nan, 60: 5.0, 70: math.nan}, 60),
        ({50: 2.0, 60: math.inf, 70: None}, 50),
    ],
)
def test_the_lowest_distance_is_chosen_of_equals_the_latest(distances, expected):
    assert best(distances) == expected


class Noise:
    """Pictures of uniform noise about a grey."""

    side = 8

    def __init__(self, grey):
        rng = torch.Generator().manual_seed(1)
        self.pictures = (torch.randint(-20, 20, (120, 3, 8, 8), generator=rng) + grey).byte()

    def __len__(self):
        return len(self.pictures)

    def batch(self, indices):
        return self.pictures[indices]


def test_pictures_like_the_real_ones_are_nearer(monkeypatch):
    """Generators that copy, and copy with a shift of 60 greys."""
    pytest.importorskip("torchmetrics")
    real = Noise(128).pictures
    pictures = {"real": real, "lighter": real + 60}
    monkeypatch.setattr(
        "directions.study.choosing.bound", lambda source, device: (Copier(pictures[source]), None)
    )
    compared = Compared(Noise(128), 120, ProGANMeasureConfig(), "cpu")
    same, lighter = (compared.distance(Path(name)) for name in pictures)
    assert same == pytest.approx(0, abs=1e-3) and lighter > 1


class Copier:
    """Latent number i gives picture i."""

    name, slots = "copier", 1

    def __init__(self, pictures):
        self.pictures, self.latent_dim, self.next = pictures, 1, 0

    def sample_latents(self, count, rng):
        self.next += 1
        return torch.full((count, 1), float(self.next - 1))

    def __call__(self, z):
        return (self.pictures[z[:, 0].long()].float() - 128) / 127.5
