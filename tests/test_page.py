"""The page in a real browser: what is touched, and what is seen then."""

import base64
import io
import os
import random
import re
import signal
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from typer.testing import CliRunner

from cli.main import app
from directions.basis import random_basis
from directions.checkpoint import Directions
from directions.edit import Edit, Sample
from directions.generators.open import open_generator
from directions.measures import basis_digest
from directions.render import to_frame
from directions.strip import strip
from tests import fakes

sync = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
pytest.importorskip("nicegui", reason="nicegui is not installed", exc_type=ImportError)

BROWSER = Path("/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update",
         "--disable-sync"]  # fmt: skip
FAKES = Path(__file__).parent / "fakes.py"
pytestmark = pytest.mark.skipif(not BROWSER.exists(), reason=f"there is no browser at {BROWSER}")
SAMPLES = 3


@contextmanager
def serving(folder, *arguments, end=signal.SIGTERM):
    """A server in a process of its own; gives its address and, at the end, checks what it said."""
    env = {name: value for name, value in os.environ.items() if name != "PYTEST_CURRENT_TEST"}
    log = folder / "server.log"
    with log.open("w") as said:
        server = subprocess.Popen(
            [sys.executable, "-m", "cli", "explore", *map(str, arguments), "--port", "0",
             "--device", "cpu"],
            stdout=subprocess.PIPE, stderr=said, text=True, cwd=folder, env=env,
        )  # fmt: skip
    try:
        assert server.stdout is not None
        address = server.stdout.readline().strip()
        assert address.startswith("http://127.0.0.1:"), log.read_text()
        yield address
    finally:
        server.send_signal(end)
        code = server.wait(timeout=30)
        server.stdout.close()
    assert log.read_text() == "" and code == (0 if end == signal.SIGINT else -end)


@pytest.fixture(scope="module")
def browser():
    with sync.sync_playwright() as playwright:
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


def test_a_slider_moves_the_pictures_along_its_direction(page, run_folder):
    await_pictures(page, expected(run_folder, fresh(run_folder)))
    put(page, 2, 0.8)
    page.wait_for_function("document.querySelector('[data-row=\"2\"] .value').innerText != '0'")
    assert 2.5 < value(page, 2) < 3.5
    await_pictures(page, expected(run_folder, fresh(run_folder, amounts={2: value(page, 2)})))
    press(page, "Undo")
    await_pictures(page, expected(run_folder, fresh(run_folder)))
    press(page, "Redo")
    page.keyboard.press("Control+z")
    await_pictures(page, expected(run_folder, fresh(run_folder)))
    assert page.locator('[data-row="2"] .value').inner_text() == "0"


def test_a_drag_is_undone_as_one_step(page, run_folder):
    page.mouse.move(*place(page, '[data-row="1"]', 0.5))
    page.mouse.down()
    for share in (0.6, 0.7, 0.75, 0.8, 0.85, 0.9):
        page.mouse.move(*place(page, '[data-row="1"]', share))
    page.mouse.up()
    await_pictures(page, expected(run_folder, fresh(run_folder, amounts={1: 4.0})))
    page.wait_for_timeout(200)
    press(page, "Undo")
    await_pictures(page, expected(run_folder, fresh(run_folder)))
    assert page.locator('[aria-label^="Undo"]').is_disabled()


def test_the_keyboard_moves_a_slider(page, run_folder):
    page.locator('[data-row="1"] .q-slider [tabindex]').focus()
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    await_pictures(page, expected(run_folder, fresh(run_folder, amounts={1: 0.2})))


def test_alignment_brings_all_samples_to_one_coordinate(page, run_folder):
    page.locator('[data-row="0"] .align').click()
    await_pictures(page, expected(run_folder, fresh(run_folder, aligned={0: 0.0})))
    press(page, "put back direction 0")
    await_pictures(page, expected(run_folder, fresh(run_folder)))


def test_before_and_after_stand_side_by_side(page, run_folder):
    put(page, 0, 0.1)
    page.locator(".views .q-btn", has_text="both").click()
    await_pictures(page, expected(run_folder, fresh(run_folder)), "before")
    after = expected(run_folder, fresh(run_folder, amounts={0: value(page, 0)}))
    await_pictures(page, after)
    page.locator(".views .q-btn", has_text="before").click()
    page.wait_for_selector("img.after", state="hidden")
    assert page.locator("img.before").first.is_visible()


def test_pinned_samples_stay_when_new_ones_come(page, run_folder):
    page.locator(".tile").nth(1).hover()
    press(page, "pin sample 1")
    page.locator(".renew").click()
    samples = (Sample(0, 3), Sample(0, 1), Sample(0, 4))
    await_pictures(page, expected(run_folder, fresh(run_folder, samples=samples)))


def test_class_seed_truncation_and_slots_change_the_pictures(page, run_folder):
    page.get_by_label("Seed").fill("7")
    samples = tuple(Sample(7, number) for number in range(SAMPLES))
    edit = fresh(run_folder, samples=samples)
    await_pictures(page, expected(run_folder, edit))
    page.get_by_label("Class").click()
    page.get_by_role("option", name="mug").click()
    page.keyboard.press("Escape")
    page.wait_for_selector(".q-menu", state="detached")
    edit = replace(edit, labels=(1, 5))
    await_pictures(page, expected(run_folder, edit))
    page.mouse.click(*place(page, '[aria-label="truncation"]', 9 / 19))
    edit = replace(edit, truncation=0.5)
    await_pictures(page, expected(run_folder, edit))
    page.mouse.click(*place(page, '[aria-label="slots"]', 3 / 4))
    page.wait_for_selector("text=0 to 3 of 0 to 4")
    put(page, 3, 0.9)
    page.wait_for_function("document.querySelector('[data-row=\"3\"] .value').innerText != '0'")
    edit = replace(edit, slots=(0, 3), amounts={3: value(page, 3)})
    await_pictures(page, expected(run_folder, edit))


def test_naming_writes_into_the_file_and_finds_the_direction(page, run_folder):
    press(page, "name direction 4")
    page.get_by_label("Name", exact=True).fill("turns left")
    page.get_by_label("Note").fill("and lifts the roof")
    page.get_by_role("button", name="Save name").click()
    page.wait_for_selector("text=turns left")
    again = Directions.load(run_folder / "directions.safetensors")
    assert again.names == {4: "turns left"} and again.notes == {4: "and lifts the roof"}
    page.get_by_label("search").fill("roof")
    page.wait_for_function("document.querySelectorAll('.direction').length == 1")
    assert "turns left" in page.locator(".direction").inner_text()
    page.get_by_label("search").fill("nothing of the kind")
    page.wait_for_selector(".nothing")


def test_more_directions_are_shown_when_asked_for(page):
    assert page.locator(".direction").count() == 8
    page.get_by_role("button", name="Show all 10").click()
    page.wait_for_function("document.querySelectorAll('.direction').length == 10")


def test_a_saved_edit_is_made_again_by_the_command_line(page, run_folder):
    put(page, 0, 0.9)
    put(page, 1, 0.3)
    page.locator('[data-row="2"] .align').click()
    page.locator(".save").click()
    page.get_by_text("Picture, JSON and video").click()
    told = page.locator(".q-notification").inner_text()
    saved = run_folder / re.search(r"edit-\d+\.json", told)[0]
    edit = Edit.load(saved)
    assert set(edit.amounts) == {0, 1} and edit.aligned == {2: 0.0}
    assert edit == fresh(run_folder, amounts=edit.amounts, aligned=edit.aligned)
    assert saved.with_suffix(".mp4").stat().st_size > 1000
    again = run_folder / "again.png"
    done = CliRunner().invoke(app, ["render", "--edit", str(saved), "--out", str(again)])
    assert done.exit_code == 0, done.output
    assert again.read_bytes() == saved.with_suffix(".png").read_bytes()


def test_a_reload_finds_everything_where_it_was(page, run_folder):
    put(page, 0, 0.7)
    amounts = {0: 2.0}
    await_pictures(page, expected(run_folder, fresh(run_folder, amounts=amounts)))
    page.reload()
    await_pictures(page, expected(run_folder, fresh(run_folder, amounts=amounts)))
    assert value(page, 0) == 2
    press(page, "Undo")
    await_pictures(page, expected(run_folder, fresh(run_folder)))


def test_tabs_do_not_disturb_one_another(page, served, open_page, run_folder):
    other = open_page(served)
    put(page, 0, 0.7)
    await_pictures(page, expected(run_folder, fresh(run_folder, amounts={0: 2.0})))
    assert same(shown(other), expected(run_folder, fresh(run_folder)))


def test_a_page_can_start_from_a_saved_edit(run_folder, open_page):
    edit = fresh(run_folder, amounts={1: -6.0}, samples=(Sample(4, 2),))
    edit.save(run_folder / "start.json")
    with serving(run_folder, "directions.safetensors", "--edit", "start.json") as address:
        page = open_page(address)
        await_pictures(page, expected(run_folder, edit))
        assert value(page, 1) == -6


@pytest.mark.parametrize("width", [390, 1280])
def test_the_page_fits_its_window_in_light_and_dark(served, open_page, width):
    for scheme in ("light", "dark"):
        page = open_page(served, color_scheme=scheme, viewport={"width": width, "height": 844})
        page.wait_for_timeout(300)  # what comes in by and by has found its place
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert (sum(map(int, re.findall(r"\d+", ground))) < 200) == (scheme == "dark")


def test_a_slow_generator_says_what_it_does_and_drops_what_is_stale(tmp_path, open_page):
    with serving(
        tmp_path, "coordinates", "--generator", f"{FAKES}:slow", "--samples", 3
    ) as address:
        page = open_page(address)
        assert page.locator(".settings .q-slider").count() == 0  # no truncation, one slot
        page.wait_for_function("/^3 pictures/.test(document.querySelector('.told').innerText)")
        for share in (0.1, 0.2, 0.3, 0.4, 0.6, 0.7, 0.8, 0.9):
            put(page, 0, share)
        page.wait_for_selector("text=/Generating picture . of 3/")
        page.wait_for_function("/^[0-9]+ pictures/.test(document.querySelector('.told').innerText)")
        made = int(page.locator(".told").inner_text().split()[0])
        assert 3 <= made < 8 * 3
        edit = Edit(source="", basis="", generator="", weights="", amounts={0: value(page, 0)},
                    samples=tuple(Sample(0, number) for number in range(3)))  # fmt: skip
        images = strip(lambda point: fakes.slow(), torch.eye(4), edit.points)
        await_pictures(page, [to_frame(one[None, None]) for one in images])
    assert [path.name for path in tmp_path.iterdir()] == ["server.log"]


def test_another_site_cannot_use_the_page(served):
    import urllib.error
    import urllib.request

    request = urllib.request.Request(served, headers={"Host": "elsewhere.example"})
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(request)
    assert caught.value.code == 400
    caught.value.close()


def random_user(page, rng):
    """One action of somebody who tries everything; gives its name."""
    rows = page.eval_on_selector_all(".direction", "all => all.map(one => one.dataset.row)")
    if not rows:
        return page.get_by_label("search").fill("")
    row = rng.choice(rows)
    texts = {"Seed": ["", "0", "12", "-3", "1e9", "99999999999"], "Samples": ["1", "4", "0", "900"],
             "Reach": ["3", "0", "250", ""], "search": ["", "3", "left", "<b>", "%"]}  # fmt: skip
    field = rng.choice(list(texts))

    def slide():
        put(page, row, rng.random())

    def drag():
        page.mouse.move(*place(page, f'[data-row="{row}"]', 0.5))
        page.mouse.down()
        for _ in range(5):
            page.mouse.move(*place(page, f'[data-row="{row}"]', rng.random()))
        page.mouse.up()

    def fill():
        page.get_by_label(field).fill(rng.choice(texts[field]))

    def choose():
        page.get_by_label("Class").click()
        page.get_by_role("option").nth(rng.randrange(6)).click()
        page.keyboard.press("Escape")
        page.wait_for_selector(".q-menu", state="detached")

    def setting():
        slider = rng.choice(["truncation", "slots"])
        page.mouse.click(*place(page, f'[aria-label="{slider}"]', rng.random()))

    def name():
        press(page, f"name direction {row}")
        page.get_by_label("Name", exact=True).fill(
            rng.choice(["", "left", "<b>bold</b>", "é" * 90])
        )
        page.keyboard.press("Enter")
        page.keyboard.press("Escape")
        page.wait_for_selector(".naming", state="hidden")

    def save():
        page.locator(".save").click()
        page.get_by_text("Picture and JSON").click()
        page.wait_for_selector(".q-menu", state="detached")

    def reload():
        page.reload(timeout=30_000)
        page.wait_for_selector(".tile img[src]", state="attached", timeout=30_000)

    def view():
        page.locator(".views .q-btn").nth(rng.randrange(3)).click()

    def pin():
        page.locator(".tile .pin").first.click(force=True)

    act = rng.choices(
        [slide, drag, fill, choose, setting, name, save, reload, view, pin,
         lambda: page.locator(f'[data-row="{row}"] .align').click(),
         lambda: page.locator(".renew").click(), lambda: page.keyboard.press("Control+z"),
         lambda: page.keyboard.press("Control+Shift+z"), lambda: press(page, "Put all"),
         lambda: press(page, "Light or dark"), lambda: page.locator(".more").click()],
        [30, 15, 15, 8, 8, 5, 4, 2, 8, 8, 12, 8, 12, 6, 3, 3, 4],
    )[0]  # fmt: skip
    act()


def test_two_hundred_random_actions_leave_no_error_anywhere(run_folder, browser, open_page):
    rng = random.Random(3)
    with serving(run_folder, "directions.safetensors", "--samples", 3) as address:
        page = open_page(address)
        page.set_default_timeout(500)
        done = missed = 0
        while done < 200:
            try:
                random_user(page, rng)
                done += 1
            except sync.Error:  # what it reached for is not there now: gone, covered, or greyed
                page.keyboard.press("Escape")
                missed += 1
        assert missed < 100
        page.set_default_timeout(30_000)
        page.get_by_label("search").fill("")
        page.locator(".views .q-btn", has_text="after").click()
        page.locator(".save").click()
        before = len(list(run_folder.glob("edit-*.json")))
        page.get_by_text("Picture and JSON").click()
        while len(saved := list(run_folder.glob("edit-*.json"))) == before:
            page.wait_for_timeout(50)
        edit = Edit.load(max(saved, key=lambda path: path.stat().st_mtime))
        await_pictures(page, expected(run_folder, edit))


def test_ctrl_c_ends_the_server_in_silence_while_a_page_is_open(run_folder, browser):
    page = browser.new_page()
    with serving(run_folder, "directions.safetensors", end=signal.SIGINT) as address:
        page.goto(address)
        page.wait_for_selector("img.after[src]")
    page.close()
