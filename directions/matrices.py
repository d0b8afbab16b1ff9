"""Matrices of other tools: the bare tensors of the paper's authors, arrays, GANSpace's components.

    file            holds                                  read as
    .pt .pth        [row, column], raw or orthonormal      Gram-Schmidt of its rows, in order
    .npy            the same
    .npz            lat_comp [row, 1, column] (GANSpace)   the same

Nothing in a file is executed.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from directions.basis import orthonormal_rows
from directions.checkpoint import ORTHONORMAL, Directions
from directions.config import SubSpace
from directions.errors import DirectionsFileError, WeightsError
from directions.files import whole
from directions.generators.biggan.weights import read_object
from directions.generators.protocol import Generator
from directions.published import named_space, published
from directions.spaces import PART, WHOLE, columns_of, slots_of

SUFFIXES = (".pt", ".pth", ".npy", ".npz")
COMPONENTS = "lat_comp"  # what GANSpace calls its directions in z
WRITERS = {
    ".pt": lambda path, rows: torch.save(torch.from_numpy(rows), path),
    ".npy": lambda path, rows: np.save(path, rows),
    ".npz": lambda path, rows: np.savez(path, lat_comp=rows[:, None]),
}


@dataclass(frozen=True)
class Imported:
    """A basis, and what its file and its name say of it."""

    basis: Float[Tensor, "directions latent"]
    note: str
    slots: tuple[int, int] | None = None
    reach: float = 5.0
    names: dict[int, str] = field(default_factory=dict)


def matrices_at(path: Path) -> list[Path]:
    """The file itself, or all matrices of a folder by name; raises if there are none."""
    if not path.is_dir():
        return [path]
    found = sorted(file for file in path.iterdir() if file.suffix in SUFFIXES)
    if not found:
        raise DirectionsFileError(f"{path} holds no matrices; they end in {', '.join(SUFFIXES)}")
    return found


def read_matrix(path: Path) -> Float[Tensor, "directions latent"]:
    """Read a bare matrix from a file of torch, NumPy or GANSpace.

    Raises `DirectionsFileError` for anything but one finite matrix of independent rows.
    """
    found = _read_array(path) if path.suffix in (".npy", ".npz") else read_object(path)
    if not isinstance(found, Tensor) or found.dim() != 2 or not found.is_floating_point():
        raise DirectionsFileError(f"{path} holds no matrix of directions")
    matrix = found.detach().float()
    if not 1 <= matrix.shape[0] <= matrix.shape[1]:
        raise DirectionsFileError(f"{path}: {tuple(matrix.shape)} has more rows than columns")
    if not torch.isfinite(matrix).all():
        raise DirectionsFileError(f"{path}: the matrix holds values that are not finite")
    if torch.linalg.matrix_rank(matrix.double()) < len(matrix):
        raise DirectionsFileError(f"{path}: the rows of the matrix are not independent")
    return matrix


def _read_array(path: Path) -> Tensor | None:
    if not path.is_file():
        raise WeightsError(f"no file at {path}")
    try:
        found = np.load(path, allow_pickle=False)
        if not isinstance(found, np.ndarray):
            with found:
                found = _components(found, path)
    except (OSError, ValueError, EOFError, BadZipFile):
        raise DirectionsFileError(f"{path} holds more than numbers, or is damaged") from None
    return torch.from_numpy(found) if found.dtype in (np.float16, np.float32, np.float64) else None


def _components(arrays: Mapping[str, np.ndarray], path: Path) -> np.ndarray:
    """GANSpace's directions in z, which have an axis for the batch."""
    if COMPONENTS not in arrays:
        held = ", ".join(arrays) or "nothing"
        raise DirectionsFileError(f"{path} holds {held}; GANSpace's directions are {COMPONENTS}")
    found = arrays[COMPONENTS]
    return found[:, 0] if found.ndim == 3 and found.shape[1] == 1 else found


def imported(path: Path, generator: Generator, space: SubSpace | None = None) -> Imported:
    """Read a file for a generator, with what is known of it by its name.

    A matrix of 40 columns belongs to the sub-space that is given, or that its name ends in.
    """
    matrix = read_matrix(path)
    if space is None and matrix.shape[1] == PART != generator.latent_dim:
        space = named_space(path)
    slots = None if space is None else slots_of(space, generator)
    basis = imported_basis(matrix, generator.latent_dim, space)
    turned = f"Gram-Schmidt turned rows by up to {_turned(matrix):.0f} degrees"
    note = f"imported from {path.name}; {turned}"
    known = published(path, len(matrix))
    ends = None if slots is None else (slots.start, slots.stop - 1)
    if known is None:
        return Imported(basis, note, ends)
    return Imported(basis, note, ends, known.reach, known.names)


def imported_basis(
    matrix: Float[Tensor, "directions part"], latent_dim: int, space: SubSpace | None = None
) -> Float[Tensor, "directions latent"]:
    """Gram-Schmidt on a raw A, then zero padding of a sub-space to the whole of z.

    Raises `DirectionsFileError` if the result would not have `latent_dim` columns.
    """
    columns = matrix.shape[1]
    basis = orthonormal_rows(matrix.double()).float()
    if space is None:
        if columns != latent_dim:
            hint = "; say which with --space coarse, mid or fine" if columns == PART else ""
            raise DirectionsFileError(
                f"the matrix has {columns} columns, the generator {latent_dim} dimensions{hint}"
            )
        return basis
    if columns != PART or latent_dim != WHOLE:
        raise DirectionsFileError(
            f"--space is for a {PART}-column matrix and {WHOLE} dimensions, "
            f"not for {columns} and {latent_dim}"
        )
    padded = torch.zeros(len(basis), latent_dim)
    padded[:, columns_of(space)] = basis
    return padded


def _turned(matrix: Float[Tensor, "directions part"]) -> float:
    """Degrees between a row and what Gram-Schmidt makes of it, the most of all rows."""
    rows = torch.nn.functional.normalize(matrix.double())
    cosine = (rows * orthonormal_rows(matrix.double())).sum(1).min().item()
    return math.degrees(math.acos(min(1.0, cosine)))


def exported_rows(
    learnt: Directions, path: Path, space: SubSpace | None = None
) -> Float[np.ndarray, "directions part"]:
    """The basis as a bare matrix, or the 40 columns of a sub-space that it lies in.

    Raises `DirectionsFileError` if it lies elsewhere as well; `path` is what it is called then.
    """
    if space is None:
        return learnt.basis
    columns = columns_of(space)
    inside = learnt.basis[:, columns]
    rest = np.delete(learnt.basis, columns, axis=1)
    if learnt.basis.shape[1] != WHOLE or abs(rest).max() > ORTHONORMAL:
        raise DirectionsFileError(
            f"{path} does not lie in z[{columns.start}:{columns.stop}], which is {space}; "
            "leave out --space"
        )
    return inside


def require_matrix(path: Path) -> None:
    """Refuse a name whose suffix is no matrix that we write."""
    if path.suffix not in WRITERS:
        raise DirectionsFileError(
            f"cannot write '{path.suffix or path.name}' as a matrix; use {', '.join(WRITERS)}"
        )


def write_matrix(path: Path, rows: Float[np.ndarray, "directions part"]) -> None:
    """Write a .pt, .npy or .npz file that `read_matrix` and the tools above read, or none."""
    require_matrix(path)
    with whole(path) as partial:
        WRITERS[path.suffix](partial, np.ascontiguousarray(rows, dtype=np.float32))
