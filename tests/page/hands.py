"""What a user of the page sees and touches, and what ought to be seen then."""

import base64
import io
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

from directions.checkpoint import Directions
from directions.edit import Edit, Sample
from directions.generators.open import open_generator
from directions.measures import basis_digest
from directions.render import to_frame
from directions.strip import strip
from tests.page.serving import BROWSER, SAMPLES

sync = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
pytest.importorskip("nicegui", reason="nicegui is not installed", exc_type=ImportError)

needs_browser = pytest.mark.skipif(not BROWSER.exists(), reason=f"there is no browser at {BROWSER}")


def fresh(folder, **changes):
    learnt = Directions.load(folder / "directions.safetensors")
    edit = Edit(
        source="directions.safetensors", basis=basis_digest(learnt.basis),
        generator="objects-64", weights=learnt.identity.weights, labels=(1,), truncation=1.0,
        samples=tuple(Sample(0, number) for number in range(SAMPLES)),
    )  # fmt: skip
    return replace(edit, **changes)


def expected(folder, edit):
    """The pictures of an edit, from the library."""
    basis = torch.from_numpy(Directions.load(folder / "directions.safetensors").basis)
    generators = open_generator(labels=["any"], truncation=edit.truncation).generators
    images = strip(lambda point: generators[point.label], basis, edit.points)
    return [to_frame(one[None, None]) for one in images]


def shown(page, which="after"):
    """The pictures that the browser has, decoded."""
    sources = page.eval_on_selector_all(f"img.{which}", "all => all.map(one => one.src)")
    return [
        np.asarray(Image.open(io.BytesIO(base64.b64decode(one.partition(",")[2]))))
        for one in sources
    ]


def same(pictures, others):
    return len(pictures) == len(others) and all(
        np.abs(a.astype(int) - b).max() <= 1 for a, b in zip(pictures, others, strict=True)
    )


def await_pictures(page, pictures, which="after"):
    for _ in range(100):
        if same(shown(page, which), pictures):
            return
        page.wait_for_timeout(50)
    raise AssertionError("the page does not show these pictures")


def place(page, slider, share):
    """Where a slider is touched, from 0 at its left end to 1 at its right."""
    track = page.locator(slider).locator(".q-slider__track")
    track.scroll_into_view_if_needed()
    box = track.bounding_box()
    if box is None:
        raise sync.Error(f"{slider} went away while it was looked for")
    return box["x"] + share * box["width"], box["y"] + box["height"] / 2


def put(page, row, share):
    page.mouse.click(*place(page, f'[data-row="{row}"]', share))


def value(page, row):
    return float(page.locator(f'[data-row="{row}"] .value').inner_text())


def press(page, name):
    page.locator(f'[aria-label^="{name}"]').first.click()
