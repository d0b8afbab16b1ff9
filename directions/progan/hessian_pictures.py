"""Hessians of a ProGAN to look at (appendix C): of the pixel that is penalised most, and where.

here     shape            meaning
hessian  [latent latent]  of the output with the largest 2 sum_{i != j} H_ij^2
penalty  [height width]   that sum at every pixel, the largest of its channels
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from directions.generators.protocol import Generator
from directions.metrics.entries import Entries, chosen_hessians, exact_penalties
from directions.render import PAPER_COLOUR, Frame, labelled, matrix_picture, scale_for, to_frame

PICTURE = 0.2  # share of the picture under its penalties, to see where they are
LETTER = 8  # pixels, so that titles are not cut off
HOT = (143, 61, 8)  # the largest penalty

Source = Callable[[Generator, Tensor], Iterator[Entries]]
"""How entries of the Hessians at a latent are found."""


class Inspected(NamedTuple):
    """One sample."""

    hessian: Float[Tensor, "latent latent"]
    penalty: Float[Tensor, "height width"]
    image: Float[Tensor, "3 height width"]


@torch.no_grad()
def inspected(generator: Generator, z: Float[Tensor, " latent"], source: Source) -> Inspected:
    """Look at the Hessians of all pixels of one sample, twice, so that none need be kept."""
    image = generator(z[None])[0]
    penalties = exact_penalties(source(generator, z))
    most = int(penalties.argmax())
    (hessian,) = chosen_hessians(source(generator, z), len(z), [most])
    return Inspected(hessian, penalties.view(image.shape).amax(0).cpu(), image.float().cpu())


def heat_maps(models: Sequence[tuple[str, Sequence[Inspected]]]) -> Frame:
    """|H| of every sample's most penalised pixel: a row for each model, one scale for all."""
    largest = max(one.hessian.abs().max().item() for _, row in models for one in row)
    rows = []
    for name, row in models:
        shares = [(one.hessian.abs() / max(largest, 1e-30)).numpy() for one in row]
        titles = [f"sample {number}" for number in range(len(row))]
        rows.append(labelled(matrix_picture(shares, titles), [name]))
    return _stacked(rows, f"|H| from 0 (white) to {largest:.3g} (black)")


def penalty_maps(models: Sequence[tuple[str, Sequence[Inspected]]]) -> Frame:
    """Samples, and below each where it is penalised: two rows for each model, one scale for all."""
    largest = max(one.penalty.max().item() for _, row in models for one in row)
    rows = []
    for name, row in models:
        images = torch.stack([one.image for one in row])
        heat = torch.stack([one.penalty for one in row]) / max(largest, 1e-30)
        grid = torch.stack([images, _over(images, heat)])
        rows.append(labelled(to_frame(grid, scale_for(grid.shape[-1])), [name, "penalty"]))
    return _stacked(rows, f"penalty from 0 (white) to {largest:.3g} (brown)")


def _over(
    images: Float[Tensor, "sample 3 height width"], heat: Float[Tensor, "sample height width"]
) -> Float[Tensor, "sample 3 height width"]:
    """Heat from white to brown, with a little of the picture."""
    hot = torch.tensor(HOT).view(3, 1, 1) / 127.5 - 1
    colours = torch.lerp(torch.ones(3, 1, 1), hot, heat[:, None])
    return torch.lerp(colours, images.clamp(-1, 1), PICTURE)


def _stacked(rows: Sequence[Frame], title: str) -> Frame:
    width = max(LETTER * len(title), *(row.shape[1] for row in rows))
    padded = [
        np.pad(row, ((0, 0), (width - row.shape[1], 0), (0, 0)), constant_values=PAPER_COLOUR[0])
        for row in rows
    ]
    return labelled(np.concatenate(padded), [""], title=title)
