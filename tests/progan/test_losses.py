import math

import pytest
import torch

from directions.progan.config import NetworkConfig
from directions.progan.discriminator import Discriminator
from directions.progan.generator import draw_weights
from directions.progan.growth import Stage
from directions.progan.losses import (
    code_loss,
    discriminator_loss,
    generator_loss,
    gradient_penalties,
)


def test_the_generators_loss_is_the_mean_of_minus_its_scores():
    assert generator_loss(torch.tensor([1.0, 2.0, 6.0])).item() == -3


def test_the_discriminators_loss_by_hand():
    loss = discriminator_loss(
        torch.tensor([2.0, 4.0]), torch.tensor([1.0, -1.0]), torch.tensor([0.5, 0.1]), 10.0, 0.001
    )
    by_hand = ((1 - 2 + 5 + 0.001 * 4) + (-1 - 4 + 1 + 0.001 * 16)) / 2
    assert loss.item() == pytest.approx(by_hand, abs=1e-6)


@pytest.mark.parametrize("side", [4, 8, 16, 32, 64, 128])
def test_the_gradient_penalty_of_a_plane_is_known(side):
    slope = torch.randn(3, side, side)
    real, fake = torch.randn(2, 5, 3, side, side)
    found = gradient_penalties(lambda x: (x * slope).sum((1, 2, 3)), real, fake, torch.rand(5), 128)
    expected = (slope.norm() * side / 128 - 1) ** 2
    torch.testing.assert_close(found, expected.expand(5))


def test_the_gradient_is_taken_at_the_mixture():
    real, fake = torch.zeros(2, 3, 4, 4), torch.ones(2, 3, 4, 4)
    mix = torch.tensor([0.25, 1.0])
    found = gradient_penalties(lambda x: x.square().sum((1, 2, 3)) / 2, real, fake, mix, 4)
    expected = (mix * math.sqrt(48) - 1) ** 2  # the gradient of |x|^2 / 2 is x
    torch.testing.assert_close(found, expected)


@pytest.mark.parametrize(("side", "blend"), [(4, 1.0), (8, 0.3), (8, 1.0), (16, 0.6)])
def test_the_gradient_penalty_is_that_of_the_picture_at_full_resolution(side, blend):
    config = NetworkConfig(resolution=32, width=64, most_channels=8)
    judge, stage = Discriminator(config).double(), Stage(side, blend)
    draw_weights(judge, torch.Generator().manual_seed(0))
    real, fake = torch.randn(2, 4, 3, side, side, dtype=torch.double)
    mix, times = torch.rand(4, dtype=torch.double), 32 // side
    found = gradient_penalties(lambda x: judge(x, stage), real, fake, mix, 32)

    def repeated(images):
        return images.repeat_interleave(times, 2).repeat_interleave(times, 3)

    m = mix[:, None, None, None]
    large = (repeated(real) * (1 - m) + repeated(fake) * m).requires_grad_()
    means = large.unfold(2, times, times).unfold(3, times, times).mean((-1, -2))
    (gradient,) = torch.autograd.grad(judge(means, stage).sum(), large)
    expected = (gradient.flatten(1).norm(dim=1) - 1).square()
    torch.testing.assert_close(found, expected, rtol=1e-6, atol=1e-8)


def test_the_penalty_reaches_the_discriminators_weights():
    weight = torch.tensor(0.5, requires_grad=True)
    images = torch.zeros(1, 3, 4, 4)
    gradient_penalties(
        lambda x: weight * x.sum((1, 2, 3)), images, images, torch.zeros(1), 4
    ).sum().backward()
    root = math.sqrt(48)  # d/dw (w sqrt(48) - 1)^2
    assert weight.grad.item() == pytest.approx(2 * (0.5 * root - 1) * root, rel=1e-5)


def test_a_gradient_of_zero_is_no_trouble():
    weight = torch.tensor(0.0, requires_grad=True)
    images = torch.zeros(1, 3, 4, 4)
    loss = gradient_penalties(
        lambda x: weight * x.sum((1, 2, 3)), images, images, torch.zeros(1), 4
    ).sum()
    loss.backward()
    assert loss.item() == pytest.approx(1) and weight.grad.isfinite()


def test_codes_are_compared_with_the_first_entries_as_drawn():
    z = torch.tensor([[1.0, 2.0, 9.0], [0.0, 4.0, 9.0]])
    guessed = torch.tensor([[1.0, 1.0], [2.0, 4.0]])
    assert code_loss(guessed, z).item() == (0 + 1 + 4 + 0) / 4
