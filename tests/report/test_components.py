from directions.measures import Interval
from directions.report.components import activeness_bars
from directions.report.drawing import png
from directions.report.palette import LIGHT


def around(*means):
    return [Interval(mean, 0.9 * mean, 1.1 * mean) for mean in means]


def bars(figure):
    return [(bar.get_y(), bar.get_width()) for bar in figure.axes[0].patches]


def test_bars_are_sorted_within_each_model():
    figure = activeness_bars({"one": around(0.1, 0.3, 0.2), "two": around(0.5, 0.6)}, 0.05, LIGHT)
    widths = [width for _, width in sorted(bars(figure))]
    assert widths == [0.3, 0.2, 0.1, 0.6, 0.5]
    axes = figure.axes[0]
    names = [label.get_text() for label in axes.get_yticklabels()]
    assert names == ["z1", "z2", "z0", "z1", "z0"]
    assert [text.get_text() for text in axes.texts] == ["one", "two"]
    assert axes.get_xlim()[1] > 0.66  # the interval's end


def test_inactive_components_are_grey():
    figure = activeness_bars({"one": around(1.0, 0.05, 0.049)}, 0.05, LIGHT)
    colours = [
        "#" + "".join(f"{round(255 * part):02x}" for part in bar.get_facecolor()[:3])
        for bar in figure.axes[0].patches
    ]
    assert colours == [LIGHT.accent, LIGHT.accent, LIGHT.muted]


def test_it_can_be_written_even_if_nothing_moves():
    assert png(activeness_bars({"still": around(0.0, 0.0)}, 0.05, LIGHT), LIGHT.card)[:4] == (
        b"\x89PNG"
    )
