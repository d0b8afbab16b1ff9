"""One HTML page that needs nothing but itself."""

import base64
import hashlib
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from matplotlib.figure import Figure
from PIL import Image

from directions.checkpoint import Directions
from directions.errors import MeasuresError
from directions.measures import Measures, Row, basis_digest
from directions.report import figures, words
from directions.report.commands import commands
from directions.report.drawing import svg
from directions.report.matching import Matching
from directions.report.palette import DARK, LIGHT, STAND_INS, Palette
from directions.report.walks import AMOUNTS, loop_stops

HERE = Path(__file__).parent
MAJORITY = 0.5  # share of a direction's effect from which it is one factor's
FOUND_AGAIN = 0.9  # reproducibility from which a direction counts as found again


@dataclass(frozen=True)
class Content:
    """Everything a report shows. `walks` holds one strip a row, in the order of the basis."""

    learnt: Directions
    measures: Measures
    path: Path
    walks: Sequence[bytes]
    reach: float
    samples: int
    matchings: Sequence[Matching] = field(default_factory=list)

    @property
    def ranked(self) -> list[Row]:
        """The rows, the highest score first."""
        by_row = {one.row: one for one in self.measures.rows}
        return [by_row[row] for row in self.measures.ranking]


def own_measures(learnt: Directions, path: Path, where: Path) -> Measures:
    """Read the measures of a directions file from `where` they lie.

    Raises `MeasuresError` where there are none, and for those of another basis or a part of this.
    """
    digest = basis_digest(learnt.basis)
    if not where.is_file():
        raise MeasuresError(f"no measures beside {path}; `directions measure {path}` writes them")
    measures = Measures.load(where)
    if measures.basis != digest:
        raise MeasuresError(
            f"{where} was measured on another basis ({measures.basis[:8]}) than {path} holds "
            f"({digest[:8]}); `directions measure {path}` measures this one"
        )
    count = len(learnt.basis)
    if [one.row for one in measures.rows] != list(range(count)):
        raise MeasuresError(
            f"{where} has {len(measures.rows)} rows for {count} directions; "
            f"`directions measure {path}` measures them again"
        )
    shapes = {(len(r.slots), *r.factors, *r.statistics, *r.transfer) for r in measures.rows}
    if len(shapes) > 1 or any(not 0 <= row < count for row, _ in measures.factor_shares.values()):
        raise MeasuresError(f"{where} is damaged: its rows do not fit together")
    return measures


def page(content: Content) -> str:
    """The whole page."""
    environment = Environment(
        loader=PackageLoader("directions.report", "."), autoescape=True,
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    script = (HERE / "page.js").read_text()
    style = environment.get_template("page.css").render(
        light=LIGHT.variables(), dark=DARK.variables(), stops=loop_stops(), amounts=AMOUNTS
    )
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return environment.get_template("page.html").render(
        style=Markup(style), script=Markup(script), script_digest=digest, amounts=AMOUNTS,
        scores=words.SCORES, bars=words.BARS, majority=MAJORITY, interval=words.interval,
        optional=words.optional, number=words.number,
        diagonality=words.DIAGONALITY, disentanglement=words.DISENTANGLEMENT,
        facts=facts(content), cards=[_card(content, one) for one in content.ranked],
        figures={name: Markup(svg(f, name, name)) for name, f in whole(content).items()},
        commands=commands(content.learnt, content.measures.settings, content.path),
        provenance=provenance(content), content=content, learnt=content.learnt,
        measures=content.measures,
    )  # fmt: skip


def whole(content: Content, colours: Palette = STAND_INS) -> dict[str, Figure]:
    """The figures of the basis as a whole, by what they show; only those there is data for."""
    measures, called, ranked = content.measures, content.learnt.called, content.ranked
    found: dict[str, Figure] = {}
    if measures.penalty:
        found["penalty"] = figures.penalties(measures.penalty, colours)
    if any(one.reproducibility is not None for one in ranked):
        found["ranking"] = figures.ranking(measures, called, colours)
    names = [called(one.row) for one in ranked]
    if measures.factor_shares:
        shares = {f"{name} → {row}": share for name, (row, share) in measures.factor_shares.items()}
        found["shares"] = figures.bars(shares, 1.0, MAJORITY, colours)
    for name in ("factors", "transfer"):
        columns = list(getattr(ranked[0], name))
        if columns:
            values = np.array([[getattr(one, name).get(c, 0) for c in columns] for one in ranked])
            found[name] = figures.matrix(values, names, columns, colours)
    if len(ranked[0].slots) > 1:
        slots = [str(index) for index in range(len(ranked[0].slots))]
        values = np.array([one.slots for one in ranked])
        found["slots"] = figures.matrix(values, names, slots, colours)
    for index, one in enumerate(content.matchings):
        found[f"matching {index}"] = figures.matching(one.cosines, one.other, colours)
    return found


def facts(content: Content) -> list[tuple[str, str, str]]:
    """What to know first: a number, what it is, and what it stands beside."""
    measures, rows = content.measures, content.measures.rows
    found = []
    random = [v.mean for k, v in measures.penalty.items() if k.startswith("random")]
    if "learnt" in measures.penalty and random:
        mine, theirs = measures.penalty["learnt"].mean, sum(random) / len(random)
        beside = f"{theirs:.4g} for random bases"
        found.append(
            (f"{words.signed(100 * (mine / theirs - 1))} %", f"penalty {mine:.4g}", beside)
        )
    strong = sum(one.effect_ratio > 1 for one in rows)
    found.append((f"{strong} of {len(rows)}", "do more than random", "by their effect"))
    known = [one.reproducibility for one in rows if one.reproducibility is not None]
    if known:
        again = sum(value >= FOUND_AGAIN for value in known)
        beside = f"|cosine| of {FOUND_AGAIN:g} or more"
        found.append((f"{again} of {len(known)}", "are found again", beside))
    if measures.factor_shares:
        shares = [share for _, share in measures.factor_shares.values()]
        whole = sum(share > MAJORITY for share in shares)
        beside = "with over half of its effect on them"
        found.append((f"{whole} of {len(shares)}", "factors have a direction", beside))
    return found


def provenance(content: Content) -> list[tuple[str, str]]:
    """Where the directions and their measures come from."""
    learnt, measures = content.learnt, content.measures
    identity = learnt.identity
    truncation = "none" if identity.truncation is None else f"{identity.truncation:g}"
    slots = "all" if learnt.slots is None else f"{learnt.slots[0]} to {learnt.slots[1]}"
    known = [(name, value) for name, value in learnt.settings.items() if value is not None]
    return [
        ("file", str(content.path)),
        ("generator", identity.name),
        ("weights, SHA-256", identity.weights or "unknown"),
        ("basis, SHA-256", measures.basis),
        ("directions", f"{learnt.basis.shape[0]} of {learnt.basis.shape[1]} dimensions"),
        ("truncation", truncation),
        ("slots", f"{slots} of {identity.slots}"),
        ("step", str(learnt.step)),
        *((f"learnt: {name}", str(value)) for name, value in known),
        *((f"measured: {name}", str(value)) for name, value in measures.settings.items()),
        *((f"version: {name}", text) for name, text in learnt.versions.items()),
        *([("note", learnt.note)] if learnt.note else []),
    ]


def _card(content: Content, one: Row) -> dict:
    """What the page shows of one direction."""
    rows, picture = content.measures.rows, content.walks[one.row]
    width, height = Image.open(io.BytesIO(picture)).size
    name = "factors" if one.factors else "statistics"
    drawn = {}
    if moved := getattr(one, name):
        drawn[name] = figures.signed_bars(moved, figures.largest(rows, name), STAND_INS)
    if len(one.slots) > 1:
        shares = {f"slot {index}": share for index, share in enumerate(one.slots)}
        limit = max(max(row.slots) for row in rows)
        drawn["slots"] = figures.bars(shares, limit, None, STAND_INS)
    if one.transfer:
        limit = max(figures.largest(rows, "transfer"), 1.0)
        drawn["transfer"] = figures.bars(one.transfer, limit, 1.0, STAND_INS)
    called = content.learnt.called(one.row)
    return {
        "row": one, "called": called, "tile": f"{width / content.samples / (height / AMOUNTS):.4f}",
        "name": content.learnt.names.get(one.row, ""),
        "note": content.learnt.notes.get(one.row, ""),
        "walk": f"data:image/webp;base64,{base64.b64encode(picture).decode()}",
        "figures": {
            name: Markup(
                svg(figure, f"{name} {one.row}", f"{words.BARS[name][0]} of direction {called}")
            )
            for name, figure in drawn.items()
        },
        "values_text": json.dumps(_values(one)),
        "numbers": {
            "factors": one.factors, "statistics": one.statistics, "transfer": one.transfer,
            "slots": {f"slot {index}": share for index, share in enumerate(one.slots)},
        },
    }  # fmt: skip


def _values(one: Row) -> dict[str, float | None]:
    """What the page can sort by."""
    found = {score.key: score.value(one) for score in words.SCORES}
    found["row"] = float(one.row)
    found |= {f"factor {name}": abs(value) for name, value in one.factors.items()}
    return found | {f"statistic {name}": abs(value) for name, value in one.statistics.items()}
