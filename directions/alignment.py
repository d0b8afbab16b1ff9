"""Alignment demos (Fig. 7): a batch before, after, and on its way."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import torch
from jaxtyping import Float
from safetensors.torch import save_file
from torch import Tensor

from directions.files import whole
from directions.generators.protocol import Generator
from directions.render import Frame, generate, labelled, scale_for, to_frame
from directions.traverse import aligned, eased
from directions.walk import moved

COLUMNS = 8


def batch_images(
    generators: Sequence[Generator],
    z: Float[Tensor, "sample latent"],
    after: Float[Tensor, "sample latent"],
    share: float = 0.0,
    *,
    slots: range | None = None,
    batch_size: int = 16,
) -> Float[Tensor, "sample 3 height width"]:
    """Generate a batch that has gone `share` of the way from `z` to `after`, in `slots` only."""
    points = moved(z, share * (after - z), slots, generators[0].slots)
    columns = [index % len(generators) for index in range(len(z))]
    return generate(generators, points, columns, batch_size)


def alignment_sheet(
    batches: Mapping[str, Float[Tensor, "sample 3 height width"]], along: str
) -> Frame:
    """Rows that take turns: a part of the first batch, below it the same part of the next.

    Batches go by what stands beside their rows, such as `before` and `after`; all have the same
    samples. `along` is what the directions are called, for the title.
    """
    count = len(next(iter(batches.values())))
    columns = min(COLUMNS, count)
    kept = count // columns * columns
    parts = [batch[:kept].unflatten(0, (-1, columns)) for batch in batches.values()]
    images = torch.stack(parts, dim=1).flatten(0, 1)  # [row, column, 3, height, width]
    picture = to_frame(images, scale_for(images.shape[-1]))
    return labelled(picture, list(batches) * (kept // columns), title=f"along {along}")


def alignment_frames(
    generators: Sequence[Generator],
    z: Float[Tensor, "sample latent"],
    after: Float[Tensor, "sample latent"],
    frames: int,
    along: str,
    *,
    slots: range | None = None,
    batch_size: int = 16,
) -> Iterator[Frame]:
    """Yield the batch moving from one to the other and back, in a loop without a jump.

    `along` is what the directions are called, for the title.
    """
    columns = min(COLUMNS, len(z))
    kept = len(z) // columns * columns
    for share in eased(frames).tolist():
        images = batch_images(
            generators, z[:kept], after[:kept], share, slots=slots, batch_size=batch_size
        )
        grid = images.unflatten(0, (-1, columns))
        picture = to_frame(grid, scale_for(images.shape[-1]))
        yield labelled(picture, [""], title=f"aligned {100 * share:.0f} % along {along}")


def save_latents(
    path: Path,
    before: Float[Tensor, "sample latent"],
    basis: Float[Tensor, "directions latent"],
    target: float,
) -> None:
    """Write the latents before and after, and the directions between them."""
    tensors = {"before": before, "after": aligned(before, basis, target), "directions": basis}
    with whole(path) as partial:
        save_file({k: v.cpu().contiguous() for k, v in tensors.items()}, partial)
