"""What is no generator of this family is refused by the name of the first key that tells."""

import math
from pathlib import Path

import pytest
import torch

from directions.errors import WeightsError
from directions.generators.biggan_pytorch.layout import Layout, layout_of
from tests import naive_biggan


def test_the_paper_s_network_has_its_keys_and_parameters():
    layout = Layout(blocks=5, width=96, attention=(3,), classes=1000, embedding=128, chunk=20)
    shapes = layout.shapes()
    buffers = ("u0", "sv0", "stored_mean", "stored_var")
    trained = [shape for name, shape in shapes.items() if not name.endswith(buffers)]
    assert len(shapes) == 166 and sum(map(math.prod, trained)) == 70_433_988
    assert (layout.latent_dim, layout.slots, layout.resolution) == (120, 6, 128)
    assert shapes["blocks.3.1.phi.weight"] == (24, 192, 1, 1)


@pytest.mark.parametrize(
    "settings",
    [
        {"resolution": 64, "width": 2, "attention": (0, 2)},
        {"resolution": 128, "attention": (), "classes": 7},
        {"resolution": 256, "chunk": 4, "embedding": 9},
    ],
)
def test_the_layout_is_read_off_the_tensors(settings):
    settings = {"width": 1, "attention": (1,), "classes": 5, "embedding": 6, "chunk": 3} | settings
    layout = layout_of(naive_biggan.state(**settings), Path("a"))
    assert layout.resolution == settings.pop("resolution")
    for name, value in settings.items():
        assert getattr(layout, name) == value


@pytest.fixture
def tensors():
    return naive_biggan.state()


def refused(tensors, sentence):
    with pytest.raises(WeightsError) as told:
        layout_of(tensors, Path("a"))
    assert str(told.value) == sentence


@pytest.mark.parametrize(
    "name", ["linear.u0", "blocks.2.0.bn1.gain.weight", "blocks.1.1.gamma", "output_layer.2.sv0"]
)
def test_a_missing_key(tensors, name):
    del tensors[name]
    refused(tensors, f"a lacks {name} (1 keys differ from a hierarchical generator of 64 px)")


@pytest.mark.parametrize("name", ["linear.weight", "shared.weight", "blocks.0.0.conv1.weight"])
def test_a_missing_key_that_everything_follows_from(tensors, name):
    del tensors[name]
    refused(tensors, f"a lacks {name}: it is no BigGAN-PyTorch generator")


@pytest.mark.parametrize("name", ["linear.u1", "blocks.1.0.conv3.weight", "blocks.2.2.weight"])
def test_an_unknown_key(tensors, name):
    tensors[name] = torch.zeros(1)
    refused(
        tensors,
        f"a has an unknown {name} (1 keys differ from a hierarchical generator of 64 px)",
    )


def test_a_misspelt_key(tensors):
    tensors["linear.u"] = tensors.pop("linear.u0")
    refused(
        tensors,
        "a lacks linear.u0 and has an unknown linear.u "
        "(2 keys differ from a hierarchical generator of 64 px)",
    )


def test_a_wrong_shape(tensors):
    tensors["blocks.1.0.bn2.bias.weight"] = torch.zeros(8, 6)
    refused(
        tensors,
        "a: blocks.1.0.bn2.bias.weight has shape (8, 6), "
        "a generator of its width and chunks has (8, 9)",
    )


def test_a_vector_in_place_of_a_matrix(tensors):
    tensors["linear.weight"] = torch.zeros(8)
    refused(tensors, "a: linear.weight has shape (8,), not 2 axes")


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_values_that_are_not_finite(tensors, value):
    tensors["blocks.3.0.conv2.weight"][0, 0, 1, 1] = value
    refused(tensors, "a: blocks.3.0.conv2.weight holds values that are not finite")


def test_a_size_that_is_not_known(tensors):
    for name in [name for name in tensors if name.startswith("blocks.3.")]:
        del tensors[name]
    refused(tensors, "a has 3 blocks; generators of 64, 128 and 256 px have 4, 5, 6")
