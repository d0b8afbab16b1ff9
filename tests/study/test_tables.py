"""What the tables say of made-up results, to the letter; and the rule of the verdicts."""

from dataclasses import replace
from pathlib import Path

import pytest

from directions.study.paper import PAPER, ROWS
from directions.study.plan import METHODS, Run
from directions.study.tables import summary, tables
from directions.study.verdicts import findings, verdict
from tests.study.made_up import TOY, result, two_seeds


@pytest.mark.parametrize(
    ("differences", "sign", "expected"),
    [
        ([3.0, 4.0, 3.5], +1, "appears"),
        ([3.0, 4.0, 3.5], -1, "opposite"),
        ([-3.0, -4.0], -1, "appears"),
        ([3.0, -0.1, 4.0], +1, "undecided"),  # signs differ
        ([1.0, 3.0], +1, "undecided"),  # the mean, 2, does not exceed the spread, 2
        ([1.1, 3.0], +1, "appears"),
        ([5.0], +1, "undecided"),  # one seed says nothing about spread
        ([0.0, 0.0], +1, "undecided"),
        ([], +1, "undecided"),
    ],
)
def test_verdicts(differences, sign, expected):
    assert verdict(differences, sign) == expected


def test_differences_are_paired_by_seed():
    results = two_seeds()
    del results[next(run for run in results if run.method == "progan-plus" and run.seed == 0)]
    found = findings(results, ["clevr-1fov"])
    assert {one.seeds for one in found} == {(1,)}
    assert found[0].differences == pytest.approx((18.0,))


def test_tables_of_a_partial_study():
    assert tables(TOY, two_seeds()) == (Path(__file__).parent / "tables.md").read_text()


def test_other_lambdas_are_said():
    said = "Lambda is 0.25 times the paper's.\n"
    assert said in tables(replace(TOY, penalty_factor=0.25), two_seeds())
    assert said.split(" is ")[0] not in tables(TOY, two_seeds())


def test_one_line_of_a_run():
    run, made = Run("clevr-u", "hessian", 2), result(0.812, 1.814, 55.24, frechet=179.406)
    line = "clevr-u/hessian/seed-2: path length 55.2, Fréchet 179.41, D% 81.2%, D_R 1.81"
    assert summary(run, made) == line
    made["measures"]["frechet"] = None
    assert summary(run, made) == line.replace("Fréchet 179.41, ", "")


def test_tables_of_nothing():
    text = tables(TOY, {})
    assert "0 runs, seeds none" in text and "| ProGAN+ |" in text


def test_the_papers_numbers_are_whole():
    assert set(ROWS) == set(METHODS)
    for rows in PAPER.values():
        assert tuple(rows) == ROWS
        for method, row in rows.items():
            assert (None in row) == (method == "progan")
