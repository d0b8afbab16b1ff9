import json

import pytest
import torch
from pytorch_pretrained_biggan.config import BigGANConfig
from pytorch_pretrained_biggan.model import BigGAN
from safetensors.torch import save_file

LAYERS = [[True, 16, 8], [False, 8, 4], [True, 4, 2], [False, 2, 1]]


def tiny_network(classes=5):
    """The library's network, small, with random weights and plausible statistics."""
    config = BigGANConfig(
        output_dim=16, z_dim=8, class_embed_dim=8, channel_width=8, num_classes=classes,
        layers=LAYERS, attention_layer_position=1,
    )  # fmt: skip
    network = BigGAN(config)
    with torch.no_grad():
        network.generator.bn.weight.fill_(1)
        network.generator.bn.bias.zero_()
        network.generator.layers[1].gamma.fill_(0.5)
        for name, buffer in network.named_buffers():
            if "running_means" in name:
                buffer.normal_(0, 0.3)
            if "running_vars" in name:
                buffer.uniform_(0.5, 2)
    for _ in range(50):  # spectral norms settle
        network(torch.randn(1, 8), torch.eye(classes)[:1], 1.0)
    return network.eval()


@pytest.fixture
def network():
    return tiny_network()


@pytest.fixture
def folder(tmp_path, network):
    """A folder as users have it: config.json and weights."""
    (tmp_path / "config.json").write_text(network.config.to_json_string())
    save_file(
        {k: v.contiguous() for k, v in network.state_dict().items()}, tmp_path / "model.safetensors"
    )
    return tmp_path


@pytest.fixture
def rewrite(folder):
    """Change the config or the tensors of the folder."""

    def change(tensors=None, config=None):
        from safetensors.torch import load_file

        path = folder / "model.safetensors"
        if tensors is not None:
            found = load_file(path)
            tensors(found)
            save_file(found, path)
        if config is not None:
            plain = json.loads((folder / "config.json").read_text())
            config(plain)
            (folder / "config.json").write_text(json.dumps(plain))
        return folder

    return change
