import pytest
import torch

from directions.errors import WeightsError
from directions.generators.biggan.sources import EMBEDDED_FOLDER, FACTORS_NAME
from directions.metrics.factor_training import judged, new_network, train_factors
from directions.metrics.known_factors import (
    FactorNetwork,
    factor_shares,
    factor_slopes,
    recognised_share,
    spread_ratios,
)


def squares(count):
    """White squares of two brightness classes that move from left to right: a known factor."""
    rng = torch.Generator().manual_seed(0)
    x = torch.randint(0, 48, (count,), generator=rng)
    labels = torch.arange(count) % 2
    pictures = torch.zeros(count, 64, 64, 3, dtype=torch.uint8)
    for index in range(count):
        pictures[index, 24:40, x[index] : x[index] + 16] = 120 + 120 * int(labels[index])
    return pictures, labels, x[:, None].float()


@pytest.fixture(scope="module")
def trained():
    data = squares(400)
    network = new_network(("dark", "light"), ("horizontal",), data[2])
    list(train_factors(network, *data, steps=120, batch_size=32))
    return judged(network, *data)


def images_at(places, level=240):
    pictures = torch.full((len(places), 3, 64, 64), -1.0)
    for index, place in enumerate(places):
        pictures[index, :, 24:40, place : place + 16] = level / 127.5 - 1
    return pictures


def test_a_known_factor_is_read(trained):
    assert trained.settings.accuracy == 1.0 and trained.settings.r2[0] > 0.9


def test_slope_has_the_sign_and_size_of_the_movement(trained):
    amounts = torch.tensor([-1.0, 0.0, 1.0])
    images = torch.stack([images_at([20 + shift, 26 + shift]) for shift in (-4, 0, 4)])
    slope = factor_slopes(trained, images, amounts)[:, 0]
    pixels = slope.mean().item() * trained.settings.spread[0]
    assert pixels == pytest.approx(4, rel=0.3)
    torch.testing.assert_close(factor_slopes(trained, images, -amounts)[:, 0], -slope)


def test_shares_are_of_energies_row_by_row():
    moved = torch.tensor([[3.0, 4.0], [0.0, 2.0]])
    torch.testing.assert_close(factor_shares(moved), torch.tensor([[0.36, 0.64], [0.0, 1.0]]))


def test_spread_ratio_is_one_for_renders_and_none_for_a_collapse(trained):
    places = torch.randint(0, 48, (200,), generator=torch.Generator().manual_seed(1)).tolist()
    assert spread_ratios(trained, images_at(places)).item() == pytest.approx(1, abs=0.15)
    assert spread_ratios(trained, images_at([20] * 50)).item() < 0.01


def test_recognised_share(trained):
    images = torch.cat([images_at([5, 20, 40], 240), images_at([10], 120)])
    assert recognised_share(trained, images, 1) == 0.75


def test_round_trip(trained, tmp_path):
    trained.save(tmp_path / "f.safetensors")
    other = FactorNetwork.load(tmp_path / "f.safetensors")
    assert other.settings == trained.settings
    images = images_at([3, 30])
    assert torch.equal(other.factors(images), trained.factors(images))


def test_damaged_file_is_one_sentence(tmp_path):
    path = tmp_path / "f.safetensors"
    path.write_bytes(b"nothing")
    with pytest.raises(WeightsError, match="cannot be read as a factor network"):
        FactorNetwork.load(path)


def test_the_shipped_network_is_small_and_good():
    path = EMBEDDED_FOLDER / FACTORS_NAME
    settings = FactorNetwork.load(path).settings
    assert path.stat().st_size < 2 * 2**20
    assert settings.accuracy > 0.99 and min(settings.r2) > 0.95
