"""The paper's Edges+Shoes: the two halves of every pix2pix pair as pictures of one set."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from directions.data.fitting import Bytes, fitted
from directions.data.sources import Skipped, Source, files_below, fitted_file, in_threads
from directions.errors import PicturesError


class Half(NamedTuple):
    """One half of a pair: what it shows, and where that lies."""

    shows: str
    place: int  # 0 on the left, 1 on the right


EDGE, SHOE = Half("edge", 0), Half("shoe", 1)


def edges_and_shoes(folder: Path, seed: int) -> Source:
    """All shoes and all edges of a folder of pairs, or of its `train` folder, mixed by the seed.

    A pair is a picture twice as wide as high, the edge on its left. Section 4.1: 50,000 of each
    in one set, so that every pair gives both. Raises `PicturesError` if the folder has no files.
    """
    train = folder / "train"
    pairs = train if train.is_dir() else folder
    files = files_below(pairs)
    if not files:
        raise PicturesError(f"no pairs in {pairs}; give the folder of edges2shoes that has `train`")
    halves = [(file, SHOE) for file in files] + [(file, EDGE) for file in files]
    order = np.random.default_rng(seed).permutation(len(halves))

    def read(side: int) -> Iterator[Bytes | Skipped]:
        mixed = (halves[number] for number in order)
        return in_threads(lambda item: _read_half(pairs, item[0], item[1], side), mixed)

    return Source(str(folder), len(halves), None, read)


def _read_half(folder: Path, file: Path, half: Half, side: int) -> Bytes | Skipped:
    name = f"{file.relative_to(folder)} ({half.shows})"
    return fitted_file(file, name, partial(_fitted_half, place=half.place, side=side))


def _fitted_half(picture: Image.Image, place: int, side: int) -> Bytes:
    width, height = picture.size
    if width != 2 * height:
        raise ValueError(f"no pair: {width} x {height} is not twice as wide as high")
    return fitted(picture.crop((place * height, 0, (place + 1) * height, height)), side)
