import io
from itertools import pairwise

import numpy as np
import torch
from PIL import Image

from directions.generators.toys import Waves
from directions.render import to_frame, walk_grid
from directions.report.walks import AMOUNTS, loop_stops, reduced, walks

TOY = Waves()


class Large(Waves):
    """The toy's pictures at 160 pixels a side."""

    def __call__(self, z):
        return super().__call__(z).repeat_interleave(40, -1).repeat_interleave(40, -2)


def test_a_strip_holds_the_walk_from_one_end_to_the_other():
    z, basis = torch.randn(3, 4), TOY.hidden[:2]
    toy = Large()
    strips = list(walks([toy], basis, z, 2.0))
    assert len(strips) == 2
    with Image.open(io.BytesIO(strips[1])) as picture:
        found = np.asarray(picture.convert("RGB")).astype(float)
    assert found.shape == (AMOUNTS * 128, 3 * 128, 3)
    for index, amount in ((0, -2.0), (AMOUNTS // 2, 0.0), (AMOUNTS - 1, 2.0)):
        images = walk_grid([toy], basis[1:2], z, torch.tensor([amount]))
        expected = to_frame(reduced(images, 128)).astype(float)
        part = found[index * 128 : (index + 1) * 128]
        assert np.abs(part - expected).mean() < 6  # of 255: WebP loses a little
        others = found[(AMOUNTS - 1 - index) * 128 :][:128]
        if amount:
            assert np.abs(others - expected).mean() > 12


def test_many_directions_have_smaller_tiles():
    strips = walks([Large()], torch.eye(4)[:1].expand(33, -1), torch.zeros(1, 4), 1.0)
    with Image.open(io.BytesIO(next(strips))) as picture:
        assert picture.size == (64, AMOUNTS * 64)


def test_small_pictures_keep_their_size():
    images = torch.rand(1, 2, 3, 64, 64)
    assert reduced(images, 64) is images
    assert reduced(torch.rand(1, 2, 3, 100, 200), 64).shape == (1, 2, 3, 32, 64)


def test_the_loop_goes_through_every_amount_and_closes():
    stops = loop_stops()
    shown = [amount for _, amount in stops]
    assert stops[0] == (0.0, AMOUNTS // 2) and stops[-1] == (1.0, AMOUNTS // 2)
    assert set(shown) == set(range(AMOUNTS))
    assert max(abs(a - b) for a, b in pairwise(shown)) <= 2
