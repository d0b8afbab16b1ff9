"""A browser, a server and a page."""

import pytest
import torch

from directions.basis import random_basis
from directions.checkpoint import Directions
from directions.generators.open import open_generator
from tests.page.serving import BROWSER, SAMPLES, serving

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update",
         "--disable-sync"]  # fmt: skip


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright  # or its tests are skipped

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=BROWSER, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser):
    """Opens pages, and fails for whatever their consoles hold or that goes outside."""
    contexts, wrong = [], []

    def opened(address, **options):
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}} | options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(30_000)
        page.on("console", lambda m: wrong.append(m.text) if m.type != "log" else None)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        inside = (address, address.replace("http", "ws"), "data:")
        page.on("request", lambda r: r.url.startswith(inside) or wrong.append(r.url))
        page.on("websocket", lambda s: s.url.startswith(inside) or wrong.append(s.url))
        page.goto(address)
        page.wait_for_selector("img.after[src]")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not wrong


@pytest.fixture(scope="module")
def run_folder(tmp_path_factory):
    """Directions of cars that were never learnt: eight rows at random."""
    folder = tmp_path_factory.mktemp("run")
    basis = random_basis(10, 12, torch.Generator().manual_seed(1)).numpy()
    identity = open_generator(labels=["car"]).identity
    Directions(basis=basis, identity=identity).save(folder / "directions.safetensors")
    return folder


@pytest.fixture(scope="module")
def served(run_folder):
    with serving(run_folder, "directions.safetensors", "--samples", SAMPLES) as address:
        yield address


@pytest.fixture
def page(served, open_page):
    return open_page(served)
