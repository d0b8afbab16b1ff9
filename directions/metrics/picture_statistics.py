"""Plain statistics of a picture, for an honest description of what a direction moves.

The object is whatever differs from the picture's border; on a busy background that is a crude
guess, and these numbers say no more than that.
"""

import math

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional

from directions.metrics.effects import slopes, unwrapped

STATISTICS = (
    "lightness", "saturation", "hue", "contrast", "horizontal", "vertical", "size", "sharpness",
)  # fmt: skip
HUE = STATISTICS.index("hue")
DIFFERENT = 0.25  # colour distance from the border, of channels in [0, 1], that is half an object
CLEAR = 0.2  # deviations per unit of eta below which nothing is said
CONSISTENT = 0.6  # |mean| over root mean square of the samples' slopes, likewise


def picture_statistics(
    images: Float[Tensor, "batch 3 height width"],
) -> Float[Tensor, "batch statistic"]:
    """Read `STATISTICS` off images in [-1, 1].

    Lightness (HSL), saturation (chroma) and contrast (deviation of lightness) are of 0 to 1; hue is
    in turns, 0 red, weighted by chroma; the object's centre is in half sides from the middle, right
    and up; its size is a share of the picture; sharpness is the mean gradient of lightness.
    """
    rgb = (images.float() * 0.5 + 0.5).clamp(0, 1)
    high, low = rgb.amax(1), rgb.amin(1)
    lightness, chroma = (high + low) / 2, high - low
    along, up = _hue_plane(rgb)
    hue = torch.atan2(up.mean((1, 2)), along.mean((1, 2))) / (2 * math.pi)
    across, down = lightness.diff(dim=2).abs(), lightness.diff(dim=1).abs()
    weight = _object_weight(rgb)
    total = weight.sum((1, 2)).clamp(min=1e-6)
    x, y = (torch.linspace(-1, 1, side, device=rgb.device) for side in (rgb.shape[3], rgb.shape[2]))
    return torch.stack(
        [
            lightness.mean((1, 2)),
            chroma.mean((1, 2)),
            hue % 1.0,
            lightness.flatten(1).std(1),
            (weight * x).sum((1, 2)) / total,
            -(weight * y[:, None]).sum((1, 2)) / total,
            weight.mean((1, 2)),
            across.mean((1, 2)) + down.mean((1, 2)),
        ],
        dim=1,
    )


def statistic_slopes(
    images: Float[Tensor, "amount sample 3 height width"], amounts: Float[Tensor, " amount"]
) -> Float[Tensor, "sample statistic"]:
    """Change of every statistic per unit of eta, in the statistic's own units."""
    values = picture_statistics(images.flatten(0, 1)).unflatten(0, images.shape[:2])
    values[..., HUE] = unwrapped(values[..., HUE])
    return slopes(values, amounts)


def deviations(values: Float[Tensor, "batch statistic"]) -> Float[Tensor, " statistic"]:
    """Standard deviation of every statistic over a batch; that of hue about its circular mean."""
    angle = values[:, HUE] * 2 * math.pi
    middle = torch.atan2(angle.sin().mean(), angle.cos().mean()) / (2 * math.pi)
    centred = values.clone()
    centred[:, HUE] = (values[:, HUE] - middle + 0.5) % 1.0
    return centred.std(0).clamp(min=1e-6)


def description(slopes: Float[Tensor, "sample statistic"]) -> str:
    """Name what moves clearly and the same way in most samples: "lightness +, size -".

    `slopes` are in deviations per unit of eta. At most three, the largest first; empty if none.
    """
    mean, moved = slopes.mean(0), slopes.square().mean(0).sqrt()
    order = mean.abs().argsort(descending=True).tolist()
    clear = [
        f"{STATISTICS[i]} {'+' if mean[i] > 0 else '-'}"
        for i in order
        if mean[i].abs() >= CLEAR and mean[i].abs() >= CONSISTENT * moved[i]
    ]
    return ", ".join(clear[:3])


def _hue_plane(rgb: Tensor) -> tuple[Tensor, Tensor]:
    """Colour as a point of a plane: hue is its angle, chroma about its radius."""
    red, green, blue = rgb.unbind(1)
    return red - (green + blue) / 2, (green - blue) * math.sqrt(3) / 2


def _object_weight(rgb: Tensor) -> Tensor:
    """How unlike the border every pixel is, from 0 to 1, smoothly."""
    border = torch.cat([rgb[..., 0, :], rgb[..., -1, :], rgb[..., 0], rgb[..., -1]], dim=2)
    colour = border.median(dim=2).values[:, :, None, None]
    smooth = functional.avg_pool2d(rgb, 3, stride=1, padding=1, count_include_pad=False)
    distance = (smooth - colour).square().sum(1).sqrt()
    return distance.square() / (distance.square() + DIFFERENT**2)
