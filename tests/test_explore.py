"""What the page is made of, without a page: names, pictures, files."""

import io
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

from directions.checkpoint import Directions
from directions.edit import Edit, Sample
from directions.errors import DirectionsError, RunError
from directions.explore.book import Book, shown
from directions.explore.saving import save_edit
from directions.explore.studio import MOST_NETWORKS, Studio
from directions.generators.open import open_generator
from directions.identity import Identity
from directions.measures import Interval, Measures, Row, basis_digest, beside
from directions.render import to_frame
from directions.strip import image

ONE = Interval(1.0, 0.5, 1.5)
EDIT = Edit(
    source="directions.safetensors", basis="b", generator="objects-64", weights="w",
    samples=tuple(Sample(0, number) for number in range(3)), labels=(1,), truncation=1.0,
    amounts={0: 1.0},
)  # fmt: skip


def measured(row, score, description=""):
    return Row(
        row=row, activeness=ONE, effect=ONE, effect_ratio=1.0, reproducibility=None, reach=None,
        slots=[], transfer={}, statistics={}, description=description, factors={}, score=score,
    )  # fmt: skip


def measures(basis, rows):
    return Measures(
        generator="waves", basis=basis_digest(basis), settings={}, penalty={}, diagonality={},
        random={}, disentanglement={}, factor_shares={}, formula="", rows=rows,
    )  # fmt: skip


@pytest.fixture
def learnt(tmp_path):
    path = tmp_path / "directions.safetensors"
    basis = np.eye(4, dtype=np.float32)
    identity = Identity(generator="waves", latent_dim=4)
    Directions(basis=basis, identity=identity, names={3: "rotation"}).save(path)
    return path


def book(path):
    return Book.of(Directions.load(path), path, beside(path))


def test_directions_lie_in_their_own_order_without_measures(learnt):
    assert book(learnt).order == [0, 1, 2, 3] and not book(learnt).complaint
    assert book(learnt).description(0) == ""


def test_measured_directions_come_best_first(learnt):
    rows = [measured(row, score, f"hue {row}") for row, score in enumerate((1.0, 4.0, 2.0, 3.0))]
    measures(np.eye(4), rows).save(learnt.with_name("measures.json"))
    found = book(learnt)
    assert found.order == [1, 3, 2, 0] and found.description(2) == "hue 2"
    assert found.found("hue") == [1, 3, 2, 0] and found.found("rotation") == [3]


@pytest.mark.parametrize(
    ("basis", "rows", "complaint"),
    [
        (-np.eye(4), 4, "measures.json was measured on other directions"),
        (np.eye(4), 3, "measures.json was measured on other directions"),
    ],
)
def test_measures_of_other_directions_are_not_used(learnt, basis, rows, complaint):
    measures(basis, [measured(row, float(row)) for row in range(rows)]).save(
        learnt.with_name("measures.json")
    )
    assert book(learnt).order == [0, 1, 2, 3] and book(learnt).complaint.endswith(complaint)


def test_damaged_measures_are_told(learnt):
    learnt.with_name("measures.json").write_text("{")
    assert "measures.json is damaged: " in book(learnt).complaint


def test_search_finds_numbers_whole_and_words_in_part(learnt):
    found = book(learnt)
    assert found.found("") == [0, 1, 2, 3] and found.found("2") == [2]
    assert found.found("ROTA") == [3] and found.found("rota 3") == [3] and found.found("x") == []


def test_names_are_written_into_the_file(learnt):
    named = book(learnt).renamed(1, "size", "grows to the right")
    again = Directions.load(learnt)
    assert again.names == {3: "rotation", 1: "size"} and again.notes == {1: "grows to the right"}
    assert named.name(1) == "size" and named.note(1) == "grows to the right"
    assert named.found("grows") == [1]


def test_an_empty_name_is_taken_out(learnt):
    assert book(learnt).renamed(3, " ", "").name(3) == ""
    assert Directions.load(learnt).names == {}


def test_what_others_named_meanwhile_is_kept(learnt):
    early = book(learnt)
    book(learnt).renamed(0, "height", "")
    early.renamed(1, "size", "")
    assert Directions.load(learnt).names == {0: "height", 1: "size", 3: "rotation"}


def test_names_do_not_go_to_other_directions(learnt):
    early = book(learnt)
    other = np.eye(4, dtype=np.float32)[::-1]
    Directions(basis=other, identity=Identity(generator="waves", latent_dim=4)).save(learnt)
    expected = rf"^{learnt} holds other directions now; open it again$"
    with pytest.raises(DirectionsError, match=expected):
        early.renamed(1, "size", "")
    assert Directions.load(learnt).names == {}


def test_a_baseline_cannot_be_named():
    baseline = Directions(basis=np.eye(4), identity=Identity(generator="waves"))
    with pytest.raises(DirectionsError, match="^there is no file of yours to keep names in$"):
        Book(baseline, None).renamed(0, "a", "")


def test_rows_that_do_something_are_shown_with_the_first():
    assert shown([4, 3, 2, 1, 0], [0, 3], 2) == [4, 3, 0]


@pytest.fixture
def studio():
    opened = []

    def network(truncation):
        opened.append(truncation)
        return open_generator(labels=["any"], truncation=truncation)

    studio = Studio(torch.eye(12), network)
    studio.opened = opened
    return studio


def test_only_what_moved_is_generated(studio):
    assert studio.make(studio.missing(EDIT.points), 60.0) == 3
    assert studio.missing(EDIT.points) == []
    further = replace(EDIT, samples=(*EDIT.samples[:2], Sample(9, 0)))
    assert studio.missing(further.points) == [further.points[2]]
    assert studio.missing(replace(EDIT, amounts={0: 1.5}).points) != []
    assert studio.missing((*EDIT.before, *EDIT.before)) == list(EDIT.before)


def test_making_stops_when_the_time_is_up_but_makes_one(studio):
    assert studio.make(EDIT.points, 0.0) == 1
    assert studio.missing(EDIT.points) == list(EDIT.points[1:])


def test_a_picture_is_that_of_the_library(studio):
    (point, *_) = EDIT.points
    with Image.open(io.BytesIO(studio.png(point))) as picture:
        found = np.asarray(picture)
    made = image(open_generator(labels=["car"]).generators[0], torch.eye(12), point)
    assert np.array_equal(found, to_frame(made[None, None]))


def test_classes_and_truncations_have_generators_of_their_own(studio):
    (point, *_) = EDIT.points
    assert studio.choose(point).name == "objects-64/car"
    mug = studio.choose(replace(point, label=5, truncation=0.5))
    assert mug.name == "objects-64/mug" and mug.truncation == 0.5


def test_networks_used_last_stay_open(studio):
    for truncation in (1.0, 0.5, 1.0, 0.2, 1.0):
        studio.network(truncation)
    assert studio.opened == [1.0, 0.5, 0.2] and list(studio.networks) == [0.2, 1.0]
    assert len(studio.networks) == MOST_NETWORKS


def test_pictures_make_room_for_new_ones(studio, monkeypatch):
    size = len(studio.png(EDIT.points[0]))
    monkeypatch.setattr("directions.explore.studio.MOST_BYTES", 2 * size + size // 2)
    studio.make(EDIT.points, 60.0)
    assert EDIT.points[0] not in studio.pictures and EDIT.points[2] in studio.pictures
    assert studio.bytes == sum(map(len, studio.pictures.values()))


def test_edits_take_the_next_free_number(tmp_path):
    assert save_edit(EDIT, tmp_path / "new").name == "edit-1.json"
    (tmp_path / "new/edit-2.mp4").write_text("of an edit that was deleted")
    path = save_edit(EDIT, tmp_path / "new")
    assert path.name == "edit-3.json" and Edit.load(path) == EDIT


def test_a_folder_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(RunError, match=rf"^cannot write to {tmp_path / 'file'}: file exists$"):
        save_edit(EDIT, tmp_path / "file")
