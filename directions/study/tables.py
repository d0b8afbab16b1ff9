"""The paper's Tables 1 and 2 with our numbers in them, as Markdown. Free of torch."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from directions.study import values
from directions.study.paper import ROWS, TITLES
from directions.study.plan import METHODS, Run, StudyPlan
from directions.study.values import Values, over_seeds, published, titled
from directions.study.verdicts import RULE, findings, sentence


class Column(NamedTuple):
    """One of the two numbers under a data set."""

    title: str
    value: Callable[[dict], float | None]
    field: str  # of the paper's rows
    digits: int
    unit: str = ""


TABLE_1 = (
    Column("path length [PPL]", values.path_length, "path_length", 1),
    Column("Fréchet [FID]", values.frechet, "frechet", 2),
)
TABLE_2 = (
    Column("D% [D%]", values.share, "share", 1, "%"),
    Column("D_R [D_R]", values.ratio, "ratio", 2),
)
PAPER_DIGITS = 1  # of every number in the paper's tables


def tables(plan: StudyPlan, results: Values) -> str:
    """All tables of what there is; `results` may be of any part of a study."""
    data = [one for one in TITLES if any(run.data == one for run in results)]
    return "\n".join([*_head(plan, results, data), "", *_body(results, data)]) + "\n"


def summary(run: Run, result: dict) -> str:
    """One line of a run's four numbers; what was not measured is left out."""
    found = ((column, column.value(result)) for column in (*TABLE_1, *TABLE_2))
    numbers = (
        f"{column.title.partition(' [')[0]} {value:.{column.digits}f}{column.unit}"
        for column, value in found
        if value is not None
    )
    return f"{run}: {', '.join(numbers)}"


def _head(plan: StudyPlan, results: Values, data: Sequence[str]) -> Iterator[str]:
    seeds = sorted({run.seed for run in results})
    net, measures = plan.base.network, plan.measures
    yield f"# The paper's tables, scale {plan.scale}"
    yield ""
    yield (
        f"{len(results)} runs, seeds {', '.join(map(str, seeds)) or 'none'}; {net.resolution} "
        f"pixels, {plan.pictures:,} pictures in a rendered set; {_duration(_seconds(results))} of "
        f"training in all."
    )
    if data:
        seen = (
            f"{titled(one)} {plan.last_images(one):,} (ProGAN {plan.first_images(one):,})"
            for one in data
        )
        yield f"Pictures seen in a training: {', '.join(seen)}."
    if plan.penalty_factor != 1:
        yield f"Lambda is {plan.penalty_factor:g} times the paper's."
    yield (
        "A cell is ours: the mean over seeds (lowest..highest) [the paper's]. Of every run but "
        f"ProGAN's the snapshot with the lowest Fréchet distance, over {plan.chosen_on:,} pictures."
    )
    yield (
        f"Path length over {measures.pairs:,} pairs with {_named(results, 'path_length')}, Fréchet "
        f"distance over {measures.generated:,} generated pictures with "
        f"{_named(results, 'frechet')}; Hessians of {measures.hessian_samples:,} samples."
    )
    yield (
        "Perceptual distance and Fréchet distance are on offline features; not LPIPS and not FID: "
        "numbers compare within a column of ours, not with the brackets."
    )


def _named(results: Values, measure: str) -> str:
    """What was measured with, as the measures themselves say it."""
    key = {"path_length": "distance", "frechet": "features"}[measure]
    found = {r["measures"][measure][key] for r in results.values() if r["measures"][measure]}
    return " and ".join(sorted(map(str, found))) or "nothing yet"


def _body(results: Values, data: Sequence[str]) -> Iterator[str]:
    for title, columns in (
        ("Table 1: path length and Fréchet distance, lower is better", TABLE_1),
        ("Table 2: the diagonal of the Hessian, higher is better", TABLE_2),
    ):
        yield f"## {title}"
        yield ""
        yield from _table(results, data, columns)
        yield ""
    yield "## Expected effects, against ProGAN+"
    yield ""
    yield RULE
    yield ""
    yield "| effect | set | method | seeds | difference, by seed | paper | verdict |"
    yield "|---|---|---|---|---|---|---|"
    yield from map(sentence, findings(results, data))
    yield ""
    yield "## Runs"
    yield ""
    yield "| set | method | seeds | pictures seen by the chosen snapshot | training, each |"
    yield "|---|---|---|---|---|"
    yield from _runs(results, data)


def _table(results: Values, data: Sequence[str], columns: Sequence[Column]) -> Iterator[str]:
    heads = [f"{titled(one)}: {column.title}" for one in data for column in columns]
    yield "| method | " + " | ".join(heads) + " |"
    yield "|---" * (len(heads) + 1) + "|"
    for method in ROWS:
        cells = [_cell(results, one, method, column) for one in data for column in columns]
        yield f"| {METHODS[method].title} | " + " | ".join(cells) + " |"


def _cell(results: Values, data: str, method: str, column: Column) -> str:
    ours = list(over_seeds(results, data, method, column.value).values())
    paper = published(data, method, column.field)
    bracket = "" if paper is None else f" [{paper:.{PAPER_DIGITS}f}{column.unit}]"
    if not ours:
        return f"-{bracket}"
    mean, low, high = (
        f"{x:.{column.digits}f}" for x in (sum(ours) / len(ours), min(ours), max(ours))
    )
    extent = f" ({low}..{high})" if len(ours) > 1 else ""
    return f"{mean}{column.unit}{extent}{bracket}"


def _runs(results: Values, data: Sequence[str]) -> Iterator[str]:
    for one in data:
        for method in ROWS:
            mine = {run.seed: r for run, r in sorted(results.items())
                    if (run.data, run.method) == (one, method)}  # fmt: skip
            if mine:
                seeds = ", ".join(map(str, mine))
                chosen = ", ".join(f"{r['chosen']:,}" for r in mine.values())
                each = ", ".join(_duration(r["seconds"]) for r in mine.values())
                yield f"| {titled(one)} | {METHODS[method].title} | {seeds} | {chosen} | {each} |"


def _seconds(results: Values) -> float:
    return sum((result["seconds"] for result in results.values()), 0.0)


def _duration(seconds: float) -> str:
    minutes = round(seconds / 60)
    return f"{minutes // 60} h {minutes % 60:02d} min" if minutes >= 60 else f"{minutes} min"
