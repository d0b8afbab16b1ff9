"""Pictures whose factors are known: a rendered folder, opened with what was rendered."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float, Int64, UInt8
from torch import Tensor

from directions.data.packed import Pictures, open_pictures
from directions.scenes.factors import Choice, Factor
from directions.scenes.store import INDEX, KINDS, read_index, scene_shards


@dataclass(frozen=True, eq=False, repr=False)
class FactoredPictures:
    """Square pictures, and the numbers of their factors in the order of `table`."""

    pictures: Pictures
    table: tuple[Factor | Choice, ...]
    factors: Float[np.ndarray, "picture factor"]

    @property
    def side(self) -> int:
        """Pixels a side."""
        return self.pictures.side

    def __len__(self) -> int:
        return len(self.pictures)

    def batch(self, indices: Int64[Tensor, " batch"]) -> UInt8[Tensor, "batch 3 side side"]:
        """Read the pictures of these numbers, in this order, into memory."""
        return self.pictures.batch(indices)


def open_factored(path: Path, side: int | None = None) -> Pictures | FactoredPictures:
    """As `open_pictures`, with the factors where they lie beside the pictures.

    Where a set has several classes, the class is the first factor.
    """
    pictures = open_pictures(path, side)
    if not (path / INDEX).is_file():
        return pictures
    kind = KINDS[read_index(path).name]
    labels, factors = [], []
    for label, (_, found) in scene_shards(path):
        factors.append(found)
        labels.append(np.full((len(found), 1), label, np.float32))
    numbers, table = np.concatenate(factors).astype(np.float32), kind.factors
    if len(kind.classes) > 1:
        numbers = np.concatenate([np.concatenate(labels), numbers], axis=1)
        table = (Choice("class", kind.classes), *table)
    return FactoredPictures(pictures, table, numbers)
