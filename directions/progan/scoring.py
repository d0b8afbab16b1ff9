"""What stands in a ProGAN's measures: pieces put into words that JSON knows."""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from directions.measures import Interval
from directions.metrics.diagonality import TINY, Diagonality
from directions.metrics.disentanglement import dci_of_groups, mutual_information_gap
from directions.metrics.epsilon_sweep import EPSILONS, Swept
from directions.metrics.factor_columns import decoded, grouped
from directions.metrics.intervals import interval, ratio_interval
from directions.metrics.known_factors import factor_shares
from directions.progan.factor_reading import FactorReader


def listed(found: Interval) -> list[float]:
    """Mean, low and high."""
    return [found.mean, found.low, found.high]


def activeness_scores(found: Sequence[Float[Tensor, " sample"]], share: float) -> dict:
    """Activeness of every component, and how many have at least a share of the largest."""
    components = [interval(one) for one in found]
    least = share * max(one.mean for one in components)
    return {
        "samples": len(found[0]),
        "threshold": share,
        "components": [listed(one) for one in components],
        "active": sum(one.mean >= least and one.mean > 0 for one in components),
    }


def diagonality_scores(found: Sequence[Diagonality]) -> dict:
    """Scores over points: the paper's, and the ratio of means that no single output dominates."""
    share, ratios, on, off = torch.tensor(found, dtype=torch.float64).T
    return {
        "share": listed(interval(share)),
        "mean_of_ratios": listed(interval(ratios)),
        "ratio_of_means": listed(ratio_interval(on, off + TINY)),
    }


def sweep_scores(found: Sequence[Swept]) -> dict:
    """Error of the differences at every step, and the scores beside those of exact Hessians."""
    steps = []
    for number, epsilon in enumerate(EPSILONS):
        errors = torch.tensor([one.errors[number] for one in found], dtype=torch.float64)
        scores = diagonality_scores([one.steps[number] for one in found])
        steps.append({"epsilon": epsilon, "error": listed(interval(errors)), **scores})
    exact = diagonality_scores([one.exact for one in found])
    return {"samples": len(found), "exact": exact, "steps": steps}


def factor_scores(
    reader: FactorReader,
    codes: Float[Tensor, "sample component"],
    read: Float[Tensor, "sample part"],
    moved: Float[Tensor, "component factor"],
) -> dict:
    """Which component moves which factor, and how well components and factors match.

    `shares` are of what a component does; `best` is the component that moves a factor most.
    """
    names, shares = list(reader.r2), factor_shares(moved)
    best = moved.argmax(0).tolist()
    scores = dci_of_groups(codes, grouped(reader.columns, read))._asdict()
    return {
        "samples": len(codes),
        "names": names,
        "r2": reader.r2,
        "moved": moved.tolist(),
        "shares": shares.tolist(),
        "best": {
            name: {"component": best[i], "share": shares[best[i], i].item()}
            for i, name in enumerate(names)
        },
        **scores,
        "mutual_information_gap": mutual_information_gap(codes, decoded(reader.columns, read)),
    }
