import pytest
import torch

from directions.errors import RunError
from directions.progan.growth import Stage
from directions.progan.pictures import Shuffle, at_stage
from directions.progan.trainer import require_pictures
from tests.progan.toys import Squares


def test_every_picture_comes_once_an_epoch():
    shuffle = Shuffle(10, seed=3)
    taken = torch.cat([shuffle.take(4) for _ in range(5)])
    first, second = taken[:10], taken[10:]
    assert sorted(first.tolist()) == sorted(second.tolist()) == list(range(10))
    assert first.tolist() != second.tolist() and (shuffle.epoch, shuffle.position) == (2, 0)


def test_a_step_may_take_more_than_an_epoch():
    assert torch.bincount(Shuffle(3, seed=0).take(9)).tolist() == [3, 3, 3]


def test_the_order_goes_on_from_a_place_that_was_noted():
    one, other = Shuffle(10, seed=3), Shuffle(10, seed=3)
    one.take(17)
    other.move(one.epoch, one.position)
    assert torch.equal(one.take(8), other.take(8))
    assert not torch.equal(Shuffle(10, seed=3).take(10), Shuffle(10, seed=4).take(10))


def test_pictures_shrink_by_rounded_means():
    pictures = torch.tensor([[0, 3], [0, 0]], dtype=torch.uint8).repeat(1, 3, 4, 4)
    images = at_stage(pictures, Stage(4, 1.0))
    assert images.shape == (1, 3, 4, 4)
    torch.testing.assert_close(images, torch.full((1, 3, 4, 4), 1 / 127.5 - 1))  # 0.75 is 1


def test_pictures_reach_from_minus_one_to_one():
    pictures = torch.tensor([0, 255], dtype=torch.uint8).repeat(1, 3, 4, 2)
    assert at_stage(pictures, Stage(4, 1.0)).unique().tolist() == [-1, 1]


def test_in_a_fade_pictures_are_blurred():
    pictures = Squares(2, 8).pictures
    sharp = at_stage(pictures, Stage(8, 1.0))
    means = sharp.unfold(2, 2, 2).unfold(3, 2, 2).mean((-1, -2))
    blurred = means.repeat_interleave(2, 2).repeat_interleave(2, 3)
    torch.testing.assert_close(at_stage(pictures, Stage(8, 0.3)), 0.3 * sharp + 0.7 * blurred)


@pytest.mark.parametrize(
    ("pictures", "sentence"),
    [
        (Squares(0, 16), "there are no pictures to train on"),
        (Squares(2, 8), "the pictures have 8 pixels a side, the network 16; *"),
        (Squares(2, 24), "the pictures have 24 pixels a side, the network 16; *"),
    ],
)
def test_pictures_that_do_not_fit_are_refused(pictures, sentence):
    with pytest.raises(RunError) as refused:
        require_pictures(pictures, 16)
    told = "pass --resolution, or pack the pictures again"
    assert str(refused.value) == sentence.replace("*", told)


def test_larger_pictures_are_shrunk():
    require_pictures(Squares(2, 32), 16)
    assert at_stage(Squares(2, 32).pictures, Stage(16, 1.0)).shape == (2, 3, 16, 16)
