import pytest

from directions.progan.config import GrowthConfig, PenaltyConfig
from directions.progan.growth import Stage, grown_after, layer_weight, penalty_weight, stage_at

PAPER = GrowthConfig()


@pytest.mark.parametrize(
    ("images", "stage"),
    [
        (0, (4, 1.0)),
        (600_000, (4, 1.0)),
        (600_001, (8, 1 / 600_000)),
        (900_000, (8, 0.5)),
        (1_199_999, (8, 599_999 / 600_000)),
        (1_200_000, (8, 1.0)),
        (1_800_000, (8, 1.0)),
        (1_800_001, (16, 1 / 600_000)),
        (2_400_000, (16, 1.0)),
        (3_000_000, (16, 1.0)),
        (3_300_000, (32, 0.5)),
        (3_600_000, (32, 1.0)),
        (4_200_000, (32, 1.0)),
        (4_800_000, (64, 1.0)),
        (5_400_000, (64, 1.0)),
        (5_400_001, (128, 1 / 600_000)),
        (5_999_999, (128, 599_999 / 600_000)),
        (6_000_000, (128, 1.0)),
        (50_000_000, (128, 1.0)),
        (10**15, (128, 1.0)),
    ],
)
def test_the_papers_growth_at_every_border(images, stage):
    assert stage_at(images, PAPER, 128) == stage


def test_moments_are_reset_at_the_papers_borders():
    last, borders = stage_at(0, PAPER, 128).phase, []
    for images in range(0, 7_000_000, 1000):
        phase = stage_at(images, PAPER, 128).phase
        if phase != last:
            borders.append(images // 1000)
            last = phase
    # A fade begins after its border, ends at it.
    assert borders == [601, 1200, 1801, 2400, 3001, 3600, 4201, 4800, 5401, 6000]
    assert grown_after(PAPER, 128) == 6_000_000


@pytest.mark.parametrize(
    ("side", "batch"), [(4, 2048), (8, 1024), (16, 512), (32, 256), (64, 128), (128, 96)]
)
def test_batches_of_the_paper(side, batch):
    assert PAPER.batch_size(side) == batch


def test_growth_without_fading_jumps():
    growth = GrowthConfig(stable=10, fade=0)
    assert [stage_at(n, growth, 16) for n in (9, 10, 19, 20)] == [
        Stage(4, 1.0), Stage(8, 1), Stage(8, 1), Stage(16, 1)
    ]  # fmt: skip


def test_growth_may_begin_higher():
    growth = GrowthConfig(first_side=16, stable=10, fade=10)
    assert stage_at(0, growth, 32) == (16, 1) and stage_at(15, growth, 32) == (32, 0.5)
    assert stage_at(0, GrowthConfig(first_side=32), 32) == (32, 1)
    assert grown_after(growth, 32) == 20


@pytest.mark.parametrize(
    ("images", "weight"), [(0, 0), (1000, 0), (1001, 0.0004), (1500, 0.2), (2000, 0.4), (9000, 0.4)]
)
def test_lambda_rises_where_fine_tuning_sets_out(images, weight):
    config = PenaltyConfig(weight=0.4, start=1000, ramp=1000)
    assert penalty_weight(images, config) == pytest.approx(weight)


def test_without_a_ramp_lambda_is_there_from_the_second_step():
    config = PenaltyConfig(weight=0.4)
    assert penalty_weight(0, config) == 0 and penalty_weight(1, config) == 0.4


@pytest.mark.parametrize(
    ("kimg", "expected"),
    [
        (300, [1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]),
        (900, [1, 1, 0.5, 0.5, 0, 0, 0, 0, 0, 0, 0, 0, 1]),
        (1200, [1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1]),
        (4500, [1] * 8 + [0.5, 0.5, 0, 0, 1]),
        (4800, [1] * 10 + [0, 0, 1]),
        (5700, [1] * 10 + [0.5, 0.5, 1]),
        (6000, [1] * 13),
    ],
)
def test_layers_count_as_far_as_they_have_grown(kimg, expected):
    stage = stage_at(kimg * 1000, PAPER, 128)
    assert [layer_weight(n, 13, stage) for n in range(1, 14)] == pytest.approx(expected)
