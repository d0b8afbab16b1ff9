import pytest
import torch
from pytorch_pretrained_biggan.model import BigGANBatchNorm

from directions.errors import RunError
from directions.generators.biggan.training.batch_norm import (
    BatchStatisticsNorm,
    fill_statistics,
    normalise_by_batch,
    refresh_spectral_norms,
)
from directions.generators.biggan.training.config import BigGANTrainConfig
from directions.generators.biggan.training.discriminator import Discriminator
from directions.generators.biggan.training.trainer import Trainer, truncated_latents

TINY = BigGANTrainConfig(
    latent_dim=4, width=8, discriminator_width=4, batch_size=4, steps=6,
    layers=((True, 16, 8), (False, 8, 4), (True, 4, 2), (False, 2, 1)), attention_position=1,
)  # fmt: skip


def trainer():
    rng = torch.Generator().manual_seed(0)
    pictures = torch.randint(0, 255, (12, 16, 16, 3), generator=rng, dtype=torch.uint8)
    return Trainer(pictures, torch.arange(12) % 3, TINY)


def test_batch_norm_normalises_by_the_batch():
    norm = BatchStatisticsNorm(3, n_stats=51, eps=1e-4, conditional=False)
    torch.nn.init.ones_(norm.weight)
    torch.nn.init.zeros_(norm.bias)
    out = norm(torch.randn(50, 3, 4, 4) * 5 + 2, 0.3)
    torch.testing.assert_close(out.mean((0, 2, 3)), torch.zeros(3), rtol=0, atol=1e-5)
    torch.testing.assert_close(out.var((0, 2, 3)), torch.ones(3), rtol=1e-2, atol=0)


def test_filled_statistics_make_the_librarys_pictures_those_of_the_batch(network):
    z, label = truncated_latents(64, 8, torch.Generator().manual_seed(0)), torch.arange(64) % 5
    assert list(fill_statistics(network, [(z, label)], [25])) == [25]
    assert all(type(m) is not BatchStatisticsNorm for m in network.modules())
    one_hot = torch.eye(5)[label]
    with torch.no_grad():
        stored = network(z * 0.5, one_hot, 0.5)
        normalise_by_batch(network)
        by_batch = network(z * 0.5, one_hot, 0.5)
    torch.testing.assert_close(stored, by_batch, rtol=0, atol=1e-4)


def test_keys_stay_those_of_the_library(network):
    keys = list(network.state_dict())
    normalise_by_batch(network)
    assert list(network.state_dict()) == keys
    assert any(isinstance(m, BigGANBatchNorm) for m in network.modules())


def test_refreshed_spectral_norms_have_the_true_sigma(network):
    layer = network.generator.gen_z
    with torch.no_grad():
        layer.weight_orig.add_(torch.randn_like(layer.weight_orig))
    refresh_spectral_norms(network)
    sigma = layer.weight_u @ layer.weight_orig @ layer.weight_v
    assert sigma.item() == pytest.approx(
        torch.linalg.matrix_norm(layer.weight_orig, 2).item(), 1e-4
    )


def test_six_steps_equal_three_and_three():
    whole, first, second = trainer(), trainer(), trainer()
    for _ in whole.steps():
        pass
    steps = first.steps()
    for _ in range(3):
        next(steps)
    second.load_state(first.state())
    for _ in second.steps():
        pass
    for name, value in whole.average.items():
        assert torch.equal(value, second.average[name]), name


def test_resuming_with_other_settings_is_refused():
    one = trainer()
    state = one.state()
    state["config"] = {**state["config"], "batch_size": 5}
    with pytest.raises(RunError, match="other settings: batch_size"):
        one.load_state(state)


def test_the_average_is_the_librarys_network_in_evaluation():
    one = trainer()
    next(one.steps())
    network = one.averaged_network(range(50, 51), batches=1, batch_size=8)
    assert not network.training
    images = network(torch.randn(2, 4), torch.eye(3)[:2], 1.0)
    assert images.shape == (2, 3, 16, 16) and torch.isfinite(images).all()


def test_parts_of_a_discriminator_batch_do_not_see_each_other():
    judge = Discriminator(3, 4, 16).eval()
    one, other, third = (torch.randn(4, 3, 16, 16) for _ in range(3))
    label = torch.arange(8) % 3
    with torch.no_grad():
        first = judge(torch.cat([one, other]), label, groups=2)[:4]
        second = judge(torch.cat([one, third]), label, groups=2)[:4]
    torch.testing.assert_close(first, second)
