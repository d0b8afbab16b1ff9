"""Walks as strips: every amount of a walk below the last one, in one still picture.

A page shows one amount at a time and goes through them in a loop, can be stopped, moved by hand,
and printed. A walk there and back needs each picture once.
"""

import io
import math
from collections.abc import Iterator, Sequence

import torch
from jaxtyping import Float
from PIL import Image
from torch import Tensor
from torch.nn.functional import interpolate

from directions.generators.protocol import Generator
from directions.render import to_frame, walk_grid

AMOUNTS = 17  # odd: the middle one is the sample itself
MANY = 32  # directions up to which tiles may be large
TILES = (128, 64)  # sides of a sample in pixels, for few and for many directions
QUALITY = 82
STOPS = 48  # changes of the picture in a loop


def walks(
    generators: Sequence[Generator],
    basis: Float[Tensor, "row latent"],
    z: Float[Tensor, "column latent"],
    reach: float,
    *,
    slots: range | None = None,
    batch_size: int = 16,
) -> Iterator[bytes]:
    """Yield one WebP a direction: samples across, amounts from -reach to reach down."""
    amounts = torch.linspace(-reach, reach, AMOUNTS).to(z)
    most = TILES[0] if len(basis) <= MANY else TILES[1]
    for direction in basis:
        steps = direction.expand(AMOUNTS, -1)
        images = walk_grid(generators, steps, z, amounts, slots=slots, batch_size=batch_size)
        picture = Image.fromarray(to_frame(reduced(images, most)))
        buffer = io.BytesIO()
        picture.save(buffer, "WEBP", quality=QUALITY, method=4)
        yield buffer.getvalue()


def reduced(
    images: Float[Tensor, "row column 3 height width"], most: int
) -> Float[Tensor, "row column 3 _height _width"]:
    """Images no larger than `most` a side, averaged down."""
    side = max(images.shape[-2:])
    if side <= most:
        return images
    size = [max(1, round(length * most / side)) for length in images.shape[-2:]]
    flat = interpolate(images.flatten(0, 1), size=size, mode="area")
    return flat.unflatten(0, images.shape[:2])


def loop_stops() -> list[tuple[float, int]]:
    """Of a loop that eases at both ends: share of its time, and which amount is shown then."""
    last = AMOUNTS - 1
    return [
        (stop / STOPS, round(last * (1 + math.sin(2 * math.pi * stop / STOPS)) / 2))
        for stop in range(STOPS + 1)
    ]
