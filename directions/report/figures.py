"""The figures of a report: each a function of measures, names and colours.

None is wider than a phone; rows of matrices are in the order they are given.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from directions.measures import Interval, Measures, Row
from directions.report.drawing import blank, drawing
from directions.report.palette import LEVELS, Palette

WIDTH = 330  # pixels: fits between the margins of a 360-pixel screen
LINE = 19  # height of a row of text or of a bar
CELL = 30  # height and greatest width of a matrix's cell that has room for its number
LONGEST = 16  # characters of a name beside a figure

Called = Callable[[int], str]


@drawing()
def penalties(found: Mapping[str, Interval], colours: Palette) -> Figure:
    """The penalty of every basis with its interval, the lowest first."""
    names = sorted(found, key=lambda name: found[name].mean)
    figure, axes = blank(WIDTH, 34 + LINE * len(names), (_margin(names), 14, 6, 28), colours)
    for y, name in enumerate(names):
        one, mine = found[name], name == "learnt"
        colour = colours.accent if mine else colours.muted
        axes.plot([one.low, one.high], [y, y], color=colour, lw=2.5 if mine else 1.5)
        axes.plot([one.mean], [y], "o" if mine else "s", color=colour, ms=7 if mine else 4.5)
    axes.set_yticks(range(len(names)), [short(name) for name in names])
    axes.tick_params(axis="y", colors=colours.ink)
    axes.set(
        ylim=(len(names) - 0.5, -0.5), xlim=(0, 1.06 * (max(i.high for i in found.values()) or 1))
    )
    axes.grid(axis="x", color=colours.line, lw=0.8)
    return figure


@drawing()
def ranking(measures: Measures, called: Called, colours: Palette) -> Figure:
    """Effect against reproducibility; random directions are the dashed line."""
    figure, axes = blank(WIDTH, 260, (44, 14, 10, 44), colours)
    known = [(one, one.reproducibility) for one in measures.rows if one.reproducibility is not None]
    right = max(1.3, 1.1 * max((one.effect_ratio for one, _ in known), default=0))
    for one, found in known:
        axes.plot([one.effect_ratio], [found], "o", color=colours.accent, ms=5)
    for one, found in sorted(known, key=lambda pair: -pair[0].score)[:LABELLED]:
        place = (one.effect_ratio, found)
        leftwards = one.effect_ratio > 0.55 * right
        axes.annotate(
            short(called(one.row), 12), place, (-6 if leftwards else 6, 3), size=10,
            textcoords="offset points", ha="right" if leftwards else "left", color=colours.ink,
        )  # fmt: skip
    axes.axvline(1, color=colours.second, lw=1.2, ls=(0, (4, 3)))
    axes.set(xlim=(0, right), ylim=(0, 1.08))
    axes.set_xlabel("effect, times that of random directions", color=colours.muted)
    axes.set_ylabel("reproducibility", color=colours.muted)
    axes.grid(color=colours.line, lw=0.8)
    return figure


LABELLED = 6  # points of the ranking that carry their names


@drawing()
def signed_bars(values: Mapping[str, float], limit: float, colours: Palette) -> Figure:
    """One bar a value, from the middle to -limit or limit, its number at its end."""
    figure, axes = blank(WIDTH, 6 + LINE * len(values), (_margin(values), 8, 3, 3), colours)
    numbers = list(values.values())
    axes.barh(
        range(len(numbers)), numbers, 0.62,
        color=[colours.accent if v >= 0 else colours.second for v in numbers],
    )  # fmt: skip
    for y, value in enumerate(numbers):
        axes.annotate(
            f"{value:+.2f}", (value, y), (4 if value >= 0 else -4, 0), textcoords="offset points",
            ha="left" if value >= 0 else "right", va="center", color=colours.muted, size=10,
        )  # fmt: skip
    axes.axvline(0, color=colours.line, lw=1)
    axes.set(xlim=(-1.5 * limit, 1.5 * limit), ylim=(len(numbers) - 0.5, -0.5))
    _bar_names(axes, list(values), colours)
    return figure


@drawing()
def bars(values: Mapping[str, float], limit: float, mark: float | None, colours: Palette) -> Figure:
    """One bar a value, from 0; `mark` is a dashed line to compare them with."""
    figure, axes = blank(WIDTH, 6 + LINE * len(values), (_margin(values), 8, 3, 3), colours)
    numbers = list(values.values())
    axes.barh(range(len(numbers)), numbers, 0.62, color=colours.accent)
    for y, value in enumerate(numbers):
        axes.annotate(
            f"{value:.2f}", (value, y), (4, 0), textcoords="offset points", va="center",
            color=colours.muted, size=10, bbox={"fc": colours.card, "ec": "none", "pad": 0.6},
        )  # fmt: skip
    if mark is not None:
        axes.axvline(mark, color=colours.second, lw=1.2, ls=(0, (4, 3)))
    axes.set(xlim=(0, 1.18 * limit), ylim=(len(numbers) - 0.5, -0.5))
    _bar_names(axes, list(values), colours)
    return figure


@drawing()
def matrix(
    values: Float[np.ndarray, "row column"],
    rows: Sequence[str],
    columns: Sequence[str],
    colours: Palette,
) -> Figure:
    """Numbers as coloured cells: orange below 0, blue above; one ramp where none is negative."""
    signed = bool((values < 0).any())
    limit = max(float(np.abs(values).max()), 1e-12)
    rows = [short(name, 12) for name in rows]
    columns = [short(name) for name in columns]
    right = max(6.0, 0.55 * _length(columns[-1:]) - 12)
    across = min(CELL + 6, (WIDTH - _length(rows) - 8 - right) / len(columns))
    down = CELL - 6 if len(rows) <= FEW else 13
    left, top = WIDTH - across * len(columns) - right, 8 + 0.87 * _length(columns)
    figure, axes = blank(WIDTH, top + down * len(rows) + 4, (left, right, top, 4), colours)
    for (y, x), value in np.ndenumerate(values):
        level = round(LEVELS * value / limit) + (LEVELS if signed else 0)
        ramp, ink = (
            (colours.signed, colours.signed_ink)
            if signed
            else (colours.unsigned, colours.unsigned_ink)
        )
        axes.fill(
            [x, x + 1, x + 1, x], [y, y, y + 1, y + 1], color=ramp[level], ec=colours.card, lw=1.5
        )
        if across >= CELL - 4 and down >= CELL - 6:
            text = cell(value, signed)
            axes.text(x + 0.5, y + 0.53, text, ha="center", va="center", color=ink[level], size=9.5)
    axes.set_xticks(np.arange(len(columns)) + 0.5, columns, rotation=60)
    for label in axes.get_xticklabels():
        label.set(ha="left", rotation_mode="anchor")
    axes.set_yticks(np.arange(len(rows)) + 0.5, rows)
    axes.tick_params(colors=colours.ink, labelsize=11 if down > 13 else 9.5, pad=2)
    axes.xaxis.tick_top()
    axes.set(xlim=(0, len(columns)), ylim=(len(rows), 0))
    return figure


FEW = 40  # rows of a matrix up to which they are as high as a line of text


@drawing()
def matching(cosines: Float[np.ndarray, "mine theirs"], other: str, colours: Palette) -> Figure:
    """|cosine| of every row with every row of another basis, as squares of that area."""
    figure, axes = blank(WIDTH, WIDTH * len(cosines) / cosines.shape[1] + 40, (34, 10, 10, 34),
                         colours)  # fmt: skip
    y, x = np.indices(cosines.shape)
    side = (WIDTH - 44) / cosines.shape[1]
    axes.scatter(x.ravel(), y.ravel(), (0.86 * side) ** 2 * np.abs(cosines).ravel(), marker="s",
                 color=colours.accent, linewidths=0)  # fmt: skip
    axes.set(xlim=(-0.6, cosines.shape[1] - 0.4), ylim=(len(cosines) - 0.4, -0.6))
    axes.set_xlabel(f"rows of {short(other)}", color=colours.muted)
    axes.set_ylabel("rows, as ranked", color=colours.muted)
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set(visible=True, color=colours.line)
    return figure


def largest(rows: Sequence[Row], name: str) -> float:
    """The largest magnitude in a field of names and values, over all rows; above 0."""
    found = [abs(v) for one in rows for v in getattr(one, name).values()]
    return max(found, default=0.0) or 1.0


def short(text: str, most: int = LONGEST) -> str:
    """A text that fits beside a figure."""
    return text if len(text) <= most else text[: most - 1] + "…"


def cell(value: float, signed: bool) -> str:
    """A number as short as it can be: +.35, 1.2."""
    text = f"{value:+.2f}" if signed else f"{value:.2f}"
    text = text.replace("0.", ".", 1) if abs(value) < 0.995 else text[:-1]
    return text


def _length(texts: Iterable[str]) -> float:
    """Pixels that the longest of some texts takes, whatever the font of the page."""
    return 6.6 * max(len(text) for text in texts)


def _margin(names: Iterable[str]) -> float:
    return max(84.0, 10 + _length(short(name) for name in names))


def _bar_names(axes: Axes, names: Sequence[str], colours: Palette) -> None:
    axes.set_yticks(range(len(names)), [short(name) for name in names])
    axes.set_xticks([])
    axes.tick_params(axis="y", colors=colours.ink)
