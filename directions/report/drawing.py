"""Figures of matplotlib as SVG that takes its colours and its font from the page, or as PNG."""

import io
import re
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from directions.report.palette import STAND_INS, Palette

Pixels = int | float

INCH = 72  # pixels of a page in an inch of a figure: one unit of the SVG is one pixel
SIZE = 11.5  # of text, in pixels
SETTINGS: dict[Any, Any] = {
    "svg.fonttype": "none",  # text stays text: it can be searched, and follows the page's font
    "text.parse_math": False,  # names are the user's: a dollar is a dollar
    "font.size": SIZE,
    "axes.unicode_minus": True,
}


def blank(
    width: Pixels, height: Pixels, margins: Sequence[Pixels], colours: Palette
) -> tuple[Figure, Axes]:
    """A figure with one bare axes; sizes in pixels, margins left, right, top, bottom."""
    left, right, top, bottom = margins
    figure = Figure(figsize=(width / INCH, height / INCH), dpi=INCH)
    figure.patch.set_alpha(0)
    axes = figure.add_axes(
        (left / width, bottom / height, (width - left - right) / width,
         (height - top - bottom) / height)
    )  # fmt: skip
    axes.patch.set_alpha(0)
    axes.tick_params(length=0, colors=colours.muted, labelsize=SIZE, pad=5)
    for spine in axes.spines.values():
        spine.set_visible(False)
    return figure, axes


@contextmanager
def drawing() -> Iterator[None]:
    """Settings while figures are made and written.

    A glyph that matplotlib's font lacks is no reason to warn: the browser's may have it.
    """
    with rc_context(SETTINGS), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing")
        yield


def svg(figure: Figure, name: str, label: str) -> str:
    """An <svg> element to stand in a page: `name` keeps its ids apart, `label` is read aloud."""
    buffer = io.StringIO()
    with drawing(), rc_context({"svg.hashsalt": name}):
        figure.savefig(buffer, format="svg", metadata={"Date": None})
    text = buffer.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.S)
    text = re.sub(r"<defs>\s*<style.*?</style>\s*</defs>", "", text, flags=re.S)
    text = re.sub(r'<g id="[^"]*"(/?)>', r"<g\1>", text)
    text = re.sub(r"font(-family)?: ?([^;\"]*?)'?DejaVu Sans'?[^;\"]*", _font, text)
    for variable, colour in STAND_INS.variables().items():
        text = text.replace(colour, f"var(--{variable})")
    width, height = (round(inches * INCH) for inches in figure.get_size_inches())
    head = (
        f'<svg role="img" aria-label="{_attribute(label)}" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}">'
    )
    return re.sub(r"\n\s*", "\n", re.sub(r"<svg[^>]*>", lambda _: head, text, count=1)).strip()


def png(figure: Figure, background: str) -> bytes:
    """The figure as a picture of twice its size on the page."""
    buffer = io.BytesIO()
    figure.patch.set_alpha(1)
    with drawing():
        figure.savefig(buffer, format="png", dpi=2 * INCH, facecolor=background)
    return buffer.getvalue()


def _font(match: re.Match) -> str:
    """Keep the size of a font and leave its family to the page."""
    size = re.search(r"[\d.]+px", match.group(2))
    return f"font-size: {size.group()}" if size else "font-family: inherit"


def _attribute(text: str) -> str:
    for sign, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;")):
        text = text.replace(sign, entity)
    return text
