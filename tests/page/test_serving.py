"""The server behind the page, and a user who tries everything."""

import random
import re
import signal
from pathlib import Path

import pytest
import torch

from directions.edit import Edit, Sample
from directions.render import to_frame
from directions.strip import strip
from tests import fakes
from tests.page.hands import (
    await_pictures,
    expected,
    fresh,
    needs_browser,
    place,
    press,
    put,
    sync,
    value,
)
from tests.page.serving import serving

pytestmark = needs_browser
FAKES = Path(fakes.__file__)


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
