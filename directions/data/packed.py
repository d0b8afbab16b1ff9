"""The packed form: pictures of one size as one array of bytes, read from disk as needed.

A safetensors file with one tensor, `pictures` `[picture, 3, side, side]` uint8, so that any
other program can read it too.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO

import numpy as np
import torch
from jaxtyping import Int64, UInt8
from safetensors import SafetensorError, safe_open
from torch import Tensor
from torch.nn.functional import avg_pool2d

from directions.data.sources import Skipped, Source, is_source, open_source
from directions.errors import PicturesError
from directions.files import whole

FORMAT = "directions-pictures/1"
HEADER = 512  # bytes kept free for the header, which is written last
SMALLEST, LARGEST = 4, 1024  # sides in pixels


@dataclass(frozen=True, eq=False, repr=False)
class Pictures:
    """Square pictures of one size, on disk until they are asked for."""

    stored: UInt8[np.ndarray, "picture 3 stored_side stored_side"]
    side: int  # of what `batch` gives; at most that of what is stored
    skipped: tuple[Skipped, ...] = ()  # what was left out when a folder or zip was read

    @classmethod
    def open(cls, path: Path) -> "Pictures":
        """Map a packed file into memory; raises `PicturesError` for anything else."""
        shape = _shape(path)
        with path.open("rb") as file:
            start = 8 + int.from_bytes(file.read(8), "little")
        return cls(np.memmap(path, np.uint8, "r", start, shape), shape[-1])

    def __len__(self) -> int:
        return len(self.stored)

    def batch(self, indices: Int64[Tensor, " batch"]) -> UInt8[Tensor, "batch 3 side side"]:
        """Read the pictures of these numbers, in this order, into memory."""
        pictures = torch.from_numpy(self.stored[indices.numpy()])
        times = pictures.shape[-1] // self.side
        return pictures if times == 1 else avg_pool2d(pictures.float(), times).round().byte()

    def at(self, side: int) -> "Pictures":
        """The same pictures at a smaller side, by means over squares of pixels."""
        require_side(side)
        own = self.stored.shape[-1]
        if side > own:
            raise PicturesError(f"the pictures are packed at {own} pixels, not {side}; pack again")
        return replace(self, side=side)


def open_pictures(path: Path, side: int | None = None) -> Pictures:
    """Open a packed file, a folder or zip of pictures, or a rendered folder.

    `side` may be left out for all but folders and zips of pictures. Whatever is not packed is
    packed first, into a temporary file that goes with the process; `skipped` says what was left
    out. Raises `PicturesError` or `ScenesError` for what cannot be used.
    """
    if not is_source(path):
        pictures = Pictures.open(path)
        return pictures if side is None else pictures.at(side)
    source = open_source(path)
    with TemporaryDirectory(prefix="directions-", ignore_cleanup_errors=True) as folder:
        packed = Path(folder) / "pictures.safetensors"
        skipped = tuple(one for one in pack(source, packed, side_of(source, side)) if one)
        return replace(Pictures.open(packed), skipped=skipped)  # mapped, it outlives its name


def pack(source: Source, path: Path, side: int) -> Iterator[Skipped | None]:
    """Write the pictures of a source to one file; yields once a picture, what was skipped or None.

    The file appears when the last was taken. Raises `PicturesError` if it cannot be written or
    nothing could be read.
    """
    require_side(side)
    count, first = 0, None
    try:
        with whole(path) as partial, partial.open("wb") as file:
            file.write(bytes(HEADER))
            for picture in source.read(side):
                skipped = picture if isinstance(picture, Skipped) else None
                first = first or skipped
                if not isinstance(picture, Skipped):
                    file.write(picture.tobytes())
                    count += 1
                yield skipped
            if first and not count:
                raise PicturesError(
                    f"none of the {source.count} files of {source.name} can be used; "
                    f"{first.name}: {first.reason}"
                )
            _write_header(file, count, side)
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise PicturesError(
            f"{count} of {source.count} pictures packed, but {path} could not be written: {why}"
        ) from None


def side_of(source: Source, side: int | None) -> int:
    """The side that is asked for, or the source's own; raises `PicturesError` if it has none."""
    chosen = source.side if side is None else side
    if chosen is None:
        raise PicturesError(f"the pictures of {source.name} may have any size; give --size 64, say")
    return require_side(chosen)


def require_side(side: int) -> int:
    """Refuse whatever growing by doubling never reaches."""
    if side & (side - 1) or not SMALLEST <= side <= LARGEST:
        raise PicturesError(
            f"a side must be a power of two from {SMALLEST} to {LARGEST}, got {side}"
        )
    return side


def _shape(path: Path) -> tuple[int, ...]:
    """The shape of a packed file's pictures; raises `PicturesError` for any other file."""
    try:
        with safe_open(path, framework="np") as file:
            kind = (file.metadata() or {}).get("format", "not stated")
            tensor = file.get_slice("pictures") if kind == FORMAT else None
            shape = tuple(tensor.get_shape()) if tensor else ()
            bytes_ = tensor is not None and tensor.get_dtype() == "U8"
    except FileNotFoundError:
        raise PicturesError(f"no pictures at {path}; `directions data pack` packs them") from None
    except (SafetensorError, OSError) as error:
        raise PicturesError(f"{path} is no packed file, or damaged: {error}") from None
    if kind != FORMAT:
        raise PicturesError(f"{path} is no packed file: its format is {kind}, not {FORMAT}")
    if not bytes_ or len(shape) != 4 or shape[1] != 3 or shape[2] != shape[3] or not shape[0]:
        raise PicturesError(f"{path} holds no square pictures: their shape is {shape}")
    require_side(shape[3])
    return shape


def _write_header(file: BinaryIO, count: int, side: int) -> None:
    """Fill the space at the beginning: a length, then JSON, which may end in blanks."""
    shape = [count, 3, side, side]
    tensor = {"dtype": "U8", "shape": shape, "data_offsets": [0, int(np.prod(shape))]}
    text = json.dumps({"__metadata__": {"format": FORMAT}, "pictures": tensor}).encode()
    file.seek(0)
    file.write((HEADER - 8).to_bytes(8, "little") + text.ljust(HEADER - 8))
