import json
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import torch

from directions.edit import LARGEST, Edit, Point, Sample
from directions.errors import EditError
from directions.generators.protocol import seeded_latents
from directions.generators.toys import Waves
from directions.identity import Identity
from directions.render import to_frame
from directions.strip import edit_frames, edit_sheet, image, shift, strip
from directions.traverse import aligned

TOY = Waves()
BASIS = TOY.hidden.contiguous()
EDIT = Edit(
    source="directions.safetensors", basis="b" * 64, generator="waves", weights="",
    samples=(Sample(3, 0), Sample(3, 2), Sample(5, 1)), amounts={0: 1.5}, aligned={2: -0.5},
)  # fmt: skip


def choose(point):
    return TOY


def test_an_edit_is_read_as_it_was_written(tmp_path):
    full = replace(EDIT, labels=(1, 4), truncation=0.5, slots=(0, 2))
    for number, edit in enumerate((EDIT, full)):
        edit.save(tmp_path / f"{number}.json")
        assert Edit.load(tmp_path / f"{number}.json") == edit


def test_samples_take_turns_among_the_labels():
    edit = replace(EDIT, labels=(1, 4))
    assert [point.label for point in edit.points] == [1, 4, 1]
    assert [point.label for point in EDIT.points] == [None] * 3


def test_before_an_edit_slots_make_no_difference():
    assert replace(EDIT, slots=(1, 2)).before == EDIT.before
    assert replace(EDIT, slots=(1, 2)).points != EDIT.points


def test_a_shift_is_the_amounts_along_rows_and_the_way_to_the_targets():
    z = seeded_latents(TOY, 5, 0)
    (point, *_) = EDIT.points
    after = z + shift(z, BASIS, point)
    before, after = z @ BASIS.T, after @ BASIS.T
    torch.testing.assert_close(after[:, 0], before[:, 0] + 1.5)
    torch.testing.assert_close(after[:, 2], torch.full((5,), -0.5))
    torch.testing.assert_close(after[:, [1, 3]], before[:, [1, 3]])


def test_pictures_are_those_of_moved_and_aligned_latents():
    z = seeded_latents(TOY, 3, 3)[[0, 2]]
    expected = TOY(aligned(z, BASIS[[2]], -0.5) + 1.5 * BASIS[0])
    found = strip(choose, BASIS, EDIT.points)
    assert found.shape == (3, 3, 4, 4)
    torch.testing.assert_close(found[:2], expected)
    torch.testing.assert_close(found[2], image(TOY, BASIS, EDIT.points[2]))


def test_only_the_chosen_slots_are_edited():
    class TwoSlots(Waves):
        slots = 2

        def __call__(self, z):
            first, second = (z[:, 0], z[:, 1]) if z.dim() == 3 else (z, z)
            return (super().__call__(first) + super().__call__(second)) / 2

    two = TwoSlots()
    z = seeded_latents(two, 1, 3)
    (point,) = replace(
        EDIT, slots=(1, 1), samples=(Sample(3, 0),), aligned={}, amounts={1: 2.0}
    ).points
    expected = (TOY(z) + TOY(z + 2 * BASIS[1])) / 2
    torch.testing.assert_close(image(two, BASIS, point)[None], expected)


def test_a_video_goes_from_no_edit_to_the_edit_and_back():
    frames = list(edit_frames(choose, BASIS, EDIT, 4))
    before, after = (strip(choose, BASIS, p) for p in (EDIT.before, EDIT.points))
    for frame, images in ((frames[0], before), (frames[2], after)):
        expected = to_frame(images[None], 24)
        assert np.array_equal(frame[-expected.shape[0] :, -expected.shape[1] :], expected)
    assert np.array_equal(frames[1][22:], frames[3][22:])
    assert not np.array_equal(frames[0][22:], frames[1][22:])


@pytest.mark.parametrize(("count", "rows", "columns"), [(3, 1, 3), (8, 1, 8), (10, 2, 5)])
def test_a_sheet_pairs_rows_and_leaves_no_sample_out(count, rows, columns):
    edit = replace(EDIT, samples=tuple(Sample(0, n) for n in range(count)))
    sheet = edit_sheet(choose, BASIS, edit)
    assert sheet.shape[0] == 2 * rows * 96
    last = to_frame(strip(choose, BASIS, edit.points[-1:])[None], 24)
    column = sheet.shape[1] - 96 * (rows * columns - count + 1)
    assert np.array_equal(sheet[-96:, column : column + 96], last)


def plain(**changes):
    return json.loads(json.dumps({"format": "directions-edit/1"} | vars(EDIT) | {
        "samples": [{"seed": 0, "number": 0}], **changes}))  # fmt: skip


WRONG = [
    ("[1]", "is no edit: its format is not directions-edit/1"),
    ("{}", "is no edit: its format is not directions-edit/1"),
    ("{", "is damaged: Expecting property name enclosed in double quotes*"),
    ("[" * 100_000, "is damaged: *"),
    (plain(format="directions-edit/2"), "is no edit: its format is not directions-edit/1"),
    (plain(colour="blue"), "is damaged: 'colour' is unknown"),
    ({k: v for k, v in plain().items() if k != "slots"}, "is damaged: 'slots' is missing"),
    (plain(source=3), "is damaged: source must be a text, got 3"),
    (plain(source="../a.safetensors"),
     "is damaged: source must be the name of a file, got '../a.safetensors'"),
    (plain(samples=[]), "is damaged: an edit has 1 to 64 samples, got 0"),
    (plain(samples=[[0, 1]]), "is damaged: a sample has a seed and a number, got [0, 1]"),
    (plain(samples=[{"seed": -1, "number": 0}]),
     "is damaged: a seed must be a whole number from 0, got -1"),
    (plain(samples=[{"seed": 0, "number": True}]),
     "is damaged: a sample's number must be a whole number from 0, got True"),
    (plain(labels=[1.5]), "is damaged: a label must be a whole number from 0, got 1.5"),
    (plain(labels=7), "is damaged: labels must be a list, got 7"),
    (plain(slots=[2, 1]), "is damaged: slots go from the first to the last, got 2-1"),
    (plain(slots=[1]), "is damaged: slots are a first and a last, got [1]"),
    (plain(truncation=0), "is damaged: truncation must be above 0 and at most 1, got 0"),
    (plain(truncation="1"), "is damaged: truncation must be a number, got '1'"),
    (plain(amounts={"-1": 2}), "is damaged: amounts: '-1' is no number of a direction"),
    (plain(amounts={"01": 2}), "is damaged: amounts: '01' is no number of a direction"),
    (plain(amounts={"1": float("nan")}), "is damaged: amounts of 1 must be a number, got nan"),
    (plain(amounts={"1": 10**400}), "is damaged: *"),
    (plain(aligned=[1]), "is damaged: aligned must go by direction, got [1]"),
    (plain(amounts={"2": 1}), "is damaged: direction 2 is both moved and aligned"),
]  # fmt: skip


@pytest.mark.parametrize(("content", "sentence"), WRONG)
def test_what_is_not_exactly_an_edit_is_refused_in_a_sentence(tmp_path, content, sentence):
    path = tmp_path / "edit.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    with pytest.raises(EditError) as caught:
        Edit.load(path)
    told, (head, star, _) = str(caught.value), sentence.partition("*")
    assert told.startswith(f"{path} {head}") and (star or told == f"{path} {head}"), told
    assert "\n" not in told


def test_a_huge_file_is_not_read(tmp_path):
    path = tmp_path / "edit.json"
    with path.open("wb") as file:
        file.truncate(LARGEST + 1)
    with pytest.raises(EditError, match=rf"^{path} is too large for an edit: over 1 MiB$"):
        Edit.load(path)


def test_no_file_is_no_edit(tmp_path):
    with pytest.raises(EditError, match=r"^no edit at none; `directions explore` saves one$"):
        Edit.load(type(tmp_path)("none"))


OWN = Identity(generator="waves", latent_dim=4, slots=2)
OTHERS = [
    ({"weights": "a" * 64}, "b" * 64, 4, "was made on waves (weights aaaaaaaa), not waves "
     "(weights unknown)"),
    ({"generator": "ripples"}, "b" * 64, 4, "was made on ripples (weights unknown), not waves "
     "(weights unknown)"),
    ({}, "b" * 64, 2, "moves direction 2; there are directions 0 to 1"),
    ({}, "c" * 64, 4, "was made with other directions (digest bbbbbbbb, not cccccccc); "
     "give the directions.safetensors it was made with"),
    ({"slots": (1, 2)}, "b" * 64, 4, "edits slots 1-2; waves has slots 0 to 1"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "basis", "rows", "sentence"), OTHERS)
def test_an_edit_of_something_else_is_refused(tmp_path, changes, basis, rows, sentence):
    with pytest.raises(EditError) as caught:
        replace(EDIT, **changes).require_match(basis, rows, OWN, tmp_path / "e.json")
    assert str(caught.value) == f"{tmp_path / 'e.json'} {sentence}"


def test_an_edit_matches_what_it_was_made_with(tmp_path):
    EDIT.require_match("b" * 64, 4, OWN, tmp_path)
    moved = replace(OWN, generator="a folder", weights="w")
    replace(EDIT, weights="w").require_match("b" * 64, 4, moved, tmp_path)


def test_points_are_keys():
    assert len({*EDIT.points, *replace(EDIT).points}) == 3 and isinstance(EDIT.points[0], Point)


def test_edits_and_states_do_without_torch():
    code = (
        "import sys, directions.edit, directions.explore.state, directions.explore.saving, "
        "directions.explore.book; assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
