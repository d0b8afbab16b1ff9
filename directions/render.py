"""Directions as pictures: one frame in memory at a time."""

from collections.abc import Iterator, Sequence
from functools import lru_cache

import numpy as np
import torch
from jaxtyping import Float, UInt8
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

from directions.generators.protocol import Generator
from directions.walk import moved

Frame = UInt8[np.ndarray, "_height _width 3"]
TEXT = 13  # height of the labels in pixels
PAPER_COLOUR, INK, FRAME = (250, 250, 248), (40, 40, 44), (170, 170, 172)


@torch.no_grad()
def generate(
    generators: Sequence[Generator],
    z: Float[Tensor, "sample latent"] | Float[Tensor, "sample slot latent"],
    columns: Sequence[int],
    batch_size: int,
) -> Float[Tensor, "sample 3 height width"]:
    """Generate in batches; sample i belongs to `generators[columns[i]]`."""
    images: list[Tensor | None] = [None] * len(z)
    for which, generator in enumerate(generators):
        mine = [i for i, column in enumerate(columns) if column == which]
        for first in range(0, len(mine), batch_size):
            some = mine[first : first + batch_size]
            for i, image in zip(some, generator(z[some]).float().cpu(), strict=True):
                images[i] = image
    return torch.stack([image for image in images if image is not None])


def walk_grid(
    generators: Sequence[Generator],
    basis: Float[Tensor, "row latent"],
    z: Float[Tensor, "column latent"],
    amounts: Float[Tensor, " row"],
    *,
    slots: range | None = None,
    batch_size: int = 16,
) -> Float[Tensor, "row column 3 height width"]:
    """Generate every sample moved along every row by that row's amount.

    Sample j belongs to `generators[j % len(generators)]`.
    """
    shift = (amounts[:, None] * basis)[:, None].expand(-1, len(z), -1)
    points = moved(z.expand(len(basis), -1, -1), shift, slots, generators[0].slots).flatten(0, 1)
    columns = [j % len(generators) for _ in basis for j in range(len(z))]
    images = generate(generators, points, columns, batch_size)
    return images.unflatten(0, (len(basis), len(z)))


def to_frame(images: Float[Tensor, "row column 3 height width"], scale: int = 1) -> Frame:
    """Lay images of [-1, 1] out as one picture of 0..255, every pixel `scale` times as large."""
    rows, columns, _, height, width = images.shape
    picture = images.permute(0, 3, 1, 4, 2).reshape(rows * height, columns * width, 3)
    small = (picture * 127.5 + 127.5).round().clamp(0, 255).to(torch.uint8).numpy()
    return small.repeat(scale, 0).repeat(scale, 1) if scale > 1 else small


def labelled(
    picture: Frame, rows: Sequence[str], columns: Sequence[str] = (), title: str = ""
) -> Frame:
    """Add a margin with a text for every row, one above every column, and a title on top.

    The margin's width follows from the row texts, so frames of one video agree in size.
    """
    left = 10 + max(_text_width(text) for text in rows) if any(rows) else 0
    top = (TEXT + 9) * (bool(title) + bool(columns))
    height, width = picture.shape[:2]
    # Even sides: H.264 stores colour at half the resolution.
    size = (left + width + (left + width) % 2, top + height + (top + height) % 2)
    page = Image.new("RGB", size, PAPER_COLOUR)
    page.paste(Image.fromarray(picture), (left, top))
    draw, font = ImageDraw.Draw(page), _font()
    if title:
        draw.text((left + 4, 3), title, INK, font)
    for index, text in enumerate(columns):
        middle = left + (index + 0.5) * width / len(columns)
        draw.text((middle, top - TEXT // 2 - 4), text, INK, font, anchor="mm")
    for index, text in enumerate(rows):
        draw.text(
            (left - 5, top + (index + 0.5) * height / len(rows)), text, INK, font, anchor="rm"
        )
    return np.asarray(page)


@lru_cache(maxsize=1)
def _font() -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(TEXT)


def _text_width(text: str) -> int:
    return int(_font().getlength(text)) + 1


def scale_for(side: int) -> int:
    """How many times to enlarge a picture so that a tile is at least 96 pixels wide."""
    return max(1, -(-96 // side))


def walk_frames(
    generators: Sequence[Generator],
    basis: Float[Tensor, "row latent"],
    z: Float[Tensor, "column latent"],
    amounts: Float[Tensor, " frames"],
    names: Sequence[str],
    *,
    slots: range | None = None,
    batch_size: int = 16,
) -> Iterator[Frame]:
    """Yield one labelled frame per amount; rows are directions, columns are samples."""
    for amount in amounts:
        images = walk_grid(
            generators, basis, z, amount.expand(len(basis)), slots=slots, batch_size=batch_size
        )
        picture = to_frame(images, scale_for(images.shape[-1]))
        yield labelled(picture, names, title=f"eta {amount.item():+.2f}")


def walk_sheet(
    generators: Sequence[Generator],
    basis: Float[Tensor, "row latent"],
    z: Float[Tensor, "1 latent"],
    amounts: Float[Tensor, " column"],
    names: Sequence[str],
    *,
    slots: range | None = None,
    batch_size: int = 16,
) -> Frame:
    """One sample moved along every direction: rows are directions, columns are amounts."""
    columns = [
        walk_grid(generators, basis, z, a.expand(len(basis)), slots=slots, batch_size=batch_size)[
            :, 0
        ]
        for a in amounts
    ]
    images = torch.stack(columns, dim=1)  # [row, column, 3, height, width]
    picture = to_frame(images, scale_for(images.shape[-1]))
    return labelled(picture, names, [f"{a.item():+.1f}" for a in amounts])


def plane_sheet(
    generators: Sequence[Generator],
    pair: Float[Tensor, "2 latent"],
    z: Float[Tensor, "1 latent"],
    amounts: Float[Tensor, " step"],
    names: Sequence[str],
    *,
    slots: range | None = None,
    batch_size: int = 16,
) -> Frame:
    """One sample over a grid of two coordinates (Fig. 2 right): first down, second across."""
    rows = [
        walk_grid(
            generators,
            pair[1:].expand(len(amounts), -1),
            z + down * pair[:1],
            amounts,
            slots=slots,
            batch_size=batch_size,
        )[:, 0]
        for down in amounts
    ]
    images = torch.stack(rows)  # [row, column, 3, height, width]
    picture = to_frame(images, scale_for(images.shape[-1]))
    texts = [f"{a.item():+.1f}" for a in amounts]
    return labelled(picture, texts, texts, title=f"{names[0]} down, {names[1]} across")


def matrix_picture(
    matrices: Sequence[Float[np.ndarray, "_row _column"]], titles: Sequence[str]
) -> Frame:
    """Draw matrices of values from 0 (paper) to 1 (ink) side by side, with row numbers."""
    cell = max(4, min(24, 640 // max(len(one) for one in matrices)))
    panels = []
    for matrix, title in zip(matrices, titles, strict=True):
        shade = np.clip(matrix, 0, 1)[..., None]
        colours = np.array(PAPER_COLOUR) * (1 - shade) + np.array(INK) * shade
        picture = np.round(colours).astype(np.uint8).repeat(cell, 0).repeat(cell, 1)
        picture[[0, -1]], picture[:, [0, -1]] = FRAME, FRAME
        every = 1 if cell > 2 * TEXT - 4 else 5
        rows, columns = (
            [str(i) if i % every == 0 else "" for i in range(count)] for count in matrix.shape
        )
        panels.append(labelled(picture, rows, columns, title))
    height = max(panel.shape[0] for panel in panels)
    padded = [
        np.pad(p, ((0, height - p.shape[0]), (0, 16), (0, 0)), constant_values=PAPER_COLOUR[0])
        for p in panels
    ]
    return np.concatenate(padded, axis=1)
