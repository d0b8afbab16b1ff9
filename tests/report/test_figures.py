import numpy as np
import pytest

from directions.measures import Interval
from directions.report import figures
from directions.report.drawing import drawing, png, svg
from directions.report.palette import DARK, LEVELS, LIGHT, STAND_INS, contrast, mixed


def texts(figure):
    return [text.get_text() for axes in figure.axes for text in axes.texts]


def test_names_are_not_read_as_formulas_or_markup():
    figure = figures.bars({"$\\pi$ <b>&": 1.0}, 1.0, None, STAND_INS)
    text = svg(figure, "a", 'x"<')
    assert ">$\\pi$ &lt;b&gt;&amp;</text>" in text and 'aria-label="x&quot;&lt;"' in text


def test_a_glyph_that_matplotlib_lacks_is_left_to_the_browser():
    assert "\u56de\u8ee2" in svg(figures.bars({"\u56de\u8ee2": 1.0}, 1.0, None, STAND_INS), "a", "")


def test_colours_and_fonts_come_from_the_page():
    figure = figures.signed_bars({"a": 1.0, "b": -0.5}, 1.0, STAND_INS)
    text = svg(figure, "a", "")
    assert "var(--accent)" in text and "var(--second)" in text
    assert "#" not in text.replace("url(#", "").replace('href="#', "") and "DejaVu" not in text


def test_figures_of_one_page_do_not_share_ids():
    one, other = (
        svg(figures.bars({"a": 1.0}, 1.0, 1.0, STAND_INS), name, "") for name in ("one", "other")
    )
    ids = [set(text.split('id="')[1:]) for text in (one, other)]
    assert ids[0] and not {i[:10] for i in ids[0]} & {i[:10] for i in ids[1]}


def test_bars_point_where_their_values_do():
    figure = figures.signed_bars({"a": 0.5, "b": -1.0}, 1.0, LIGHT)
    bars = figure.axes[0].patches
    assert [bar.get_width() for bar in bars] == [0.5, -1.0]
    assert texts(figure) == ["+0.50", "-1.00"]
    low, high = figure.axes[0].get_xlim()
    assert low == -high and high > 1


def test_cells_of_a_matrix_are_coloured_by_sign_and_size():
    figure = figures.matrix(np.array([[1.0, -1.0], [0.0, 0.4]]), ["a", "b"], ["x", "y"], LIGHT)
    colours = ["#" + "".join(f"{round(255 * c):02x}" for c in cell.get_facecolor()[:3])
               for cell in figure.axes[0].patches]  # fmt: skip
    assert colours == [LIGHT.signed[i] for i in (2 * LEVELS, 0, LEVELS, LEVELS + 2)]
    assert texts(figure) == ["+1.0", "-1.0", "+.00", "+.40"]


def test_a_matrix_keeps_to_the_width_of_a_phone():
    for rows, columns in ((12, 7), (40, 15), (128, 3)):
        names = [f"{i} a rather long name of it" for i in range(rows)]
        figure = figures.matrix(np.ones((rows, columns)), names, ["background"] * columns, LIGHT)
        assert figure.get_size_inches()[0] * 72 == pytest.approx(figures.WIDTH)


def test_penalties_stand_lowest_first():
    found = {"random 0": Interval(4.0, 3.0, 5.0), "learnt": Interval(2.0, 1.0, 3.0)}
    figure = figures.penalties(found, LIGHT)
    assert [t.get_text() for t in figure.axes[0].get_yticklabels()] == ["learnt", "random 0"]


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_text_can_be_read_on_every_colour(palette):
    for name in ("ink", "muted", "accent", "second"):
        assert contrast(getattr(palette, name), palette.card) >= 4.5, name
        assert contrast(getattr(palette, name), palette.paper) >= 4.5, name
    pairs = [*zip(palette.signed, palette.signed_ink, strict=True),
             *zip(palette.unsigned, palette.unsigned_ink, strict=True)]  # fmt: skip
    assert min(contrast(*pair) for pair in pairs) >= 4.4


def test_contrast_and_mixing_agree_with_hand_calculation():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert mixed("#000000", "#ff8000", 0.5) == "#804000"


def test_stand_ins_are_all_different():
    found = STAND_INS.variables()
    assert len(set(found.values())) == len(found) and set(found) == set(LIGHT.variables())


@pytest.mark.parametrize(("value", "signed", "text"), [
    (0.35, True, "+.35"), (-0.351, True, "-.35"), (1.234, False, "1.2"), (0.999, False, "1.0"),
    (0.0, False, ".00"), (12.0, True, "+12.0"),
])  # fmt: skip
def test_numbers_in_cells_are_short(value, signed, text):
    assert figures.cell(value, signed) == text


def test_png_is_twice_the_size_of_the_page():
    import io

    from PIL import Image

    with drawing():
        data = png(figures.bars({"a": 1.0}, 1.0, None, LIGHT), LIGHT.card)
    with Image.open(io.BytesIO(data)) as picture:
        assert picture.size[0] == 2 * figures.WIDTH
        assert picture.convert("RGBA").getpixel((2, 2)) == (255, 255, 255, 255)
