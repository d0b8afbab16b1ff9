"""Amounts over time, and latents moved along directions or brought into line (Fig. 6 and 7)."""

import math

import torch
from jaxtyping import Float
from torch import Tensor


def loop_amounts(frames: int, reach: float) -> Float[Tensor, " frames"]:
    """Amounts of a loop: from the centre to one side, through it to the other, and back.

    A sine: it eases at both ends, and the frame after the last is the first one again.
    """
    return reach * torch.sin(2 * math.pi * torch.arange(frames) / frames)


def eased(frames: int) -> Float[Tensor, " frames"]:
    """Shares from 0 to 1 and back to 0 in a loop, slow at both ends (a raised cosine)."""
    return (1 - torch.cos(2 * math.pi * torch.arange(frames) / frames)) / 2


def coordinates(
    z: Float[Tensor, "batch latent"], basis: Float[Tensor, "directions latent"]
) -> Float[Tensor, "batch directions"]:
    """z.q for every latent and direction."""
    return z @ basis.T


def aligned(
    z: Float[Tensor, "batch latent"],
    basis: Float[Tensor, "directions latent"],
    target: Float[Tensor, " directions"] | float = 0.0,
) -> Float[Tensor, "batch latent"]:
    """Bring a batch to one coordinate along each direction: z - (z.q) q + c q (Fig. 7).

    With `target` 0 this orthogonalises z against the directions, whose rows are orthonormal.
    """
    return z + (target - coordinates(z, basis)) @ basis
