import pytest
import torch
from torch.nn import functional

from directions.metrics.features import deep_features, distances


@pytest.fixture(scope="module")
def picture():
    x = torch.linspace(-1, 1, 64)
    disc = ((x**2 + x[:, None] ** 2) < 0.4).float()
    return torch.stack([disc, 1 - disc, 0.5 * disc])[None] * 1.6 - 0.8


def far(picture, other):
    network = deep_features()
    return distances(network(picture), network(other)).item()


def test_distance_grows_with_the_change_and_is_nothing_without(picture):
    blurs = [functional.avg_pool2d(picture, k, 1, k // 2, count_include_pad=False) for k in (3, 9)]
    assert far(picture, picture) == 0
    assert 0 < far(picture, blurs[0]) < far(picture, blurs[1])
    light = [far(picture, (picture + step).clamp(-1, 1)) for step in (0.05, 0.2)]
    assert 0 < light[0] < light[1]


def test_gradients_reach_the_picture_and_no_weight(picture):
    picture = picture.clone().requires_grad_()
    deep_features()(picture).square().sum().backward()
    assert picture.grad is not None and picture.grad.abs().sum() > 0
    assert not any(p.requires_grad for p in deep_features().parameters())


def test_loading_says_nothing(capsys):
    deep_features.__wrapped__()
    assert capsys.readouterr().out == ""
