"""Matching: which direction of one basis is which of another, up to order and sign."""

from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from scipy.optimize import linear_sum_assignment
from torch import Tensor


class Matching(NamedTuple):
    """Pairs of rows, in the order of the first basis."""

    rows: Int[Tensor, " pair"]  # of the first basis
    others: Int[Tensor, " pair"]  # of the second
    cosines: Float[Tensor, " pair"]  # signed; negative where one is turned round


def matched(basis: Float[Tensor, "row latent"], other: Float[Tensor, "other latent"]) -> Matching:
    """Pair the rows of two bases so that the sum of |cosine| is largest (Hungarian method).

    With different numbers of rows, those of the larger basis that fit least are left out.
    """
    cosines = basis @ other.T
    rows, others = linear_sum_assignment(cosines.abs().cpu().numpy(), maximize=True)
    pairs = torch.from_numpy(rows), torch.from_numpy(others)
    return Matching(*pairs, cosines.cpu()[pairs])


def chance_level(rows: int, latent_dim: int, draws: int = 20) -> float:
    """Mean |cosine| of matched pairs between random bases of this size."""
    from directions.basis import random_basis

    rng = torch.Generator().manual_seed(0)
    found = [
        matched(*(random_basis(rows, latent_dim, rng) for _ in range(2))).cosines.abs().mean()
        for _ in range(draws)
    ]
    return torch.stack(found).mean().item()
