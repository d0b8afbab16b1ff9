"""Rendered sets on disk: shards of pictures with their factors, made in parallel, resumable."""

import json
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from jaxtyping import Float, Int, UInt8

from directions.errors import ScenesError
from directions.files import whole
from directions.scenes.factors import FACTOR_NAMES, factors_of

SHARD = 250  # pictures in one file: the unit of work that is never done twice
INDEX = "scenes.json"
CLASS_NAMES = ("airplane", "car", "chair", "house", "lamp", "mug")


@dataclass(frozen=True, kw_only=True)
class ScenesConfig:
    """What is rendered; a folder holds one such set."""

    count: int = 3000  # pictures of each class
    side: int = 64  # pixels
    seed: int = 0


@dataclass(frozen=True)
class SceneSet:
    """All pictures of a folder with their classes and factors."""

    pictures: UInt8[np.ndarray, "picture side side 3"]
    labels: Int[np.ndarray, " picture"]
    factors: Float[np.ndarray, "picture factor"]


def render_objects(folder: Path, config: ScenesConfig, workers: int | None = None) -> Iterator[int]:
    """Render what is missing of a set; yields the number of pictures after every finished shard.

    Picture i of a class is a function of the seed, the class and i alone. Raises `ScenesError` if
    the folder holds another set or the renderer is not installed.
    """
    _claim(folder, config)
    jobs = []
    for label in range(len(CLASS_NAMES)):
        for first in range(0, config.count, SHARD):
            path = folder / f"{CLASS_NAMES[label]}-{first:06d}.npz"
            count = min(SHARD, config.count - first)
            if path.is_file():
                yield count
            else:
                jobs.append((path, label, first, count, config))
    # A fresh interpreter for every worker: OpenGL contexts do not survive a fork.
    with ProcessPoolExecutor(workers or os.cpu_count(), get_context("spawn")) as pool:
        pending = [pool.submit(_render_shard, *job) for job in jobs]
        try:
            for done in as_completed(pending):
                yield done.result()
        finally:
            for job in pending:
                job.cancel()


def load_scenes(folder: Path) -> SceneSet:
    """Read a whole set; raises `ScenesError` for a missing, partial or damaged one."""
    config = _read_index(folder)
    pictures, labels, factors = [], [], []
    for label, name in enumerate(CLASS_NAMES):
        for first in range(0, config.count, SHARD):
            path = folder / f"{name}-{first:06d}.npz"
            try:
                with np.load(path) as shard:
                    pictures.append(shard["pictures"])
                    factors.append(shard["factors"])
            except FileNotFoundError:
                raise ScenesError(
                    f"{folder} is not complete: {path.name} is missing; "
                    "run `directions scenes objects` on it again"
                ) from None
            except (OSError, ValueError, KeyError, BadZipFile) as error:
                raise ScenesError(
                    f"{path} is damaged ({error}); delete it and render again"
                ) from None
            labels.append(np.full(len(pictures[-1]), label))
    return SceneSet(np.concatenate(pictures), np.concatenate(labels), np.concatenate(factors))


def _claim(folder: Path, config: ScenesConfig) -> None:
    try:
        import pyvista  # noqa: F401  # pyright: ignore[reportMissingImports]
    except ImportError:
        raise ScenesError(
            "rendering needs pyvista; install it with pip install 'directions[scenes]'"
        ) from None
    if (folder / INDEX).is_file():
        if _read_index(folder) != config:
            raise ScenesError(f"{folder} holds another set; give another --out")
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
        text = {**asdict(config), "classes": CLASS_NAMES, "factors": FACTOR_NAMES}
        with whole(folder / INDEX) as partial:
            partial.write_text(json.dumps(text, indent=1))
    except OSError as error:
        raise ScenesError(f"cannot write to {folder}: {error.strerror}") from None


def _read_index(folder: Path) -> ScenesConfig:
    path = folder / INDEX
    if not path.is_file():
        raise ScenesError(f"no pictures at {folder}; `directions scenes objects` renders them")
    try:
        plain = json.loads(path.read_text())
        return ScenesConfig(count=plain["count"], side=plain["side"], seed=plain["seed"])
    except (ValueError, KeyError, TypeError):
        raise ScenesError(f"{path} is damaged; delete the folder and render again") from None


def _render_shard(path: Path, label: int, first: int, count: int, config: ScenesConfig) -> int:
    from directions.scenes.objects import Studio

    studio = Studio(CLASS_NAMES[label], config.side)
    factors = np.stack([factors_of(config.seed, label, first + i) for i in range(count)])
    pictures = np.stack([studio.picture(row) for row in factors])
    with whole(path) as partial:
        np.savez_compressed(partial, pictures=pictures, factors=factors)
    return count
