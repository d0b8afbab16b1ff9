import pytest
import torch
from pytorch_pretrained_biggan.config import BigGANConfig
from pytorch_pretrained_biggan.model import BigGAN
from safetensors.torch import load_file

from directions.generators.biggan.sources import EMBEDDED_FOLDER, FACTORS_NAME
from directions.generators.open import open_generator
from directions.generators.protocol import Generator, seeded_latents
from directions.metrics.known_factors import FactorNetwork, recognised_share, spread_ratios

NETWORK = FactorNetwork.load(EMBEDDED_FOLDER / FACTORS_NAME)


def test_it_is_small():
    sizes = [path.stat().st_size for path in EMBEDDED_FOLDER.iterdir()]
    assert sum(sizes) < 4 * 2**20


def test_it_is_a_generator():
    assert isinstance(open_generator().generators[0], Generator)


@pytest.mark.parametrize("truncation", [0.4, 1.0])
def test_the_librarys_own_inference_gives_the_same_pictures(truncation):
    library = BigGAN(BigGANConfig.from_json_file(EMBEDDED_FOLDER / "config.json")).eval()
    library.load_state_dict(load_file(EMBEDDED_FOLDER / "model.safetensors"))
    (ours,) = open_generator(labels=["mug"], truncation=truncation).generators
    z = seeded_latents(ours, 4, 0)
    with torch.no_grad():
        expected = library(z, torch.eye(6)[[5] * 4], truncation)
        torch.testing.assert_close(ours(z), expected, rtol=0, atol=5e-5)


@pytest.mark.parametrize("truncation", [0.2, 0.6, 1.0])
def test_every_class_is_recognised_at_every_truncation(truncation):
    opened = open_generator(labels=["any"], truncation=truncation)
    with torch.no_grad():
        shares = [
            recognised_share(NETWORK, one(seeded_latents(one, 32, 0)), label)
            for label, one in enumerate(opened.generators)
        ]
    assert sum(shares) / len(shares) >= 0.95


def test_no_factor_has_collapsed():
    opened = open_generator(labels=["any"])
    with torch.no_grad():
        images = torch.cat([one(seeded_latents(one, 64, 0)) for one in opened.generators])
    assert spread_ratios(NETWORK, images).min() >= 0.7
