"""Rendered sets on disk: shards of pictures with their factors, made in parallel, resumable."""

import importlib
import json
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple
from zipfile import BadZipFile

import numpy as np
from jaxtyping import Float, Int, UInt8

from directions.errors import ScenesError
from directions.files import whole
from directions.scenes.clevr import CLEVR, clevr_factors_of
from directions.scenes.factors import FACTORS, Choice, Factor, factors_of
from directions.workers import end_with_parent

INDEX = "scenes.json"
OBJECTS = "objects"
CLASS_NAMES = ("airplane", "car", "chair", "house", "lamp", "mug")


@dataclass(frozen=True, kw_only=True)
class ScenesConfig:
    """What is rendered; a folder holds one such set."""

    name: str = OBJECTS  # a key of `KINDS`
    count: int = 3000  # pictures of each class
    side: int = 64  # pixels
    seed: int = 0


@dataclass(frozen=True)
class SceneSet:
    """All pictures of a folder with their classes and factors."""

    pictures: UInt8[np.ndarray, "picture side side 3"]
    labels: Int[np.ndarray, " picture"]
    factors: Float[np.ndarray, "picture factor"]


@dataclass(frozen=True)
class Shard:
    """Some pictures of one class, in one file: the unit of work that is never done twice."""

    path: Path
    label: int
    first: int
    count: int


class Kind(NamedTuple):
    """A kind of set: what is in it, what renders it, and how."""

    classes: tuple[str, ...]
    factors: tuple[Factor | Choice, ...]
    shard: int  # pictures in one file
    packages: tuple[str, ...]
    render: Callable[[ScenesConfig, Shard], tuple[np.ndarray, np.ndarray]]


def render_scenes(folder: Path, config: ScenesConfig, workers: int | None = None) -> Iterator[int]:
    """Render what is missing of a set; yields the number of pictures after every finished shard.

    Picture i of a class is a function of the seed, the class and i alone. Raises `ScenesError` if
    the folder holds another set or the renderer is not installed.
    """
    _claim(folder, config)
    jobs = []
    for shard in _shards(folder, config):
        if shard.path.is_file():
            yield shard.count
        else:
            jobs.append(shard)
    # A fresh interpreter for every worker: OpenGL contexts do not survive a fork.
    spawn = get_context("spawn")
    with ProcessPoolExecutor(workers or os.cpu_count(), spawn, end_with_parent) as pool:
        pending = [pool.submit(_render_shard, config, shard) for shard in jobs]
        try:
            for done in as_completed(pending):
                yield done.result()
        except OSError as error:
            raise ScenesError(_cannot_write(folder, error)) from None
        finally:
            for job in pending:
                job.cancel()


def load_scenes(folder: Path, name: str = OBJECTS) -> SceneSet:
    """Read a whole set; raises `ScenesError` for a missing, partial, damaged or other one."""
    config = read_index(folder)
    if config.name != name:
        raise ScenesError(f"{folder} holds {config.name}, not {name}")
    pictures, labels, factors = [], [], []
    for label, shard in scene_shards(folder):
        pictures.append(shard[0])
        factors.append(shard[1])
        labels.append(np.full(len(shard[0]), label))
    return SceneSet(np.concatenate(pictures), np.concatenate(labels), np.concatenate(factors))


def scene_shards(folder: Path) -> Iterator[tuple[int, tuple[np.ndarray, np.ndarray]]]:
    """Class, pictures and factors, a shard at a time; raises `ScenesError` as `load_scenes`."""
    config = read_index(folder)
    for shard in _shards(folder, config):
        try:
            with np.load(shard.path) as file:
                yield shard.label, (file["pictures"], file["factors"])
        except FileNotFoundError:
            raise ScenesError(
                f"{folder} is not complete: {shard.path.name} is missing; "
                f"run `directions scenes {config.name}` on it again"
            ) from None
        except (OSError, ValueError, KeyError, BadZipFile) as error:
            raise ScenesError(
                f"{shard.path} is damaged ({error}); delete it and render again"
            ) from None


def read_index(folder: Path) -> ScenesConfig:
    """What a folder holds; raises `ScenesError` if that cannot be told."""
    path = folder / INDEX
    if not path.is_file():
        raise ScenesError(f"no pictures at {folder}; `directions scenes objects` renders them")
    try:
        plain = json.loads(path.read_text())
        wanted = {key: plain[key] for key in ("count", "side", "seed")}
        config = ScenesConfig(name=plain.get("name", OBJECTS), **wanted)
        KINDS[config.name]
    except (ValueError, KeyError, TypeError, AttributeError):
        raise ScenesError(f"{path} is damaged; delete the folder and render again") from None
    return config


def _shards(folder: Path, config: ScenesConfig) -> Iterator[Shard]:
    kind = KINDS[config.name]
    for label, class_name in enumerate(kind.classes):
        for first in range(0, config.count, kind.shard):
            path = folder / f"{class_name}-{first:06d}.npz"
            yield Shard(path, label, first, min(kind.shard, config.count - first))


def _claim(folder: Path, config: ScenesConfig) -> None:
    kind = KINDS[config.name]
    for package in kind.packages:
        try:
            importlib.import_module(package)
        except ImportError:
            raise ScenesError(
                f"rendering needs {package}; install it with pip install 'directions[scenes]'"
            ) from None
    if (folder / INDEX).is_file():
        if read_index(folder) != config:
            raise ScenesError(f"{folder} holds another set; give another --out")
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
        factors = [asdict(factor) for factor in kind.factors]
        text = {**asdict(config), "classes": kind.classes, "factors": factors}
        with whole(folder / INDEX) as partial:
            partial.write_text(json.dumps(text, indent=1))
    except OSError as error:
        raise ScenesError(_cannot_write(folder, error)) from None


def _cannot_write(folder: Path, error: OSError) -> str:
    return f"cannot write to {folder}: {(error.strerror or str(error)).lower()}"


def _render_shard(config: ScenesConfig, shard: Shard) -> int:
    pictures, factors = KINDS[config.name].render(config, shard)
    with whole(shard.path) as partial:
        np.savez_compressed(partial, pictures=pictures, factors=factors)
    return shard.count


def _render_objects(config: ScenesConfig, shard: Shard) -> tuple[np.ndarray, np.ndarray]:
    from directions.scenes.objects import Studio

    studio = Studio(CLASS_NAMES[shard.label], config.side)
    numbers = range(shard.first, shard.first + shard.count)
    factors = np.stack([factors_of(config.seed, shard.label, i) for i in numbers])
    return np.stack([studio.picture(row) for row in factors]), factors


def _render_clevr(config: ScenesConfig, shard: Shard) -> tuple[np.ndarray, np.ndarray]:
    from directions.scenes.clevr_studio import ClevrStudio

    studio = ClevrStudio(config.name, config.side)
    numbers = range(shard.first, shard.first + shard.count)
    factors = np.stack([clevr_factors_of(config.name, config.seed, i) for i in numbers])
    noise = (np.random.SeedSequence((config.seed, i)).generate_state(1)[0] for i in numbers)
    rows = zip(factors, noise, strict=True)
    return np.stack([studio.picture(row, int(seed)) for row, seed in rows]), factors


KINDS = {
    OBJECTS: Kind(CLASS_NAMES, FACTORS, 250, ("pyvista",), _render_objects),
    **{
        name: Kind((name,), factors, 50, ("mitsuba", "pyoidn"), _render_clevr)
        for name, factors in CLEVR.items()
    },
}
