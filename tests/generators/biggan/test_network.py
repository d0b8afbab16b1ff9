import pytest
import torch

from directions.generators.biggan.folded import FoldedBigGAN
from directions.generators.biggan.network import BoundBigGAN, prepared, statistics_at
from directions.generators.biggan.weights import load_network
from tests.generators.biggan.conftest import tiny_network


def bound(network, label=3, truncation=0.4):
    return BoundBigGAN(FoldedBigGAN(prepared(network, truncation)), "tiny/3", label, truncation)


@pytest.mark.parametrize("truncation", [0.2, 0.4, 1.0])
def test_images_are_those_of_the_library_on_its_grid(network, truncation):
    z, label = torch.randn(4, 8), torch.eye(5)[[3] * 4]
    with torch.no_grad():
        expected = network(z, label, truncation)
        found = bound(network, truncation=truncation)(z)
    torch.testing.assert_close(found, expected, rtol=0, atol=2e-5)


@pytest.mark.parametrize("truncation", [0.14, 0.28, 0.56, 0.58, 0.94])
def test_statistics_are_right_where_the_librarys_division_misses_the_grid(truncation):
    table = torch.arange(51.0)[:, None]
    torch.testing.assert_close(
        statistics_at(table, truncation), torch.tensor([truncation * 50]), rtol=0, atol=1e-4
    )


def test_statistics_between_two_rows_lean_to_the_nearer_one():
    table = torch.tensor([[0.0], [1.0], [5.0]])
    assert statistics_at(table, 0.6).item() == pytest.approx(1.8)
    assert statistics_at(table, 1.0).item() == 5 and statistics_at(table, 0.0).item() == 0


def test_one_latent_for_every_slot_equals_the_same_latent_once(network):
    generator = bound(network)
    z = torch.randn(3, 8)
    assert generator.slots == 5
    assert torch.equal(generator(z), generator(z[:, None].expand(-1, 5, -1)))


@pytest.mark.parametrize("slot", [0, 1, 2, 4])
def test_every_slot_has_a_say(network, slot):
    generator = bound(network)
    z = torch.randn(2, 5, 8)
    other = z.clone()
    other[:, slot] += 1
    assert (generator(z) - generator(other)).abs().max() > 1e-3


def test_nothing_of_the_network_is_trainable_and_gradients_reach_z(network):
    generator = bound(network)
    z = torch.randn(2, 8, requires_grad=True)
    generator(z).sum().backward()
    assert z.grad is not None and z.grad.abs().sum() > 0
    assert not any(p.requires_grad for p in network.parameters())


def test_learning_changes_not_one_value_of_the_network(network):
    from directions.config import LearnConfig
    from directions.learn import Learner

    generator = bound(network)
    before = {k: v.clone() for k, v in network.state_dict().items()}
    z = torch.randn(4, 8)
    images = generator(z)
    learner = Learner([generator], LearnConfig(steps=3, batch_size=2, learning_rate=0.1))
    start = learner.matrix.detach().clone()
    list(learner.steps())
    assert not torch.equal(learner.matrix, start)
    assert torch.equal(generator(z), images)
    for name, value in network.state_dict().items():
        assert torch.equal(value, before[name]), name


def test_latents_are_cut_and_scaled_by_the_truncation(network):
    z = bound(network, truncation=0.4).sample_latents(5000, torch.Generator().manual_seed(0))
    assert z.abs().max() <= 0.8 and z.std() == pytest.approx(0.4 * 0.88, abs=0.01)


def test_two_calls_agree_and_rows_do_not_see_each_other(network):
    generator = bound(network)
    z = torch.randn(4, 8)
    assert torch.equal(generator(z), generator(z))
    torch.testing.assert_close(generator(z)[1:2], generator(z[1:2]))


def test_strict_loading_round_trip(tmp_path):
    network = tiny_network()
    copy = load_network(network.config.to_dict(), network.state_dict(), tmp_path).eval()
    z, label = torch.randn(2, 8), torch.eye(5)[:2]
    assert torch.equal(network(z, label, 0.4), copy(z, label, 0.4))
