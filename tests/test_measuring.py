import dataclasses
import json

import pytest
import torch

from directions.basis import random_basis
from directions.config import MeasureConfig
from directions.errors import MeasuresError
from directions.measures import Measures, basis_digest
from directions.measuring import Measurement, Subject
from tests.painted import NAMES, Painted, Reader

SMALL = MeasureConfig(
    samples=6, penalty_samples=32, hessian_samples=2, codes=400, random_directions=3, random_bases=2
)


def measured(basis, config=SMALL, **subject):
    work = Measurement(
        Subject(basis=basis, generators=[Painted()], name="painted", labels=(0,),
                factors=Reader(), **subject),
        config,
    )  # fmt: skip
    assert len(list(work.steps())) == work.total
    return work.result()


@pytest.fixture(scope="module")
def found():
    return measured(Painted().hidden, reproducibility=[0.9, 0.5, 0.1])


def test_every_factor_is_given_to_the_direction_that_moves_it(found):
    assert {name: row for name, (row, _) in found.factor_shares.items()} == {
        name: row for row, name in enumerate(NAMES)
    }
    assert min(share for _, share in found.factor_shares.values()) > 0.95


def test_a_random_basis_has_no_direction_of_one_factor_only():
    other = measured(random_basis(3, 3, torch.Generator().manual_seed(1)))
    assert min(share for _, share in other.factor_shares.values()) < 0.8


def test_the_known_basis_beats_random_ones_in_every_score(found):
    for name in ("disentanglement", "completeness", "mutual information gap"):
        assert found.disentanglement[name] > found.disentanglement[f"random {name}"] + 0.2
    penalty = {name: value.mean for name, value in found.penalty.items()}
    assert all(penalty["learnt"] < v for name, v in penalty.items() if name != "learnt")
    for other in ("random", "coordinates"):
        assert found.diagonality["share"].mean > found.diagonality[f"{other} share"].mean


def test_a_direction_turned_round_turns_what_it_is_said_to_do(found):
    turned = measured(-Painted().hidden)
    for row in range(3):
        for name in NAMES:
            assert turned.rows[row].factors[name] == pytest.approx(
                -found.rows[row].factors[name], abs=1e-3
            )
    assert found.rows[0].factors["horizontal"] > 0.8
    assert found.rows[0].statistics["horizontal"] > 0 > turned.rows[0].statistics["horizontal"]
    assert "horizontal +" in found.rows[0].description
    assert "horizontal -" in turned.rows[0].description


def test_rows_keep_their_places(found):
    order = torch.tensor([2, 0, 1])
    other = measured(Painted().hidden[order])
    assert [row for row, _ in other.factor_shares.values()] == [1, 2, 0]
    for row, was in enumerate(order.tolist()):
        assert other.rows[row].effect.mean == pytest.approx(found.rows[was].effect.mean, rel=1e-3)


def test_a_transposed_basis_is_found_out(found):
    other = measured(Painted().hidden.T.contiguous())
    assert other.penalty["learnt"].mean > 2 * found.penalty["learnt"].mean
    assert other.basis != found.basis


def test_score_is_what_its_formula_says(found):
    usual = found.random["effect"]
    for row in found.rows:
        expected = row.reproducibility * row.effect.mean / (row.effect.mean + usual)
        assert row.score == pytest.approx(expected)
    assert found.ranking == sorted(range(3), key=lambda i: -found.rows[i].score)


def test_reach_ends_where_the_class_does(found):
    # The square is called another object beyond .5, at .15 a unit of eta from about 0.
    assert found.rows[0].reach == pytest.approx(0.5 / 0.15, abs=1.0)
    assert found.rows[2].reach is None


def test_another_class_that_does_nothing_shows_no_effect():
    class Still(Painted):
        def __call__(self, z):
            return super().__call__(torch.zeros_like(z))

    other = measured(Painted().hidden, others={"still": Still(), "same": Painted()})
    for row in other.rows:
        assert row.transfer["still"] == 0 and row.transfer["same"] == pytest.approx(1, rel=1e-4)


def test_measures_go_to_disk_and_back(found, tmp_path):
    found.save(tmp_path / "m.json")
    assert Measures.load(tmp_path / "m.json") == found
    assert found.basis == basis_digest(Painted().hidden.numpy())


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{", "is damaged: "),
        ("[]", "holds no measures: its format is not directions-measures/1"),
        ('{"format": "other"}', "holds no measures: its format is not directions-measures/1"),
        ('{"format": "directions-measures/1"}', "is damaged: measures lacks generator"),
    ],
)
def test_what_is_no_measures_is_refused(tmp_path, text, sentence):
    path = tmp_path / "m.json"
    path.write_text(text)
    with pytest.raises(MeasuresError) as error:
        Measures.load(path)
    assert sentence in str(error.value) and "\n" not in str(error.value)


def test_unknown_fields_are_damage(found, tmp_path):
    plain = {"format": "directions-measures/1"} | dataclasses.asdict(found) | {"colour": "blue"}
    (tmp_path / "m.json").write_text(json.dumps(plain))
    with pytest.raises(MeasuresError, match="is damaged: "):
        Measures.load(tmp_path / "m.json")


def test_what_cannot_be_measured_is_refused():
    for setting, sentence in (
        ({"samples": 1}, "samples must be at least 2, got 1"),
        ({"codes": 5}, "codes must be at least 100, got 5"),
        ({"hessian_samples": -1}, "hessian_samples must not be negative, got -1"),
    ):
        with pytest.raises(ValueError, match=f"^{sentence}$"):
            MeasureConfig(**setting)


def test_chance_lies_where_the_edit_does():
    class Chunked(Painted):
        """z enters in three chunks of one dimension."""

        slots, chunk = 3, 1

        def __call__(self, z):
            return super().__call__(z.diagonal(dim1=1, dim2=2) if z.dim() == 3 else z)

    work = Measurement(
        Subject(basis=torch.eye(3)[:2], generators=[Chunked()], name="c", slots=range(2)), SMALL
    )
    bases = [work.random, *work._random_bases(2).values()]
    assert all(basis[:, 2].abs().max() == 0 for basis in bases)
    list(work.steps())
    assert work.penalties["learnt"] == work.penalties["coordinates"]
