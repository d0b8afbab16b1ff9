"""Numbers of one result, each by a name that tables and verdicts share. Free of torch."""

from collections.abc import Callable, Mapping

from directions.study.paper import PAPER, TITLES
from directions.study.plan import Run

Values = Mapping[Run, dict]  # results by run


def path_length(result: dict) -> float:
    """Perceptual path length, the mean."""
    return float(result["measures"]["path_length"]["value"][0])


def frechet(result: dict) -> float | None:
    """Fréchet distance, where there was something to compare with."""
    found = result["measures"]["frechet"]
    return None if found is None else float(found["value"][0])


def share(result: dict) -> float:
    """Hessians whose largest entry is on the diagonal, in % (D%)."""
    return 100 * result["measures"]["diagonality"]["share"][0]


def ratio(result: dict) -> float:
    """Magnitude of diagonal entries over others, the mean of the ratios (D_R)."""
    return float(result["measures"]["diagonality"]["mean_of_ratios"][0])


def active(result: dict) -> float:
    """Components that do something."""
    return float(result["measures"]["activeness"]["active"])


def activeness(result: dict) -> list[float]:
    """Activeness of every component, the largest first."""
    found = result["measures"]["activeness"]["components"]
    return sorted((mean for mean, *_ in found), reverse=True)


def first_share(result: dict) -> float:
    """The part of all activeness that the most active component has, in %."""
    found = activeness(result)
    return 100 * found[0] / sum(found) if sum(found) else 0.0


def published(data: str, method: str, field: str) -> float | None:
    """The paper's number, where it gives one."""
    row = PAPER.get(data, {}).get(method)
    return getattr(row, field, None)


def over_seeds(
    results: Values, data: str, method: str, value: Callable[[dict], float | None]
) -> dict[int, float]:
    """One number of one cell of a table, by seed."""
    found = {
        run.seed: value(result)
        for run, result in results.items()
        if (run.data, run.method) == (data, method)
    }
    return {seed: number for seed, number in sorted(found.items()) if number is not None}


def titled(data: str) -> str:
    """A data set as the paper calls it."""
    return TITLES.get(data, data)
