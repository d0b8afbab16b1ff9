"""Known factors as columns of numbers that a network can be trained to read.

    factor                columns
    between two bounds    its value
    choice of colours     red, green and blue of the colour, 0 to 1
    any other choice      one for every value: 1 for that which was chosen, else 0

So a generated colour between two known ones, or a shape between a cube and a ball, is read as what
it is. Columns of one factor are added up wherever the factor counts: their variances are.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from directions.scenes.clevr import COLOURS
from directions.scenes.factors import Choice, Factor

RGB = ("red", "green", "blue")


@dataclass(frozen=True, eq=False)
class Column:
    """The columns of one factor: how they are called, and for a choice what each value is."""

    name: str
    parts: tuple[str, ...]
    values: Float[np.ndarray, "value part"] | None = None  # None where the value itself is read

    def encoded(self, numbers: Float[Tensor, " sample"]) -> Float[Tensor, "sample part"]:
        """From the numbers of a factor to its columns."""
        if self.values is None:
            return numbers[:, None]
        return torch.from_numpy(self.values)[numbers.long()].to(numbers)

    def decoded(self, parts: Float[Tensor, "sample part"]) -> Float[Tensor, " sample"]:
        """From columns, as they were read, to the number of the nearest value, or the value."""
        if self.values is None:
            return parts[:, 0]
        return torch.cdist(parts, torch.from_numpy(self.values).to(parts)).argmin(1).to(parts)


def columns_of(table: Sequence[Factor | Choice]) -> tuple[Column, ...]:
    """Decide how every factor of a table is told in numbers."""
    return tuple(_column(factor) for factor in table)


def encoded(
    columns: Sequence[Column], numbers: Float[Tensor, "sample factor"]
) -> Float[Tensor, "sample part"]:
    """All factors of every sample, side by side."""
    return torch.cat(
        [one.encoded(numbers[:, i].contiguous()) for i, one in enumerate(columns)], dim=1
    )


def decoded(
    columns: Sequence[Column], parts: Float[Tensor, "sample part"]
) -> Float[Tensor, "sample factor"]:
    """Values of every sample, with the number of the nearest one for choices."""
    return torch.stack(
        [one.decoded(p) for one, p in zip(columns, grouped(columns, parts), strict=True)], dim=1
    )


def grouped(
    columns: Sequence[Column], parts: Float[Tensor, "*rest part"]
) -> list[Float[Tensor, "*rest _part"]]:
    """Cut what lies side by side into the factors."""
    return list(parts.split([len(one.parts) for one in columns], dim=-1))


def moved_by(
    columns: Sequence[Column],
    read: Float[Tensor, "amount sample part"],
    spread: Float[Tensor, " part"],
) -> Float[Tensor, " factor"]:
    """How far moving a component carries every factor, in deviations of the factor.

    The root of the unbiased variance over the amounts, mean over samples, as activeness is of
    pixels; variances of a factor's columns are added, and compared with those over renders.
    """
    moved = read.var(dim=0).mean(0)
    pairs = zip(grouped(columns, moved), grouped(columns, spread.square()), strict=True)
    return torch.stack([(one.sum() / usual.sum().clamp(min=1e-12)).sqrt() for one, usual in pairs])


def _column(factor: Factor | Choice) -> Column:
    if isinstance(factor, Factor):
        return Column(factor.name, (factor.name,))
    if set(factor.values) <= COLOURS.keys():
        colours = np.array([COLOURS[value] for value in factor.values], np.float32) / 255
        return Column(factor.name, tuple(f"{factor.name} {part}" for part in RGB), colours)
    parts = tuple(f"{factor.name} {value}" for value in factor.values)
    return Column(factor.name, parts, np.eye(len(parts), dtype=np.float32))
