"""The folded network against the library's own, on small networks with random weights."""

import pytest
import torch

from directions.generators.biggan.folded import FoldedBigGAN
from directions.generators.biggan.network import BoundBigGAN, prepared
from tests.generators.biggan.conftest import tiny_network


def images_and_gradient(function, z):
    z = z.clone().requires_grad_()
    images = function(z)
    images.square().sum().backward()
    return images.detach(), z.grad


@pytest.mark.parametrize("label", [0, 3])
def test_images_and_gradients_are_the_librarys(label):
    network = prepared(tiny_network().double(), 0.4)
    generator = BoundBigGAN(FoldedBigGAN(network), "tiny", label, 0.4)
    z = torch.randn(3, 8, dtype=torch.float64)
    one_hot = torch.eye(5, dtype=torch.float64)[[label] * 3]
    expected = images_and_gradient(lambda z: network(z, one_hot, 0.4), z)
    found = images_and_gradient(generator, z)
    torch.testing.assert_close(found, expected, rtol=1e-9, atol=1e-10)


def test_folding_leaves_the_network_as_it_is():
    network = prepared(tiny_network(), 0.4)
    before = {k: v.clone() for k, v in network.state_dict().items()}
    BoundBigGAN(FoldedBigGAN(network), "tiny", 1, 0.4)(torch.randn(2, 8))
    after = network.state_dict()
    assert all(torch.equal(after[k], v) for k, v in before.items())


def test_classes_share_their_weights():
    folded = FoldedBigGAN(prepared(tiny_network(), 0.4))
    one, other = (BoundBigGAN(folded, "tiny", label, 0.4) for label in (0, 1))
    z = torch.randn(2, 8)
    assert one.network is other.network
    assert (one(z) - other(z)).abs().max() > 1e-3


def test_bfloat16_gives_float32_images_close_to_the_others():
    network = prepared(tiny_network(), 0.4)
    z = torch.randn(4, 8)
    fine = BoundBigGAN(FoldedBigGAN(network), "tiny", 1, 0.4)(z)
    coarse = BoundBigGAN(FoldedBigGAN(network, torch.bfloat16), "tiny", 1, 0.4)(z)
    assert coarse.dtype == torch.float32
    assert 0 < (fine - coarse).abs().mean() < 0.02
