"""The page in a real browser: what is touched, and what is seen then."""

import re
from dataclasses import replace

from directions.checkpoint import Directions
from directions.edit import Edit, Sample
from tests.commands import finished
from tests.page.hands import (
    await_pictures,
    expected,
    fresh,
    needs_browser,
    place,
    press,
    put,
    same,
    shown,
    value,
)
from tests.page.serving import SAMPLES

pytestmark = needs_browser


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
    finished("render", "--edit", saved, "--out", again)
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
