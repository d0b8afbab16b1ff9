"""Figure 5: sorted activeness of the components, methods side by side, a panel for each set."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from directions.report.drawing import INCH, drawing, png
from directions.report.palette import LIGHT, Palette
from directions.study.paper import ROWS, TITLES
from directions.study.plan import METHODS
from directions.study.values import Values, activeness, titled

WIDTH, HEIGHT = 520, 220  # pixels of a panel


def activeness_figure(results: Values) -> bytes:
    """A PNG: means over seeds of the bars sorted within each run, and their range."""
    return png(_figure(results, LIGHT), LIGHT.card)


@drawing()
def _figure(results: Values, colours: Palette) -> Figure:
    data = [one for one in TITLES if any(run.data == one for run in results)]
    size = (WIDTH / INCH, HEIGHT * len(data) / INCH)
    figure = Figure(figsize=size, dpi=INCH, layout="constrained")
    panels = figure.subplots(len(data), squeeze=False)[:, 0]
    for axes, one in zip(panels, data, strict=True):
        _panel(axes, one, results, colours)
    return figure


def _panel(axes: Axes, data: str, results: Values, colours: Palette) -> None:
    methods = [m for m in ROWS if any((run.data, run.method) == (data, m) for run in results)]
    for place, method in enumerate(methods):
        found = np.array([activeness(r) for run, r in results.items()
                          if (run.data, run.method) == (data, method)])  # fmt: skip
        mean, low, high = found.mean(0), found.min(0), found.max(0)
        width = 0.8 / len(methods)
        axes.bar(
            np.arange(len(mean)) + width * (place - (len(methods) - 1) / 2), mean, width,
            color=_colour(method, colours), label=METHODS[method].title,
            yerr=(mean - low, high - mean), ecolor=colours.muted, error_kw={"elinewidth": 0.7},
        )  # fmt: skip
    axes.set_title(titled(data), color=colours.ink, loc="left")
    axes.set_xlabel("components, the most active first", color=colours.muted)
    axes.set_ylabel("activeness", color=colours.muted)
    axes.set_xticks([])
    axes.tick_params(length=0, colors=colours.muted)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.grid(axis="y", color=colours.line, lw=0.8)
    axes.set_axisbelow(True)
    axes.legend(
        frameon=False, labelcolor=colours.ink, loc="lower right", bbox_to_anchor=(1, 0.98),
        ncols=len(methods), fontsize=9, columnspacing=1, handlelength=1,
    )  # fmt: skip


def _colour(method: str, colours: Palette) -> str:
    """Blues for the penalty, orange for InfoGAN, greys for what both are compared with."""
    return {
        "infogan": colours.second,
        "progan": colours.line,
        "progan-plus": colours.muted,
        "hessian": colours.accent,
        "hessian-finetune": colours.unsigned[2],
    }[method]
