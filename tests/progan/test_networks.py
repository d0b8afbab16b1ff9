import math

import pytest
import torch
from torch.nn import functional

from directions.progan.config import NetworkConfig
from directions.progan.discriminator import Discriminator
from directions.progan.generator import Generator, draw_weights
from directions.progan.growth import Stage
from directions.progan.layers import (
    Conv,
    Dense,
    DownConv,
    Spread,
    UpConv,
    doubled,
    halved,
    minibatch_deviation,
    pixel_norm,
)
from tests.progan.toys import NETWORK


def drawn(network, seed=0):
    draw_weights(network, torch.Generator().manual_seed(seed))
    return network


def count(network):
    return sum(parameter.numel() for parameter in network.parameters())


@pytest.mark.parametrize(("latent_dim", "expected"), [(12, 18_837_394), (3, 18_763_666)])
def test_the_papers_generator_has_its_parameters(latent_dim, expected):
    with torch.device("meta"):
        assert count(Generator(NetworkConfig(latent_dim=latent_dim))) == expected


@pytest.mark.parametrize(
    ("codes", "expected"),
    [(0, 22_941_313), (12, 29_502_093), (10, 29_501_067), (4, 29_497_989), (3, 29_497_476),
     (1, 29_496_450)],
)  # fmt: skip
def test_the_papers_discriminator_has_its_parameters(codes, expected):
    with torch.device("meta"):
        assert count(Discriminator(NetworkConfig(codes=codes))) == expected


def test_layers_have_the_papers_shapes():
    with torch.device("meta"):
        generator = Generator(NetworkConfig())
        shapes = [tuple(x.shape[1:]) for x in generator.synthesis.activations(torch.empty(2, 12))]
    sides = [4, 4, 8, 8, 16, 16, 32, 32, 64, 64, 128, 128]
    channels = [512] * 8 + [256] * 2 + [128] * 2
    assert shapes == [(c, s, s) for c, s in zip(channels, sides, strict=True)]


@pytest.mark.parametrize("side", [4, 8, 16, 32, 64, 128])
@pytest.mark.parametrize("blend", [1.0, 0.25])
def test_both_networks_agree_on_every_stage(side, blend):
    stage = Stage(side, 1.0 if side == 4 else blend)
    config = NetworkConfig(codes=3)
    with torch.device("meta"):
        generator, judge = Generator(config), Discriminator(config)
        images = generator(torch.empty(4, 12), stage)
        assert images.shape == (4, 3, side, side)
        assert judge.features(images, stage).shape == (4, 512, 4, 4)
        assert judge(images, stage).shape == (4,) and judge.codes(images, stage).shape == (4, 3)


def test_upsampling_in_one_pass_is_doubling_then_convolving():
    layer, x = drawn(UpConv(5, 7)).double(), torch.randn(2, 5, 6, 6, dtype=torch.double)
    torch.nn.init.normal_(layer.bias)
    repeated = x.repeat_interleave(2, 2).repeat_interleave(2, 3)
    expected = functional.conv2d(
        repeated, layer.weight * math.sqrt(2 / (9 * 5)), layer.bias, padding=1
    )
    torch.testing.assert_close(layer(x), expected, rtol=0, atol=1e-12)


def test_downsampling_in_one_pass_is_convolving_then_halving():
    layer, x = drawn(DownConv(5, 7)).double(), torch.randn(2, 5, 6, 6, dtype=torch.double)
    torch.nn.init.normal_(layer.bias)
    full = functional.conv2d(x, layer.weight * math.sqrt(2 / (9 * 5)), layer.bias, padding=1)
    corners = [full[..., i::2, j::2] for i in (0, 1) for j in (0, 1)]
    torch.testing.assert_close(layer(x), sum(corners) / 4, rtol=0, atol=1e-12)


def test_halving_and_doubling_are_means_and_copies():
    images = torch.arange(16.0).view(1, 1, 4, 4)
    assert halved(images).flatten().tolist() == [2.5, 4.5, 10.5, 12.5]
    assert doubled(halved(images))[0, 0, 0].tolist() == [2.5, 2.5, 4.5, 4.5]


@pytest.mark.parametrize(
    ("layer", "gain", "inputs"),
    [
        (Dense(50, 40), math.sqrt(2), 50),
        (Dense(50, 40, gain=1.0), 1, 50),
        (Spread(50, 40), math.sqrt(2) / 4, 50),
        (Conv(50, 40), math.sqrt(2), 9 * 50),
        (Conv(50, 40, side=1, gain=1.0), 1, 50),
        (UpConv(50, 40), math.sqrt(2), 9 * 50),
    ],
)
def test_weights_are_drawn_at_one_and_scaled_when_they_act(layer, gain, inputs):
    drawn(layer)
    assert layer.weight.std().item() == pytest.approx(1, abs=0.05)
    assert not layer.bias.any()
    assert layer.scaled.std().item() == pytest.approx(gain / math.sqrt(inputs), rel=0.05)


def test_gains_of_the_whole_networks():
    generator, judge = Generator(NETWORK), Discriminator(NETWORK)
    quarter = math.sqrt(2) / 4 / math.sqrt(4)
    assert generator.synthesis.layers[0].scale == pytest.approx(quarter)
    assert generator.synthesis.to_rgb[1].scale == pytest.approx(1 / math.sqrt(8))
    assert judge.score.last.scale == pytest.approx(1 / math.sqrt(8))
    assert judge.from_rgb[0].scale == pytest.approx(math.sqrt(2 / 3))


def test_pixel_norm_leaves_a_mean_square_of_one():
    x = torch.randn(3, 6, 2, 2)
    expected = x / (sum(x[:, c] ** 2 for c in range(6)) / 6 + 1e-8).sqrt()[:, None]
    torch.testing.assert_close(pixel_norm(x), expected)
    assert torch.equal(pixel_norm(torch.zeros(2, 4)), torch.zeros(2, 4))


@pytest.mark.parametrize("batch", [1, 3, 4, 8])
def test_minibatch_deviation_by_hand(batch):
    x = torch.randn(batch, 2, 4, 4, dtype=torch.double)
    members = min(batch, 4)
    apart = batch // members
    for picture in range(batch):
        group = x[[picture % apart + member * apart for member in range(members)]]
        variance = ((group - group.mean(0)) ** 2).mean(0)
        expected = (variance + 1e-8).sqrt().mean()
        found = minibatch_deviation(x)[picture]
        torch.testing.assert_close(found[2], expected.expand(4, 4))
        assert torch.equal(found[:2], x[picture])


def test_a_layer_is_convolved_then_rectified_then_normalised():
    synthesis = drawn(Generator(NETWORK)).synthesis
    z = torch.randn(3, 4)
    first, second = list(synthesis.activations(z))[:2]
    layer = synthesis.layers[1]
    raw = functional.conv2d(first, layer.weight * math.sqrt(2 / 72), layer.bias, padding=1)
    kept = torch.where(raw > 0, raw, 0.2 * raw)
    torch.testing.assert_close(second, kept / (kept.square().mean(1, True) + 1e-8).sqrt())


def test_a_generator_that_fades_mixes_two_resolutions():
    generator = drawn(Generator(NETWORK))
    z = torch.randn(3, 4)
    old, new = generator(z, Stage(8, 1.0)), generator(z, Stage(16, 1.0))
    expected = 0.7 * old.repeat_interleave(2, 2).repeat_interleave(2, 3) + 0.3 * new
    torch.testing.assert_close(generator(z, Stage(16, 0.3)), expected)


def test_a_discriminator_that_fades_mixes_two_resolutions():
    judge = drawn(Discriminator(NETWORK))
    images = torch.randn(4, 3, 8, 8)
    from_4 = judge.features(functional.avg_pool2d(images, 2), Stage(4, 1.0))
    from_8 = judge.features(images, Stage(8, 1.0))
    expected = 0.7 * from_4 + 0.3 * from_8
    torch.testing.assert_close(judge.features(images, Stage(8, 0.3)), expected)


def test_normalisation_of_latents_can_be_switched_off():
    generator = drawn(Generator(NETWORK))
    torch.nn.init.normal_(
        generator.synthesis.layers[0].bias
    )  # without it the length is lost anyway
    z, stage = torch.randn(3, 4), Stage(16, 1.0)
    torch.testing.assert_close(generator(3 * z, stage), generator(z, stage))
    free = generator.synthesis(z, stage)
    assert (generator.synthesis(3 * z, stage) - free).abs().max() > 1e-3
    on_sphere = 2 * functional.normalize(z, dim=1)  # a length of sqrt(|z|)
    torch.testing.assert_close(generator(z, stage), generator.synthesis(on_sphere, stage))


def test_tapping_stops_at_the_deepest_layer():
    generator = drawn(Generator(NETWORK))
    z, called = torch.randn(2, 4), []
    for number, layer in enumerate(generator.synthesis.layers, 1):
        layer.register_forward_hook(lambda *_, number=number: called.append(number))
    found = generator.tapped(z, [1, 3], Stage(16, 1.0))
    assert called == [1, 2, 3]
    assert [tuple(x.shape) for x in found] == [(2, 8, 4, 4), (2, 8, 8, 8)]


def test_the_last_number_taps_the_picture():
    generator = drawn(Generator(NETWORK))
    z, stage = torch.randn(2, 4), Stage(16, 0.5)
    second, picture = generator.tapped(z, [2, 7], stage)
    assert torch.equal(picture, generator(z, stage))
    normalised = pixel_norm(z)
    assert torch.equal(second, list(generator.synthesis.activations(normalised))[1])


def test_weights_follow_from_the_seed():
    one, same, other = (drawn(Generator(NETWORK), seed) for seed in (1, 1, 2))
    assert torch.equal(one.synthesis.layers[0].weight, same.synthesis.layers[0].weight)
    assert not torch.equal(one.synthesis.layers[0].weight, other.synthesis.layers[0].weight)
