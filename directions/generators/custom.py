"""Generators that users bring: `package.module:factory` or `path/to/file.py:factory`."""

import importlib
import importlib.util
from pathlib import Path

import torch

from directions.errors import GeneratorError
from directions.generators.protocol import Generator
from directions.penalty import require_steady

REQUIRED = ("name", "latent_dim", "slots", "sample_latents", "__call__")


def build(source: str) -> object:
    """Import the factory that `source` names and call it without arguments."""
    where, _, name = source.rpartition(":")
    module = _module_from_file(Path(where)) if where.endswith(".py") else _module(where)
    factory = getattr(module, name, None)
    if not callable(factory):
        raise GeneratorError(f"{where} has no callable '{name}'")
    return factory()


def _module_from_file(path: Path):
    if not path.is_file():
        raise GeneratorError(f"no file at {path} to take a generator from")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _module(name: str):
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise GeneratorError(f"cannot import {name}: {error}") from None


def required(
    generator: object, source: str, device: torch.device | str = "cpu"
) -> tuple[Generator, str]:
    """Refuse what is no generator, naming the missing piece; else return it and its weights' hash.

    The hash is empty for an object that is not a torch module.
    """
    missing = [name for name in REQUIRED if not hasattr(generator, name)]
    if missing:
        raise GeneratorError(f"{source} is no generator: it lacks {', '.join(missing)}")
    assert isinstance(generator, Generator)
    weights = ""
    if isinstance(generator, torch.nn.Module):
        weights = _require_frozen(generator, source)
    z = generator.sample_latents(2, torch.Generator().manual_seed(0))
    if z.shape != (2, generator.latent_dim):
        raise GeneratorError(
            f"{source}: sample_latents(2, rng) gave shape {tuple(z.shape)}, "
            f"not {(2, generator.latent_dim)}"
        )
    try:
        require_steady(generator, z.to(device))
    except ValueError as error:
        raise GeneratorError(f"{source} is no generator: {error}") from None
    _require_images(generator, z.to(device).requires_grad_(), source)
    return generator, weights


def _require_frozen(network: torch.nn.Module, source: str) -> str:
    from directions.generators.biggan.weights import fingerprint

    if network.training:
        raise GeneratorError(f"{source} is in training mode; call .eval() in the factory")
    if any(parameter.requires_grad for parameter in network.parameters()):
        raise GeneratorError(
            f"{source} has parameters that require gradients; "
            "call .requires_grad_(False) in the factory"
        )
    return fingerprint(network.state_dict())


def _require_images(generator: Generator, z: torch.Tensor, source: str) -> None:
    images = generator(z)
    if images.dim() != 4 or images.shape[0] != 2 or images.shape[1] != 3:
        raise GeneratorError(
            f"{source}: two latents gave images of shape {tuple(images.shape)}, "
            "not (2, 3, height, width)"
        )
    if images.abs().max() > 1.05:
        raise GeneratorError(
            f"{source}: images reach {images.abs().max().item():.3g}; they must lie in [-1, 1]"
        )
    if not images.requires_grad:
        raise GeneratorError(f"{source}: no gradient flows from its images to z")
