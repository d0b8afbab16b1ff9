"""From a FILE argument to a basis, the generator it belongs to, and what both are called."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor

from cli import options
from directions.basis import coordinate_basis, random_basis
from directions.checkpoint import Directions
from directions.errors import GeneratorError
from directions.generators.biggan.sources import EMBEDDED
from directions.generators.open import Opened, open_generator
from directions.generators.protocol import Generator
from directions.hub import local_path, results_folder
from directions.identity import Identity

BASELINES = ("random", "coordinates")


class Subject(NamedTuple):
    """What render and align work on."""

    basis: Tensor
    generators: list[Generator]
    identity: Identity
    slots: range | None
    reach: float
    folder: Path  # where results go by default
    device: str
    called: Callable[[int], str]  # what stands beside a row


def open_subject(
    file: str,
    generator: str | None,
    classes: list[str] | None,
    truncation: float | None,
    slots: str | None,
    device: str | None,
    seed: int,
) -> Subject:
    """Open a directions file with its own generator, or a baseline by name with any."""
    wanted = options.slot_range(slots)
    if file in BASELINES:
        where = options.device(device)
        opened = open_generator(generator or EMBEDDED, classes or (), _or(truncation, 1.0), where)
        dim = opened.identity.latent_dim
        rng = torch.Generator().manual_seed(seed)
        basis = random_basis(dim, dim, rng) if file == "random" else coordinate_basis(dim, dim)
        folder = Path("outputs") / file
        return _subject(basis, opened, wanted, 5.0, folder, where, str)
    path = local_path(file)
    learnt = Directions.load(path)
    mine = learnt.identity
    if generator and generator != mine.generator:
        opened = open_generator(generator, classes or (), _or(truncation, 1.0), "cpu")
        learnt.require_match(opened.identity, path)
    where = options.device(device)
    labels = classes or [str(label) for label in mine.labels]
    kept = mine.truncation if truncation is None else truncation
    opened = open_generator(generator or mine.generator, labels, _or(kept, 1.0), where)
    learnt.require_match(opened.identity, path)
    edited = wanted or learnt.slot_range
    return _subject(
        torch.from_numpy(learnt.basis), opened, edited, learnt.reach, results_folder(file), where,
        learnt.called,
    )  # fmt: skip


def _subject(
    basis: Tensor,
    opened: Opened,
    slots: range | None,
    reach: float,
    folder: Path,
    device: str,
    called: Callable[[int], str],
) -> Subject:
    last = opened.identity.slots - 1
    if slots is not None and slots.stop - 1 > last:
        raise GeneratorError(
            f"slots {slots.start}-{slots.stop - 1} do not exist in {opened.identity.generator}; "
            f"it has slots 0 to {last}"
        )
    return Subject(
        basis.to(device), opened.generators, opened.identity, slots, reach, folder, device, called
    )


def _or(value: float | None, default: float) -> float:
    return default if value is None else value
