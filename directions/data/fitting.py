"""Any picture as a square of RGB bytes: upright, opaque, cropped about its centre, resized."""

import numpy as np
from jaxtyping import UInt8
from PIL import Image, ImageOps

Bytes = UInt8[np.ndarray, "3 side side"]

SIXTEEN_BITS = 65535


def fitted(picture: Image.Image, side: int) -> Bytes:
    """The largest centred square of a picture, `side` pixels wide.

    Transparent parts lie on white, 16-bit greys keep their upper byte's precision, and a camera's
    note of how it was held is followed. Raises `ValueError` for values of no known range, and
    whatever Pillow raises for a damaged picture.
    """
    upright = opaque(ImageOps.exif_transpose(picture))
    width, height = upright.size
    edge = min(width, height)
    left, top = (width - edge) / 2, (height - edge) / 2
    if (width, height) != (side, side):
        box = (left, top, left + edge, top + edge)
        upright = upright.resize((side, side), Image.Resampling.LANCZOS, box=box)
    return np.ascontiguousarray(np.asarray(upright).transpose(2, 0, 1))


def opaque(picture: Image.Image) -> Image.Image:
    """A picture of any mode as RGB; raises `ValueError` for a mode without a known range."""
    if picture.mode == "F":
        raise ValueError("floating-point values have no known range")
    if picture.mode.startswith("I"):
        picture = _eight_bits(picture)
    if picture.has_transparency_data:
        white = Image.new("RGBA", picture.size, "white")
        picture = Image.alpha_composite(white, picture.convert("RGBA"))
    return picture.convert("RGB")


def _eight_bits(picture: Image.Image) -> Image.Image:
    values = np.asarray(picture)
    if values.min() < 0 or values.max() > SIXTEEN_BITS:
        raise ValueError("32-bit values have no known range")
    return Image.fromarray(np.round(values * (255 / SIXTEEN_BITS)).astype(np.uint8))
