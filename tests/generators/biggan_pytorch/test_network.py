"""Pictures, gradients and chunks, against an implementation that shares nothing with ours."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from directions.errors import GeneratorError, LabelError, WeightsError
from directions.generators.biggan_pytorch.layout import layout_of
from directions.generators.biggan_pytorch.network import (
    BoundHierarchicalBigGAN,
    HierarchicalBigGAN,
)
from directions.generators.open import open_generator
from directions.generators.protocol import ChunkedGenerator
from directions.penalty import require_steady
from tests import naive_biggan

REFERENCE = load_file(Path(__file__).parent / "reference.safetensors")
STATE = {
    name.removeprefix("weights."): tensor
    for name, tensor in REFERENCE.items()
    if name.startswith("weights.")
}


def bound(tensors, label, dtype=torch.float32):
    network = HierarchicalBigGAN(tensors, layout_of(tensors, Path("a")), dtype)
    return BoundHierarchicalBigGAN(network, "a", label)


def test_pictures_are_those_of_the_reference_file():
    for z, label, picture in zip(
        REFERENCE["z"], REFERENCE["labels"], REFERENCE["images"], strict=True
    ):
        found = bound(STATE, int(label))(z[None])[0]
        torch.testing.assert_close(found, picture, rtol=0, atol=1e-5)
    assert REFERENCE["images"].std() > 0.2


@pytest.mark.parametrize("resolution", [64, 128, 256])
def test_pictures_of_every_size_are_those_of_the_plain_network(resolution):
    tensors = naive_biggan.state(resolution=resolution, seed=1)
    z = torch.randn(2, 3 * (resolution.bit_length() - 2))
    expected = naive_biggan.images(tensors, z, torch.tensor([2, 2])).float()
    found = bound(tensors, 2)(z)
    assert found.shape == (2, 3, resolution, resolution)
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-5)


def test_gradients_are_the_differences_of_the_plain_network():
    generator, rng = bound(STATE, 3), torch.Generator().manual_seed(5)
    z = REFERENCE["z"][:1].clone().requires_grad_()
    weights = torch.randn(1, 3, 64, 64, generator=rng)
    (generator(z) * weights).sum().backward()
    assert z.grad is not None
    steps = 1e-6 * torch.eye(15, dtype=torch.float64)
    points = torch.cat([REFERENCE["z"][:1] + steps, REFERENCE["z"][:1] - steps])
    values = (naive_biggan.images(STATE, points, torch.full((30,), 3)) * weights).sum((1, 2, 3))
    expected = (values[:15] - values[15:]) / 2e-6
    error = (z.grad[0] - expected).abs().max() / expected.abs().max()
    assert error < 1e-5


def test_every_slot_reads_its_own_chunk_of_its_own_latent():
    generator = bound(STATE, 0)
    assert isinstance(generator, ChunkedGenerator) and (generator.slots, generator.chunk) == (5, 3)
    z = torch.randn(2, 5, 15, requires_grad=True)
    whole = torch.stack([z[:, slot, 3 * slot : 3 * slot + 3] for slot in range(5)], 1).flatten(1)
    found = generator(z)
    torch.testing.assert_close(found, generator(whole))
    (read,) = torch.autograd.grad(found.square().sum(), z)
    expected = torch.eye(5, dtype=torch.bool).repeat_interleave(3, 1)
    assert torch.equal((read != 0).all(0), expected)


def test_it_is_steady_and_its_prior_is_not_truncated():
    generator = bound(STATE, 0)
    z = generator.sample_latents(4000, torch.Generator().manual_seed(0))
    require_steady(generator, z[:2])
    assert z.abs().max() > 3.5 and z.std().item() == pytest.approx(1, abs=0.01)


def test_bfloat16_is_near_and_its_pictures_float32():
    z = REFERENCE["z"]
    found, expected = bound(STATE, 1, torch.bfloat16)(z), bound(STATE, 1)(z)
    assert found.dtype == torch.float32 and 1e-4 < (found - expected).abs().mean() < 0.05


def test_a_file_or_its_folder_is_opened(tmp_path):
    source = naive_biggan.hierarchical(tmp_path)
    opened = open_generator(source, labels=["1", "3"])
    identity = opened.identity
    assert (identity.latent_dim, identity.slots, identity.truncation) == (120, 6, None)
    assert identity.label_names == ("1", "3")
    other = open_generator(f"{source}/G_ema.pth", labels=["1"])
    assert other.identity.weights == identity.weights
    z = torch.randn(2, 120)
    torch.testing.assert_close(opened.generators[0](z), other.generators[0](z))
    assert (opened.generators[1](z) - opened.generators[0](z)).abs().max() > 0.01


def test_a_thousand_classes_bear_the_names_of_imagenet(tmp_path):
    source = naive_biggan.hierarchical(tmp_path, classes=1000, resolution=64)
    assert open_generator(source, labels=["golden retriever"]).identity.labels == (207,)


def test_it_is_not_truncated(tmp_path):
    source = naive_biggan.hierarchical(tmp_path)
    told = rf"^{source} is not truncated: its z is N\(0, 1\), as in the paper; leave out --trunc"
    with pytest.raises(GeneratorError, match=told):
        open_generator(source, truncation=0.5)


def test_no_such_class(tmp_path):
    source = naive_biggan.hierarchical(tmp_path)
    with pytest.raises(LabelError, match="^class 5 is out of range for .*; it has classes 0 to 4$"):
        open_generator(source, labels=["5"])


def test_a_folder_without_the_file(tmp_path):
    with pytest.raises(WeightsError, match=rf"^{tmp_path} has no G_ema\.pth$"):
        open_generator(f"biggan-pytorch:{tmp_path}")


def test_a_path_where_nothing_is(tmp_path):
    with pytest.raises(WeightsError, match=rf"^no file at {tmp_path}/G\.pth$"):
        open_generator(f"biggan-pytorch:{tmp_path}/G.pth")


def test_it_stays_on_its_device():
    there = {name: tensor.to("meta") for name, tensor in STATE.items()}
    layout = layout_of(STATE, Path("a"))
    generator = BoundHierarchicalBigGAN(HierarchicalBigGAN(there, layout, torch.float32), "a", 0)
    assert generator(torch.empty(2, 15, device="meta")).device.type == "meta"
