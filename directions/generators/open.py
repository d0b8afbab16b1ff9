"""From what a user writes after --generator and --class to generators that can be used."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch

from directions.config import PAPER, QUICK, LearnConfig, Precision
from directions.errors import GeneratorError
from directions.generators.biggan.labels import Names, find_labels, imagenet_names
from directions.generators.biggan.sources import EMBEDDED, files_of
from directions.generators.custom import build, required
from directions.generators.protocol import Generator
from directions.identity import Identity

IMAGENET_CLASSES = 1000
HIERARCHICAL = "biggan-pytorch:"  # before the path of a file, or of a folder that holds one


class Opened(NamedTuple):
    """One network bound to each of the wanted classes, and what it is."""

    generators: list[Generator]
    identity: Identity
    learn_config: LearnConfig


class Wanted(NamedTuple):
    """What a user asks for: a source, classes by name or number, and how to compute."""

    source: str
    labels: Sequence[str]
    truncation: float
    device: torch.device | str
    precision: Precision


class Kind(NamedTuple):
    """A family of generators: which sources are its own, and how one is opened."""

    owns: Callable[[str], bool]
    open: Callable[[Wanted], Opened]


def open_generator(
    source: str = EMBEDDED,
    labels: Sequence[str] = (),
    truncation: float = 1.0,
    device: torch.device | str = "cpu",
    precision: Precision = Precision.float32,
) -> Opened:
    """Open a generator by name, folder, hub repository, `biggan-pytorch:PATH`, `module:factory`.

    `labels` are class names or numbers, or `any`; none means the first class. Raises an error of
    this package, in one sentence, for whatever cannot be opened.
    `precision` is that of a BigGAN's weights and activations; its images are float32 always.
    """
    if not 0 < truncation <= 1:
        raise GeneratorError(f"truncation must be above 0 and at most 1, got {truncation:g}")
    kind = next(kind for kind in KINDS if kind.owns(source))
    return kind.open(Wanted(source, labels, truncation, device, precision))


def _open_biggan(wanted: Wanted) -> Opened:
    from directions.generators.biggan.folded import FoldedBigGAN
    from directions.generators.biggan.network import BoundBigGAN, prepared
    from directions.generators.biggan.weights import (
        fingerprint,
        load_network,
        read_config,
        read_tensors,
    )

    source, truncation = wanted.source, wanted.truncation
    config_path, weights_path = files_of(source)
    config, tensors = read_config(config_path), read_tensors(weights_path)
    network = prepared(load_network(config, tensors, weights_path), truncation).to(wanted.device)
    folded = FoldedBigGAN(network, getattr(torch, wanted.precision))
    names = class_names(config["num_classes"], config.get("class_names"))
    labels = find_labels(wanted.labels, names, source) if wanted.labels else (0,)
    identity = Identity(
        generator=source,
        weights=fingerprint(tensors),
        labels=labels,
        label_names=tuple(names[label][0] for label in labels),
        truncation=truncation,
        latent_dim=config["z_dim"],
        slots=1 + len(config["layers"]),
    )
    generators: list[Generator] = [
        BoundBigGAN(folded, f"{source}/{names[label][0]}", label, truncation) for label in labels
    ]
    return Opened(generators, identity, QUICK if source == EMBEDDED else PAPER)


def class_names(count: int, own: Sequence[str] | None = None) -> Names:
    """Name every class of a generator: its own names, ImageNet's, or numbers."""
    if own is not None:
        return tuple((name,) for name in own)
    if count == IMAGENET_CLASSES:
        return imagenet_names()
    return tuple((str(index),) for index in range(count))


def _open_hierarchical(wanted: Wanted) -> Opened:
    from directions.generators.biggan.weights import fingerprint, read_tensors
    from directions.generators.biggan_pytorch.layout import file_of, layout_of
    from directions.generators.biggan_pytorch.network import (
        BoundHierarchicalBigGAN,
        HierarchicalBigGAN,
    )

    source = wanted.source
    if wanted.truncation != 1:
        raise GeneratorError(
            f"{source} is not truncated: its z is N(0, 1), as in the paper; leave out --truncation"
        )
    path = file_of(source.removeprefix(HIERARCHICAL))
    tensors = read_tensors(path)
    layout = layout_of(tensors, path)
    names = class_names(layout.classes)
    labels = find_labels(wanted.labels, names, source) if wanted.labels else (0,)
    identity = Identity(
        generator=source,
        weights=fingerprint(tensors),
        labels=labels,
        label_names=tuple(names[label][0] for label in labels),
        latent_dim=layout.latent_dim,
        slots=layout.slots,
    )
    there = {name: tensor.to(wanted.device) for name, tensor in tensors.items()}
    network = HierarchicalBigGAN(there, layout, getattr(torch, wanted.precision))
    generators: list[Generator] = [
        BoundHierarchicalBigGAN(network, f"{source}/{names[label][0]}", label) for label in labels
    ]
    return Opened(generators, identity, PAPER)


def _open_custom(wanted: Wanted) -> Opened:
    source = wanted.source
    if wanted.precision != Precision.float32:
        raise GeneratorError(f"{source} decides its own precision; leave out --precision")
    if wanted.labels:
        raise GeneratorError(f"{source} has no classes to choose from; leave out --class")
    found = build(source)
    if isinstance(found, torch.nn.Module):
        found.to(wanted.device)
    generator, weights = required(found, source, wanted.device)
    identity = Identity(
        generator=source, weights=weights, latent_dim=generator.latent_dim, slots=generator.slots
    )
    return Opened([generator], identity, PAPER)


def _owned_by_progan(source: str) -> bool:
    from directions.progan.bound import owns

    return owns(source)


def _open_progan(wanted: Wanted) -> Opened:
    from directions.generators.biggan.weights import fingerprint
    from directions.progan.bound import bound

    source = wanted.source
    if wanted.precision != Precision.float32:
        raise GeneratorError(
            f"{source} is a ProGAN, which computes in float32; leave out --precision"
        )
    if wanted.labels and list(wanted.labels) != ["any"]:
        raise GeneratorError(f"{source} has no classes to choose from; leave out --class")
    if wanted.truncation != 1:
        raise GeneratorError(f"{source} is a ProGAN, which has no truncation; leave it out")
    generator, trained = bound(source, wanted.device)
    identity = Identity(
        generator=source, weights=fingerprint(trained.tensors), latent_dim=generator.latent_dim
    )
    return Opened([generator], identity, PAPER)


KINDS = (
    Kind(lambda source: source.startswith(HIERARCHICAL), _open_hierarchical),
    Kind(_owned_by_progan, _open_progan),
    Kind(lambda source: ":" in source, _open_custom),
    Kind(lambda source: True, _open_biggan),
)
"""In the order in which they are asked; the last owns whatever nobody else does."""
