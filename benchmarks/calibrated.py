"""BigGAN-deep with random weights whose activations behave like a trained network's.

python benchmarks/calibrated.py FOLDER    writes config.json and pytorch_model.bin, for --generator
"""

import json
import sys
from pathlib import Path

import torch
from pytorch_pretrained_biggan.config import BigGANConfig
from pytorch_pretrained_biggan.model import BigGAN, BigGANBatchNorm

CALIBRATION_BATCH = 8  # at most; one of each class


@torch.no_grad()
def calibrated_biggan(config: BigGANConfig | None = None, seed: int = 0) -> BigGAN:
    """The library's network, for 128 px unless told: random weights, statistics of a batch."""
    torch.manual_seed(seed)
    network = BigGAN(config or BigGANConfig()).requires_grad_(False)
    network.generator.bn.weight.fill_(1)
    network.generator.bn.bias.zero_()
    z_dim, classes = network.config.z_dim, network.config.num_classes
    for module in network.modules():
        if hasattr(module, "gamma"):
            module.gamma.fill_(0.5)
    for _ in range(5):  # spectral norms settle
        network(torch.randn(1, z_dim), torch.eye(classes)[:1], 1.0)
    network.eval()

    def measure(module: BigGANBatchNorm, inputs: tuple) -> None:
        module.running_means[:] = inputs[0].mean((0, 2, 3))
        module.running_vars[:] = inputs[0].var((0, 2, 3))

    hooks = [
        module.register_forward_pre_hook(measure)
        for module in network.modules()
        if isinstance(module, BigGANBatchNorm)
    ]
    batch = min(CALIBRATION_BATCH, classes)
    network(torch.randn(batch, z_dim), torch.eye(classes)[:batch], 1.0)
    for hook in hooks:
        hook.remove()
    return network


def main() -> None:
    """Write the network as the library's own files."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    network = calibrated_biggan()
    (folder / "config.json").write_text(json.dumps(network.config.to_dict()))
    torch.save(network.state_dict(), folder / "pytorch_model.bin")


if __name__ == "__main__":
    main()
