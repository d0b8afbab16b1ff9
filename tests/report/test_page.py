"""The page as a parser sees it: what it holds, in which order, and what it does not do."""

import base64
import hashlib
import io
import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest
from PIL import Image

from directions.checkpoint import Directions
from directions.identity import Identity
from directions.measures import NAME, Measures
from directions.report.page import Content, page
from directions.report.walks import AMOUNTS
from tests.plausible import plausible
from tests.report.conftest import NASTY

VOID = {"meta", "input", "br", "img", "link", "hr"}


class Page(HTMLParser):
    """Checks that elements nest, and gathers them with their text."""

    def __init__(self, text):
        super().__init__()
        self.open, self.elements = [], []
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attrs):
        element = {"tag": tag, "text": "", **dict(attrs)}
        self.elements.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag, attrs):
        self.elements.append({"tag": tag, "text": "", **dict(attrs)})

    def handle_endtag(self, tag):
        assert self.open.pop()["tag"] == tag

    def handle_data(self, data):
        for element in self.open:
            element["text"] += data

    def all(self, tag, **attributes):
        return [
            e for e in self.elements
            if e["tag"] == tag and all(e.get(k.rstrip("_")) == v for k, v in attributes.items())
        ]  # fmt: skip


@pytest.fixture(scope="module")
def text(made):
    return (made / "report.html").read_text()


@pytest.fixture(scope="module")
def parsed(text):
    return Page(text)


@pytest.fixture(scope="module")
def measures(made):
    return Measures.load(made / NAME)


def content(count=3, walks=None, **changes):
    basis = np.eye(count, dtype=np.float32)
    learnt = Directions(basis=basis, identity=Identity(generator="one", latent_dim=count))
    buffer = io.BytesIO()
    Image.new("RGB", (2 * 8, AMOUNTS * 8)).save(buffer, "WEBP")
    measures = replace(plausible(basis), **changes)
    return Content(learnt, measures, learnt_path(), walks or [buffer.getvalue()] * count, 5.0, 2)


def learnt_path():
    from pathlib import Path

    return Path("run/directions.safetensors")


def test_directions_stand_in_the_order_of_the_ranking(parsed, measures):
    cards = [int(card["data-row"]) for card in parsed.all("li", class_="card")]
    assert cards == measures.ranking and sorted(cards) == list(range(12))
    links = [int(a["href"].rpartition("-")[2]) for a in parsed.all("a")
             if a["href"].startswith("#direction-")]  # fmt: skip
    assert links[:12] == measures.ranking


def test_every_direction_has_its_own_walk_and_scores(parsed, measures):
    walks = [e["style"] for e in parsed.all("div", class_="walk")]
    assert len(set(walks)) == 12
    data = re.search(r"base64,([^)]*)\)", walks[0])
    with Image.open(io.BytesIO(base64.b64decode(data[1]))) as strip:
        assert strip.format == "WEBP" and strip.size == (6 * 64, AMOUNTS * 64)
    by_row = {one.row: one for one in measures.rows}
    for card in parsed.all("li", class_="card"):
        one, values = by_row[int(card["data-row"])], json.loads(card["data-values"])
        assert values["score"] == one.score and values["reach"] == one.reach
        assert values["factor hue"] == abs(one.factors["hue"])
        assert f"{one.effect_ratio:.2f} ×" in card["text"]


def test_names_and_notes_are_text_and_nothing_else(parsed, text):
    cards = {c["data-row"]: c["text"] for c in parsed.all("li", class_="card")}
    assert f"Direction 5 · {NASTY}" in cards["5"] and "<b>clear</b>" in cards["3"]
    assert len(parsed.all("script")) == 1 and not parsed.all("b") and not parsed.all("img")
    assert "<script>alert" not in text


def test_words_of_measures_are_text_too():
    nasty = content(formula="<i>x</i>", generator="<i>y</i>", penalty={})
    rows = [replace(one, description="<i>d</i>", factors={"<i>f</i>": 1.0}) for one in
            nasty.measures.rows]  # fmt: skip
    shares = {"<i>f</i>": (0, 0.6)}
    measures = replace(nasty.measures, rows=rows, factor_shares=shares)
    found = Page(page(replace(nasty, measures=measures)))
    assert not found.all("i") and "<i>y</i>" in found.all("h1")[0]["text"]


def test_the_page_asks_the_network_for_nothing(parsed, text):
    assert not re.findall(r"https?:|ftp:|@import", text)
    for element in parsed.elements:
        assert element["tag"] not in ("link", "iframe", "object", "embed")
        for name in ("src", "href", "xlink:href", "action", "srcset"):
            assert element.get(name, "#").startswith("#"), element
    assert set(re.findall(r"url\((.{5})", text)) <= {"data:"} | set(
        re.findall(r"url\((#.{4})", text)
    )


def test_the_policy_lets_only_the_pages_own_script_run(parsed):
    policy = parsed.all("meta", **{"http-equiv": "Content-Security-Policy"})[0]["content"]
    script = parsed.all("script")[0]["text"].encode()
    digest = base64.b64encode(hashlib.sha256(script).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in policy and "default-src 'none'" in policy


def test_ids_are_unique_and_references_lead_somewhere(parsed, text):
    ids = [e["id"] for e in parsed.elements if "id" in e]
    assert len(ids) == len(set(ids))
    wanted = {e["href"][1:] for e in parsed.all("a")} | {
        e["aria-describedby"] for e in parsed.elements if "aria-describedby" in e
    }
    assert wanted | set(re.findall(r"url\(#([^)]*)\)", text)) <= set(ids)


def test_scores_explain_themselves_on_hover_and_focus(parsed):
    terms = [e for e in parsed.elements if e.get("class") == "term"]
    assert len(terms) == 12 * (6 + 3)
    assert all(e["tabindex"] == "0" and len(e["data-meaning"]) > 20 for e in terms)
    assert (
        "What the list is ranked by: effect_ratio times reproducibility."
        in (terms[0]["data-meaning"])
    )


def test_the_best_direction_of_every_factor_is_named_with_its_share(parsed, measures):
    told = parsed.all("section", id="factors")[0]["text"]
    for name, (row, share) in measures.factor_shares.items():
        called = {3: "3 turning", 5: f"5 {NASTY}"}.get(row, str(row))
        assert re.search(rf"{name}\s*{re.escape(called)}\s*{100 * share:.0f} %", told), name


def test_the_whole_basis_is_told(parsed, measures):
    titles = [e["text"] for e in parsed.all("h3")]
    for title in ("Penalty beside baselines", "Diagonality", "Slots", "Transfer", "Best match",
                  "Disentanglement", "Direction by factor"):  # fmt: skip
        assert title in titles
    assert "6.10 (5.20 to 7.00)" in parsed.all("section", id="basis")[0]["text"]
    assert "Random bases: 0.310 (0.290 to 0.330)." in parsed.all("section", id="basis")[0]["text"]
    factors = parsed.all("section", id="factors")[0]["text"]
    assert "Random bases: 0.28." in factors and "random disentanglement" not in factors
    origin = parsed.all("section", id="origin")[0]["text"]
    assert "directions learn --solver closed-form --generator objects-64 --class car" in origin
    facts = parsed.all("dl", class_="facts")[0]["text"]
    majority = sum(share > 0.5 for _, share in measures.factor_shares.values())
    assert majority and f"{majority} of 7" in facts
    strong = sum(one.effect_ratio > 1 for one in measures.rows)
    assert 0 < strong < 12 and f"{strong} of 12" in facts
    assert "−37 %" in facts and "43 for random bases" in facts  # 27.1 beside 41, 42, 43, 44, 45


def test_a_basis_matched_with_itself_agrees(parsed):
    basis = parsed.all("section", id="basis")[0]["text"]
    assert "On the diagonal 1.00 to 1.00, 1.00 in the mean." in basis


def test_what_was_not_measured_is_left_out():
    bare = content(penalty={}, diagonality={}, disentanglement={}, factor_shares={}, random={})
    rows = [
        replace(one, factors={}, transfer={}, slots=[1.0], reproducibility=None, reach=None)
        for one in bare.measures.rows
    ]
    found = Page(page(replace(bare, measures=replace(bare.measures, rows=rows))))
    assert [e["text"] for e in found.all("h3") if "Direction" not in e["text"]] == []
    assert "picture statistics" in found.all("li", class_="card")[0]["text"]
    sections = [e["id"] for e in found.all("section")]
    assert sections == ["directions", "origin", "meanings"]


def test_32_directions_stay_under_15_megabytes(text):
    """Nothing but the matching grows faster than the number of directions."""
    assert len(text.encode()) * 32 / 12 < 15e6


def test_the_same_content_makes_the_same_page():
    assert page(content(1)) == page(content(1))
