import pytest

from directions.progan.config import NetworkConfig
from directions.progan.passes import BUDGET, held, pairs_at_once, pictures_at_once


def test_what_is_held_is_every_layer_by_hand():
    config = NetworkConfig(resolution=8, width=16, most_channels=4)  # 4 channels at both sides
    # Two layers a side, and four copies of the largest, and the picture.
    assert held(config, 8) == 2 * (4 * 16 + 4 * 64) + 4 * 4 * 64 + 3 * 64
    assert held(config, 4) == 2 * 4 * 16 + 4 * 4 * 16 + 3 * 16


@pytest.mark.parametrize("latent_dim", [3, 12, 128])
def test_a_pass_of_the_papers_network_keeps_within_its_budget(latent_dim):
    config = NetworkConfig(latent_dim=latent_dim)
    pairs = pairs_at_once(config, 128)
    assert pairs == 2 and 4 * 4 * pairs * held(config, 128) <= BUDGET
    # 13 layers of 62 MiB a picture, four a pair: a quarter of 2 GiB whatever the latent.
    assert 4 * held(config, 128) == pytest.approx(62 * 2**20, rel=0.02)


def test_small_pictures_go_many_at_a_time_and_large_ones_one_by_one():
    small = NetworkConfig(resolution=32, width=512, most_channels=64)
    assert pairs_at_once(small, 32) == 64 and pictures_at_once(small, 32, 32) == 32
    large = NetworkConfig(resolution=1024, width=2**17)
    assert pairs_at_once(large, 1024) == pictures_at_once(large, 1024, 32) == 1
