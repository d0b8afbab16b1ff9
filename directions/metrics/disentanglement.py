"""Scores of a code against known factors.

    here         shape                meaning
    codes        [sample, direction]  coordinates z.q of latents along a basis
    factors      [sample, factor]     what is known of the pictures
    importance   [direction, factor]  how much each code says about each factor, not negative

DCI: Eastwood and Williams (ICLR 2018), with random forests as in their paper. MIG: Chen et al.
(NeurIPS 2018, arXiv:1802.04942), Eq. 6, with 20 equal bins as in its reimplementations.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

BINS = 20
TREES, DEPTH = 20, 8
LEAST = 1e-300  # stands for nothing where something is divided by it


class DCI(NamedTuple):
    """Each from 0 to 1, more is better."""

    disentanglement: float  # does a direction say something about one factor only
    completeness: float  # is a factor told by one direction only
    informativeness: float  # R2 of the factors on samples that were not fitted, mean, 0 at least


def dci(codes: Float[Tensor, "sample direction"], factors: Float[Tensor, "sample factor"]) -> DCI:
    """Fit a forest per factor on half of the samples, judge it on the other half."""
    return dci_of_groups(codes, [column[:, None] for column in factors.T])


def dci_of_groups(
    codes: Float[Tensor, "sample direction"], factors: Sequence[Float[Tensor, "sample _column"]]
) -> DCI:
    """As `dci`, for factors that take several columns each, such as a colour.

    With one factor nothing can be disentangled, and that score is 1.
    """
    from sklearn.ensemble import RandomForestRegressor

    half = len(codes) // 2
    x = codes.double().cpu().numpy()
    columns, found = [], []
    for factor in factors:
        column = np.squeeze(factor.double().cpu().numpy(), axis=1 if factor.shape[1] == 1 else ())
        forest = RandomForestRegressor(TREES, max_depth=DEPTH, min_samples_leaf=5, random_state=0)
        forest.fit(x[:half], column[:half])
        columns.append(forest.feature_importances_)
        found.append(max(0.0, forest.score(x[half:], column[half:])))
    importance = torch.from_numpy(np.stack(columns, axis=1))
    return DCI(disentanglement(importance), completeness(importance), float(np.mean(found)))


def disentanglement(importance: Float[Tensor, "direction factor"]) -> float:
    """Mean over directions, weighted by importance, of 1 - entropy over factors."""
    share = importance.sum(1) / importance.sum().clamp(min=LEAST)
    return (share * _concentration(importance)).sum().item()


def completeness(importance: Float[Tensor, "direction factor"]) -> float:
    """Mean over factors of 1 - entropy over directions."""
    return _concentration(importance.T).mean().item()


def mutual_information_gap(
    codes: Float[Tensor, "sample direction"], factors: Float[Tensor, "sample factor"]
) -> float:
    """Mean over factors of how much more the best code tells than the second, over the entropy."""
    from sklearn.metrics import mutual_info_score

    code_bins, factor_bins = (_binned(values) for values in (codes, factors))
    gaps = []
    for one in factor_bins.T:
        known = sorted(mutual_info_score(one, code) for code in code_bins.T)
        gaps.append((known[-1] - known[-2]) / max(mutual_info_score(one, one), LEAST))
    return float(np.mean(gaps))


def _concentration(rows: Tensor) -> Tensor:
    """1 - entropy of every row, in units of the largest there can be; 0 for a row of zeros."""
    if rows.shape[1] == 1:
        return torch.ones(len(rows), dtype=rows.dtype)
    total = rows.sum(1, keepdim=True)
    share = torch.where(total > 0, rows / total.clamp(min=LEAST), 1 / rows.shape[1])
    entropy = -torch.special.xlogy(share, share).sum(1)
    return 1 - entropy / np.log(rows.shape[1])


def _binned(values: Tensor) -> np.ndarray:
    columns = values.double().cpu().numpy().T
    edges = [np.linspace(one.min(), one.max(), BINS + 1)[1:-1] for one in columns]
    return np.stack([np.digitize(v, e) for v, e in zip(columns, edges, strict=True)], axis=1)
