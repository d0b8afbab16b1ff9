"""Where pictures come from: a folder, a zip, or a folder that was rendered."""

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from io import BytesIO
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import NamedTuple, TypeVar
from zipfile import BadZipFile, ZipFile, ZipInfo, is_zipfile

from PIL import Image, UnidentifiedImageError

from directions.data.fitting import Bytes, fitted
from directions.errors import PicturesError
from directions.scenes.store import INDEX, KINDS, read_index, scene_shards

# Others of Pillow's formats run programs or are no pictures one would train on.
FORMATS = ("BMP", "GIF", "JPEG", "PNG", "PPM", "TGA", "TIFF", "WEBP")
LARGEST = 2**28  # bytes of one file inside a zip
CHUNK = 64  # pictures that wait to be written at most

Item = TypeVar("Item")


class Skipped(NamedTuple):
    """A picture that could not be used, and why."""

    name: str
    reason: str


@dataclass(frozen=True)
class Source:
    """Pictures that were found and not yet read."""

    name: str
    count: int  # before any is skipped
    side: int | None  # the side of all of them, where that is known
    read: Callable[[int], Iterator[Bytes | Skipped]]  # at the side that is given


def open_source(path: Path) -> Source:
    """Find the pictures of a folder, a zip or a rendered folder.

    Raises `PicturesError` if there are none, and `ScenesError` for a damaged rendered folder.
    """
    if (path / INDEX).is_file():
        return _scenes(path)
    if path.is_dir():
        return _folder(path)
    if not path.exists():
        raise PicturesError(f"no pictures at {path}; give a folder, a zip or a packed file")
    return _zip(path)


def is_source(path: Path) -> bool:
    """Whether pictures are to be read from a path one by one: a file may be a packed one."""
    return not path.is_file() or path.suffix.lower() == ".zip" or is_zipfile(path)


def files_below(folder: Path) -> list[Path]:
    """All files in a folder and its folders in the order of their names, without hidden ones."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return sorted(path for path in files if not _hidden(path.relative_to(folder)))


def fitted_file(
    file: Path | BytesIO, name: str, fit: Callable[[Image.Image], Bytes]
) -> Bytes | Skipped:
    """Open a picture and fit it; a `Skipped` with the reason if that does not work."""
    try:
        with Image.open(file, formats=FORMATS) as picture:
            return fit(picture)
    except UnidentifiedImageError:
        return Skipped(name, "not a picture")
    except Exception as error:  # decoders raise whatever they stumble over
        return Skipped(name, _reason(error))


def in_threads(
    read: Callable[[Item], Bytes | Skipped], items: Iterable[Item]
) -> Iterator[Bytes | Skipped]:
    """Read in order on all cores, and never far ahead of whoever takes the pictures."""
    rest = iter(items)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        while chunk := list(islice(rest, CHUNK)):
            yield from pool.map(read, chunk)


def _reason(error: Exception) -> str:
    return (str(error) or type(error).__name__).splitlines()[0]


def _hidden(path: Path | PurePosixPath) -> bool:
    named = [part for part in path.parts if part != ".."]
    return any(part.startswith(".") or part == "__MACOSX" for part in named)


def _folder(path: Path) -> Source:
    files = files_below(path)
    if not files:
        raise PicturesError(f"no pictures in {path}: it has no files")

    def read(side: int) -> Iterator[Bytes | Skipped]:
        def one(file: Path) -> Bytes | Skipped:
            name = str(file.relative_to(path))
            return fitted_file(file, name, lambda picture: fitted(picture, side))

        return in_threads(one, files)

    return Source(str(path), len(files), None, read)


def _zip(path: Path) -> Source:
    try:
        with ZipFile(path) as archive:
            found = [info for info in archive.infolist() if not info.is_dir()]
    except (BadZipFile, OSError) as error:
        raise PicturesError(f"{path} is no zip of pictures: {str(error).lower()}") from None
    files = [info for info in found if not _hidden(_member(info))]
    files.sort(key=lambda info: info.filename)
    if not files:
        raise PicturesError(f"no pictures in {path}: it has no files")

    def read(side: int) -> Iterator[Bytes | Skipped]:
        with ZipFile(path) as archive:
            yield from in_threads(lambda info: _from_zip(archive, info, side), files)

    return Source(str(path), len(files), None, read)


def _member(info: ZipInfo) -> PurePosixPath:
    return PurePosixPath(info.filename.replace("\\", "/"))


def _from_zip(archive: ZipFile, info: ZipInfo, side: int) -> Bytes | Skipped:
    """Read one file of a zip; nothing is ever unpacked to disk."""
    name = _member(info)
    if name.is_absolute() or ".." in name.parts:
        return Skipped(info.filename, "its name leads out of the zip")
    if info.file_size > LARGEST:
        return Skipped(info.filename, f"larger than {LARGEST >> 20} MiB")
    try:
        content = BytesIO(archive.read(info))
    except Exception as error:  # a damaged or encrypted member, an unknown compression
        return Skipped(info.filename, _reason(error))
    return fitted_file(content, info.filename, lambda picture: fitted(picture, side))


def _scenes(path: Path) -> Source:
    config = read_index(path)

    def read(side: int) -> Iterator[Bytes | Skipped]:
        for _, (pictures, _) in scene_shards(path):
            for picture in pictures:
                yield fitted(Image.fromarray(picture), side)

    return Source(str(path), config.count * len(KINDS[config.name].classes), config.side, read)
