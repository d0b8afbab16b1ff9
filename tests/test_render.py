import numpy as np
import torch

from directions.alignment import alignment_sheet, batch_images
from directions.generators.open import open_generator
from directions.generators.protocol import seeded_latents
from directions.generators.toys import Waves
from directions.render import labelled, plane_sheet, to_frame, walk_frames, walk_grid, walk_sheet

TOY = Waves()


def latents(count):
    return seeded_latents(TOY, count, seed=3)


def test_a_sample_is_the_same_in_any_number():
    assert torch.equal(seeded_latents(TOY, 9, 4)[:2], seeded_latents(TOY, 2, 4))
    assert not torch.equal(seeded_latents(TOY, 2, 4), seeded_latents(TOY, 2, 5))


def test_a_sample_is_the_same_picture_whatever_the_batch_size():
    opened = open_generator(labels=["mug", "car"])
    z = seeded_latents(opened.generators[0], 5, 0)
    basis, amounts = torch.eye(12)[:3], torch.full((3,), 1.5)
    small, large = (
        to_frame(walk_grid(opened.generators, basis, z, amounts, batch_size=size)).astype(int)
        for size in (1, 16)
    )
    assert np.abs(small - large).max() <= 1  # rounding of a value that differs by 1e-6


def test_rows_are_directions_and_columns_are_samples():
    z, basis = latents(3), TOY.hidden[:2]
    grid = walk_grid([TOY], basis, z, torch.tensor([0.5, -1.0]))
    assert grid.shape == (2, 3, 3, 4, 4)
    torch.testing.assert_close(grid[0, 2], TOY(z[2:] + 0.5 * basis[:1])[0])
    torch.testing.assert_close(grid[1, 0], TOY(z[:1] - basis[1:])[0])


def test_columns_take_turns_among_the_classes():
    other = Waves()
    other.weights = -other.weights
    grid = walk_grid([TOY, other], TOY.hidden[:1], latents(1).expand(2, -1), torch.zeros(1))
    torch.testing.assert_close(grid[0, 0], -grid[0, 1])


def test_pixels_round_and_clamp():
    images = torch.tensor([-2.0, -1.0, 0.0, 1.0, 2.0]).view(1, 1, 1, 1, 5).expand(1, 1, 3, 1, 5)
    assert to_frame(images)[0, :, 0].tolist() == [0, 0, 128, 255, 255]
    assert to_frame(images, scale=3).shape == (3, 15, 3)


def test_frames_come_one_at_a_time_and_are_even():
    calls = []

    class Counting(Waves):
        def __call__(self, z):
            calls.append(len(z))
            return super().__call__(z)

    frames = walk_frames([Counting()], TOY.hidden[:2], latents(3), torch.zeros(500), ["0", "1"])
    frame = next(frames)
    assert calls == [6] and frame.dtype == np.uint8
    assert frame.shape[0] % 2 == frame.shape[1] % 2 == 0


def test_sheets_sweep_the_amounts():
    z, amounts = latents(1), torch.tensor([-1.0, 0.0, 1.0])
    sheet = walk_sheet([TOY], TOY.hidden[:2], z, amounts, ["a", "b"])
    plane = plane_sheet([TOY], TOY.hidden[:2], z, amounts, ["a", "b"])
    assert sheet.shape[1] > 3 * 96 and plane.shape[0] > 3 * 96


def test_a_margin_leaves_the_picture_as_it_is():
    picture = np.random.default_rng(0).integers(0, 255, (40, 60, 3), dtype=np.uint8)
    page = labelled(picture, ["row 0", "row 1"], ["left", "right"])
    assert any(
        np.array_equal(page[y : y + 40, x : x + 60], picture)
        for y in range(page.shape[0] - 39)
        for x in range(page.shape[1] - 59)
    )


def test_alignment_sheet_pairs_before_and_after():
    z = latents(10)
    before = batch_images([TOY], z, -z, 0.0)
    after = batch_images([TOY], z, -z, 1.0)
    torch.testing.assert_close(after, TOY(-z))
    sheet = alignment_sheet({"before": before, "after": after}, "0")
    assert sheet.shape[0] == 2 * 96 + 22  # and a title
