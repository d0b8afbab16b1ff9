"""Measures of several bases as one table. Free of torch."""

from collections.abc import Iterable, Sequence

from directions.measures import Measures

COLUMNS = {
    "penalty": "held-out Hessian Penalty, as a multiple of random bases'",
    "D %": "outputs whose largest Hessian entry is on the diagonal (section 4.5)",
    "D_R": "mean ratio of diagonal to off-diagonal magnitude, as in the paper",
    "D ratio": "ratio of the means of both",
    "disentangled": "DCI disentanglement over known factors",
    "complete": "DCI completeness",
    "informative": "DCI informativeness, R2",
    "MIG": "mutual information gap",
    "share": "share on its factor of the direction that moves it most, mean over factors",
    "majorities": "factors of which that share is above one half",
    "effect": "perceptual effect of the best-ranked direction, as a multiple of random ones'",
    "again": "mean reproducibility of the directions",
}


def scores(found: Measures) -> dict[str, float]:
    """One basis' line of the table; scores that were not measured are left out."""
    random = [value.mean for name, value in found.penalty.items() if name.startswith("random")]
    line = {"penalty": found.penalty["learnt"].mean / (sum(random) / len(random))}
    if found.diagonality:
        shown = found.diagonality
        line["D %"] = 100 * shown["share"].mean
        line["D_R"] = shown["mean_of_ratios"].mean
        line["D ratio"] = shown["ratio_of_means"].mean
    if found.disentanglement:
        known = found.disentanglement
        line["disentangled"], line["complete"] = known["disentanglement"], known["completeness"]
        line["informative"] = known["informativeness"]
        line["MIG"] = known["mutual information gap"]
        shares = [share for _, share in found.factor_shares.values()]
        line["share"] = sum(shares) / len(shares)
        line["majorities"] = float(sum(share > 0.5 for share in shares))
    line["effect"] = found.rows[found.ranking[0]].effect_ratio
    agreed = [row.reproducibility for row in found.rows if row.reproducibility is not None]
    if agreed:
        line["again"] = sum(agreed) / len(agreed)
    return line


def spread_of(lines: Sequence[dict[str, float]]) -> dict[str, tuple[float, float]]:
    """Mean and standard deviation over several bases, of the scores that all have."""
    found = {}
    for name in COLUMNS:
        values = [line[name] for line in lines if name in line]
        if len(values) == len(lines):
            mean = sum(values) / len(values)
            squares = sum((value - mean) ** 2 for value in values)
            found[name] = (mean, (squares / max(1, len(values) - 1)) ** 0.5)
    return found


def markdown(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table as Markdown."""
    lines = [header, ["---"] * len(header), *rows]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)
