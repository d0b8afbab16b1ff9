"""The figure of activeness (Fig. 5): bars of every model, each sorted by its own."""

from collections.abc import Mapping, Sequence

from matplotlib.figure import Figure

from directions.measures import Interval
from directions.report.drawing import blank, drawing
from directions.report.figures import LINE, WIDTH
from directions.report.palette import Palette

LONGEST = 44  # characters of a model's name, of which the last tell most
GAP = 2  # rows between two models, one of which has a name


@drawing()
def activeness_bars(
    models: Mapping[str, Sequence[Interval]], share: float, colours: Palette
) -> Figure:
    """Components of every model, the most active first, with intervals; one scale for all.

    Those below `share` of a model's largest, which count as inactive, are grey.
    """
    count = sum(len(one) + GAP for one in models.values())
    figure, axes = blank(WIDTH, 44 + LINE * count, (44, 14, 6, 40), colours)
    names: list[tuple[float, str]] = []
    y, right = 0, max(i.high for one in models.values() for i in one)
    for model, found in models.items():
        axes.text(0, y + 0.6, model[-LONGEST:], color=colours.ink, va="center", weight="bold")
        order = sorted(range(len(found)), key=lambda i: -found[i].mean)
        least = share * found[order[0]].mean
        for place, component in enumerate(order, y + 1):
            one = found[component]
            colour = colours.accent if one.mean >= least else colours.muted
            axes.barh(place + 0.5, one.mean, 0.62, color=colour)
            axes.plot([one.low, one.high], [place + 0.5] * 2, color=colours.ink, lw=1.2)
            names.append((place + 0.5, f"z{component}"))
        y += len(found) + GAP
    axes.set_yticks([at for at, _ in names], [name for _, name in names])
    axes.tick_params(axis="y", colors=colours.ink)
    axes.set(ylim=(y - GAP + 1.5, 0), xlim=(0, 1.04 * right or 1))
    axes.set_xlabel("activeness", color=colours.muted)
    axes.grid(axis="x", color=colours.line, lw=0.8)
    axes.set_axisbelow(True)
    return figure
