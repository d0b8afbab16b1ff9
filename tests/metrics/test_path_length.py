import sys
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import nn

from directions.errors import DirectionsError
from directions.metrics.distances import LpipsDistance, OfflineDistance, enlarged
from directions.metrics.features import deep_features, distances
from directions.metrics.path_length import Distance, path_lengths, slerp, trimmed


class Squared:
    """Sum of squared differences of pixels."""

    name = "squares"

    def __call__(self, a, b):
        return (a - b).square().flatten(1).sum(1)


def latents(count, dim, seed=0):
    rng = torch.Generator().manual_seed(seed)
    return torch.randn(count, dim, generator=rng), torch.randn(count, dim, generator=rng)


def pictures(z):
    return z.reshape(len(z), 3, 1, -1)


def angles(z1, z2):
    return torch.nn.functional.cosine_similarity(z1.double(), z2.double()).acos()


def test_slerp_goes_along_the_great_circle_at_an_even_pace():
    z1, z2 = (z.double() for z in latents(20, 6))
    for t in (0.0, 0.25, 1.0):
        point = slerp(z1, z2, t)
        torch.testing.assert_close(point.norm(dim=1), torch.ones(20).double())
        cosines = torch.nn.functional.cosine_similarity(z1, point)
        torch.testing.assert_close(cosines, (t * angles(z1, z2)).cos())
    torch.testing.assert_close(slerp(z1, z2, 1.0), z2 / z2.norm(dim=1, keepdim=True))


def test_two_latents_of_one_direction_lie_no_way_apart():
    z1, _ = latents(5, 3)
    assert torch.cat(list(path_lengths(pictures, z1, 2 * z1, Squared()))).max() < 1e-3


def test_a_generator_that_only_lays_out_its_latent_has_the_squared_angle_as_its_length():
    z1, z2 = latents(50, 12)
    found = torch.cat(list(path_lengths(pictures, z1, z2, Squared(), batch_size=7)))
    torch.testing.assert_close(found, angles(z1, z2).square(), rtol=5e-3, atol=1e-3)


def test_a_linear_generator_has_the_length_of_its_tangent():
    z1, z2 = latents(40, 6)
    matrix = torch.randn(6, 27, generator=torch.Generator().manual_seed(1))
    start, end = (z.double() / z.double().norm(dim=1, keepdim=True) for z in (z1, z2))
    tangent = end - (start * end).sum(1, keepdim=True) * start
    tangent = tangent / tangent.norm(dim=1, keepdim=True) * angles(z1, z2)[:, None]
    known = (tangent @ matrix.double()).square().sum(1)
    found = torch.cat(list(path_lengths(lambda z: pictures(z @ matrix), z1, z2, Squared())))
    torch.testing.assert_close(found, known, rtol=5e-3, atol=1e-3)


def test_the_step_is_above_the_noise_of_single_precision():
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(6, 32), nn.Tanh(), nn.Linear(32, 48), nn.Tanh())
    net.requires_grad_(False)
    z1, z2 = latents(64, 6)
    one = torch.cat(list(path_lengths(lambda z: pictures(net(z)), z1, z2, Squared())))
    net, doubles = net.double(), [z.double() for z in (z1, z2)]
    other = torch.cat(list(path_lengths(lambda z: pictures(net(z)), *doubles, Squared())))
    assert one.mean().item() == pytest.approx(other.mean().item(), rel=1e-3)
    assert not torch.equal(one, other)


def test_the_first_and_the_last_percent_are_left_out():
    lengths = torch.randperm(1000, generator=torch.Generator().manual_seed(0)).double()
    kept = trimmed(lengths).numpy()
    assert (kept.min(), kept.max()) == (9, 990)  # index 999 * 0.01 = 9.99 down, 989.01 up
    assert kept.mean() == pytest.approx(np.arange(9, 991).mean())


def test_the_offline_distance_is_squared_and_named_for_what_it_is():
    distance = OfflineDistance()
    assert isinstance(distance, Distance) and "not LPIPS" in distance.name
    a = torch.rand(2, 3, 16, 16, generator=torch.Generator().manual_seed(0))
    network = deep_features()
    known = distances(network(a), network(a.flip(0))).square()
    torch.testing.assert_close(distance(a, a.flip(0)), known)
    assert distance(a, a).tolist() == [0, 0]


def test_lpips_is_asked_at_256_pixels(monkeypatch):
    class Network(nn.Module):
        def forward(self, a, b):
            assert a.shape[2:] == (256, 256)
            return (a - b).square().mean((1, 2, 3), keepdim=True)

    made = []
    stand_in = SimpleNamespace(LPIPS=lambda **kinds: made.append(kinds) or Network())
    monkeypatch.setitem(sys.modules, "lpips", stand_in)
    distance = LpipsDistance()
    assert made == [{"net": "vgg", "verbose": False}] and isinstance(distance, Distance)
    found = distance(torch.zeros(2, 3, 8, 8), torch.ones(2, 3, 8, 8))
    torch.testing.assert_close(found, torch.ones(2))
    large = torch.zeros(1, 3, 512, 512)
    assert enlarged(large) is large


def test_lpips_that_is_missing_is_one_sentence(monkeypatch):
    monkeypatch.setitem(sys.modules, "lpips", None)
    sentence = (
        "LPIPS is not installed; `pip install lpips`, which needs torchvision, or leave out "
        "--distance lpips"
    )
    with pytest.raises(DirectionsError) as told:
        LpipsDistance()
    assert str(told.value) == sentence
