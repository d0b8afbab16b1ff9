import numpy as np
import torch

from directions.metrics.entries import difference_entries, exact_entries
from directions.progan.hessian_pictures import (
    Inspected,
    heat_maps,
    inspected,
    penalty_maps,
)
from directions.render import INK, PAPER_COLOUR


class Quadratic:
    """Three by two by two pixels that are quadratic, with known Hessians."""

    name, latent_dim, slots = "quadratic", 3, 1

    def __init__(self):
        rng = torch.Generator().manual_seed(0)
        matrix = torch.randn(12, 3, 3, generator=rng)
        self.hessians = matrix + matrix.mT

    def sample_latents(self, count, rng):
        return torch.randn(count, 3, generator=rng)

    def __call__(self, z):
        return torch.einsum("bi,kij,bj->bk", z, self.hessians, z).view(-1, 3, 2, 2) / 2


def test_the_pixel_with_the_largest_penalty_is_shown():
    generator = Quadratic()
    off = generator.hessians * (1 - torch.eye(3))
    penalties = 2 * off.square().sum((1, 2))
    for source in (lambda g, z: difference_entries(g, z, 0.1, 2), exact_entries):
        found = inspected(generator, torch.tensor([0.1, -0.3, 0.2]), source)
        known = generator.hessians[penalties.argmax()]
        torch.testing.assert_close(found.hessian, known, rtol=1e-2, atol=1e-3)
        highest = penalties.view(3, 2, 2).amax(0)
        torch.testing.assert_close(found.penalty, highest, rtol=1e-2, atol=1e-3)


def sample(hessian, penalty, level=-1.0):
    return Inspected(hessian, penalty, torch.full((3, 4, 4), level))


def test_heat_maps_share_one_scale():
    strong = sample(4 * torch.eye(2), torch.zeros(4, 4))
    weak = sample(-2 * torch.eye(2), torch.zeros(4, 4))
    frame = heat_maps([("strong", [strong]), ("weak", [weak])])
    middle = tuple(round((a + b) / 2) for a, b in zip(PAPER_COLOUR, INK, strict=True))
    counts = [
        [(half == colour).all(-1).sum() for colour in (INK, middle)]
        for half in np.array_split(frame, 2)
    ]
    assert counts[0][0] > 900 and counts[1][1] > 900  # two cells of 24 pixels, less their frames
    assert max(counts[0][1], counts[1][0]) < 500  # letters


def test_maps_of_models_with_other_numbers_of_components_end_alike():
    small, large = (sample(torch.eye(dim), torch.zeros(4, 4)) for dim in (2, 5))
    frame = heat_maps([("a", [small]), ("b", [large])])
    halves = [
        np.flatnonzero((np.abs(half.astype(int) - PAPER_COLOUR).max(-1) > 20).any(0))[-1]
        for half in (frame[24:80], frame[-100:])  # below the title
    ]
    assert abs(halves[0] - halves[1]) <= 1  # sides are even


def test_penalties_are_white_to_brown_over_a_little_of_the_picture():
    penalty = torch.zeros(4, 4)
    penalty[1, 2] = 5.0
    frame = penalty_maps([("run", [sample(torch.eye(2), penalty)])]).astype(float)
    colours = {tuple(colour) for colour in frame.reshape(-1, 3).astype(int).tolist()}
    # A black picture takes a fifth of the way from white, and from brown, to black.
    assert (204, 204, 204) in colours
    assert any(abs(r - 114) < 2 and abs(g - 49) < 2 and abs(b - 6) < 2 for r, g, b in colours)
