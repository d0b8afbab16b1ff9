"""From a folder of files to a loaded network: strictly, and identified by its weights."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

import torch
from jaxtyping import Shaped
from pytorch_pretrained_biggan.config import BigGANConfig
from pytorch_pretrained_biggan.model import BigGAN
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from directions.errors import WeightsError

CONFIG_NAME = "config.json"
WEIGHTS_NAMES = ("model.safetensors", "pytorch_model.safetensors", "pytorch_model.bin")
_CONFIG_KEYS = set(vars(BigGANConfig()))


def read_config(path: Path) -> dict:
    """Read a config.json; raises `WeightsError` if it does not describe a BigGAN-deep."""
    try:
        config = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise WeightsError(f"{path} cannot be read as JSON: {error}") from None
    missing = sorted(_CONFIG_KEYS - set(config)) if isinstance(config, dict) else _CONFIG_KEYS
    if missing:
        raise WeightsError(f"{path} is no BigGAN-deep config: it lacks {', '.join(missing)}")
    return config


def read_object(path: Path) -> object:
    """Read what `torch.save` wrote, old or new format; nothing in the file is executed."""
    if not path.is_file():
        raise WeightsError(f"no file at {path}")
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # unpickling errors have many classes, some of them private
        raise WeightsError(f"{path} holds more than tensors, or is damaged") from error


def read_tensors(path: Path) -> dict[str, Tensor]:
    """Read a state dict from .safetensors or .bin; nothing in the file is executed."""
    if path.suffix != ".safetensors":
        tensors = read_object(path)
    else:
        try:
            tensors = load_file(path)
        except (OSError, SafetensorError) as error:
            raise WeightsError(f"{path} cannot be read as weights: {error}") from None
    if not isinstance(tensors, Mapping) or not all(isinstance(t, Tensor) for t in tensors.values()):
        raise WeightsError(f"{path} holds no state dict of tensors")
    return dict(tensors)


def load_network(config: dict, tensors: dict[str, Shaped[Tensor, "..."]], path: Path) -> BigGAN:
    """Build the library's network and fill it; every key and shape must match."""
    network = BigGAN(BigGANConfig.from_dict(config))
    expected = network.state_dict()
    missing, extra = sorted(expected.keys() - tensors), sorted(tensors.keys() - expected)
    if missing or extra:
        told = [f"lacks {name}" for name in missing[:1]]
        told += [f"has an unknown {name}" for name in extra[:1]]
        count = len(missing) + len(extra)
        raise WeightsError(
            f"{path} {' and '.join(told)} ({count} keys differ from its config.json)"
        )
    for name, tensor in tensors.items():
        if tensor.shape != expected[name].shape:
            raise WeightsError(
                f"{path}: {name} has shape {tuple(tensor.shape)}, "
                f"its config.json asks for {tuple(expected[name].shape)}"
            )
        if not torch.isfinite(tensor).all():
            raise WeightsError(f"{path}: {name} holds values that are not finite")
    network.load_state_dict(tensors, strict=True)
    return network


def fingerprint(tensors: Mapping[str, Shaped[Tensor, "..."]]) -> str:
    """SHA-256 over names, shapes and values: the same weights in any container agree."""
    digest = hashlib.sha256()
    for name in sorted(tensors):
        tensor = tensors[name].detach().cpu().contiguous()
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}\n".encode())
        digest.update(tensor.reshape(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()


def weights_in(folder: Path) -> Path:
    """Find the weights file of a folder that also holds a config.json."""
    if not (folder / CONFIG_NAME).is_file():
        raise WeightsError(f"{folder} has no {CONFIG_NAME}; a BigGAN-deep folder needs one")
    for name in WEIGHTS_NAMES:
        if (folder / name).is_file():
            return folder / name
    raise WeightsError(f"{folder} has no weights; put one of {', '.join(WEIGHTS_NAMES)} there")
