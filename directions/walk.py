"""Walks: from coefficients over directions to images, w -> G(z + wQ)."""

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor

from directions.generators.protocol import ChunkedGenerator, Generator
from directions.penalty import Function


def moved(
    z: Float[Tensor, "*batch latent"],
    shift: Float[Tensor, "*batch latent"],
    slots: range | None,
    count: int,
) -> Float[Tensor, "..."]:
    """Add `shift` to z: everywhere, or only where z enters the given slots of `count`.

    `[*batch, latent]` if `slots` is None, else `[*batch, slot, latent]`.
    """
    if slots is None:
        return z + shift
    mask = torch.zeros(count, 1, dtype=z.dtype, device=z.device)
    mask[slots.start : slots.stop] = 1
    return z[..., None, :] + mask * shift[..., None, :]


def along(
    generator: Generator,
    basis: Float[Tensor, "directions latent"],
    z: Float[Tensor, "batch latent"],
    slots: range | None = None,
) -> Function:
    """The map w -> G(z + wQ): its Hessian, not that in z, is what learning makes diagonal."""
    return lambda w: generator(moved(z, w @ basis, slots, generator.slots))


def around(
    generator: Generator,
    basis: Float[Tensor, "directions latent"],
    z: Float[Tensor, " latent"],
    slots: range | None = None,
) -> Callable[[Tensor], Tensor]:
    """The same map about one latent, for any number of w: `[batch, directions]` to outputs."""

    def f(w: Tensor) -> Tensor:
        return generator(moved(z.expand(len(w), -1), w @ basis, slots, generator.slots))

    return f


def search_axes(generator: Generator, slots: range | None) -> Float[Tensor, "part latent"]:
    """The axes of z that an edit of `slots` can reach: of a chunked z their chunks, else all."""
    axes = torch.eye(generator.latent_dim)
    if slots is None or not isinstance(generator, ChunkedGenerator):
        return axes
    return axes[slots.start * generator.chunk : slots.stop * generator.chunk]


def random_walks(
    batch: int, directions: int, reach: float, rng: torch.Generator
) -> Float[Tensor, "batch directions"]:
    """Per sample a walk along one random direction: one entry in U[-reach, reach], the rest 0."""
    which = torch.randint(directions, (batch,), generator=rng)
    length = (torch.rand(batch, 1, generator=rng) * 2 - 1) * reach
    return torch.nn.functional.one_hot(which, directions) * length
