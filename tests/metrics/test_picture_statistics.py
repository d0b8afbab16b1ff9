import pytest
import torch

from directions.metrics.picture_statistics import (
    HUE,
    STATISTICS,
    description,
    deviations,
    picture_statistics,
    statistic_slopes,
)


def square(left=24, top=24, side=16, colour=(1.0, 1.0, 1.0), ground=-1.0):
    image = torch.full((3, 64, 64), ground)
    image[:, top : top + side, left : left + side] = torch.tensor(colour)[:, None, None]
    return image


def read(*images):
    return [
        dict(zip(STATISTICS, row.tolist(), strict=True))
        for row in picture_statistics(torch.stack(images))
    ]


def test_a_square_is_where_it_is():
    middle, right, above = read(square(), square(left=40), square(top=8))
    assert middle["horizontal"] == pytest.approx(0, abs=0.01)
    assert right["horizontal"] == pytest.approx(0.5, abs=0.03)
    assert above["vertical"] == pytest.approx(0.5, abs=0.03)
    assert right["vertical"] == pytest.approx(0, abs=0.01)


def test_a_larger_square_is_larger_and_a_lighter_ground_lighter():
    small, large, light = read(square(), square(16, 16, 32), square(ground=0.0))
    assert large["size"] > 3 * small["size"] and light["lightness"] > small["lightness"] + 0.3
    assert small["contrast"] > light["contrast"]


@pytest.mark.parametrize(
    ("colour", "hue"), [((1, -1, -1), 0), ((-1, 1, -1), 1 / 3), ((-1, -1, 1), 2 / 3)]
)
def test_hue_is_in_turns_from_red(colour, hue):
    found = read(square(colour=colour))[0]
    assert abs((found["hue"] - hue + 0.5) % 1 - 0.5) < 0.01 and found["saturation"] > 0.05


def test_blur_takes_sharpness():
    sharp = square()
    blurred = torch.nn.functional.avg_pool2d(sharp[None], 9, 1, 4, count_include_pad=False)[0]
    noise = torch.rand(3, 64, 64) * 2 - 1
    one, other, third = read(sharp, blurred, noise)
    assert third["sharpness"] > one["sharpness"] > 0 and other["sharpness"] <= one["sharpness"]


def test_slopes_follow_the_movement_and_change_sign_with_it():
    amounts = torch.tensor([-1.0, 0.0, 1.0])
    images = torch.stack([square(left=24 + shift) for shift in (-4, 0, 4)])[:, None]
    slope = dict(zip(STATISTICS, statistic_slopes(images, amounts)[0].tolist(), strict=True))
    assert slope["horizontal"] == pytest.approx(8 / 63, rel=0.1)
    back = statistic_slopes(images.flip(0), amounts)[0]
    assert back[STATISTICS.index("horizontal")].item() == pytest.approx(-slope["horizontal"])


def test_hue_may_pass_red():
    values = torch.zeros(4, len(STATISTICS))
    values[:, HUE] = torch.tensor([0.95, 0.05, 0.95, 0.05])
    assert deviations(values)[HUE] == pytest.approx(0.0577, rel=0.01)


def test_only_what_is_clear_and_consistent_is_told():
    slopes = torch.zeros(4, len(STATISTICS))
    slopes[:, 0] = torch.tensor([-1.0, -0.8, -1.2, -1.0])
    slopes[:, 6] = torch.tensor([0.5, 0.4, 0.6, 0.5])
    slopes[:, 4] = torch.tensor([3.0, -2.0, 3.0, -2.0])
    assert description(slopes) == "lightness -, size +"
    assert description(slopes * 0.1) == ""
