"""What stands beside the page: the CSV, the commands, the matching; and what is refused."""

import csv
import json
import shlex
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from cli.main import app
from directions.checkpoint import Directions
from directions.config import LearnConfig, plain
from directions.errors import MeasuresError
from directions.identity import Identity
from directions.measures import MOST_BYTES, NAME, Measures, basis_digest, beside
from directions.report.commands import commands
from directions.report.matching import arranged
from directions.report.page import own_measures
from tests.plausible import measured
from tests.report.conftest import NASTY

IDENTITY = Identity(
    generator="objects-64", latent_dim=12, slots=5, labels=(5,), label_names=("coffee mug",)
)


def test_the_csv_is_the_ranking(made):
    with (made / "report.csv").open(newline="") as file:
        lines = list(csv.DictReader(file))
    measures = Measures.load(made / NAME)
    by_row = {one.row: one for one in measures.rows}
    assert [int(line["direction"]) for line in lines] == measures.ranking
    assert [int(line["rank"]) for line in lines] == list(range(1, 13))
    for line in lines:
        one = by_row[int(line["direction"])]
        assert float(line["factor azimuth"]) == one.factors["azimuth"]
        assert float(line["effect low"]) == one.effect.low
        assert line["reach"] == ("" if one.reach is None else str(one.reach))
    assert next(line["name"] for line in lines if line["direction"] == "5") == NASTY


def test_a_name_is_no_formula_of_a_spreadsheet(tmp_path):
    from directions.report.table import table

    path = measured(tmp_path, IDENTITY, names={0: "=1+1"})
    text = table(Measures.load(tmp_path / NAME), Directions.load(path))
    assert ",'=1+1," in text


def test_the_command_that_learnt_can_be_typed_again():
    config = LearnConfig(steps=7, seed=3)
    learnt = Directions(
        basis=np.eye(12, dtype=np.float32), identity=replace(IDENTITY, truncation=0.5),
        slots=(1, 2), settings=plain(config),
    )  # fmt: skip
    measured = {"samples": 9, "seed": 2, "features": "some"}
    first, *rest = commands(learnt, measured, Path("a b/directions.safetensors"))
    words = shlex.split(first)
    found = typer.main.get_command(app).commands["learn"].make_context("learn", words[2:]).params
    assert found["classes"] == ["coffee mug"] and found["solver"] == "adam"
    assert found["steps"] == 7 and found["seed"] == 3 and found["slots"] == "1-2"
    assert found["truncation"] == 0.5 and found["out"] == Path("a b")
    assert rest == [
        "directions measure 'a b/directions.safetensors' --samples 9 --seed 2",
        "directions report 'a b/directions.safetensors'",
    ]


def test_what_was_not_learnt_has_no_command_that_learnt_it():
    basis = np.eye(12, dtype=np.float32)
    learnt = Directions(basis=basis, identity=IDENTITY, settings={"matrix": "A.pt"})
    assert len(commands(learnt, {}, Path("a"))) == 2


def test_the_command_of_a_baseline_can_be_typed_again():
    settings = {"method": "sefa", "seed": 4, "samples": None}
    learnt = Directions(basis=np.eye(5, 12, dtype=np.float32), identity=IDENTITY, settings=settings)
    words = shlex.split(commands(learnt, {}, Path("a.safetensors"))[0])
    command = typer.main.get_command(app).commands["baseline"]
    found = command.make_context("baseline", words[2:]).params
    assert found["method"] == "sefa" and found["directions"] == 5 and found["seed"] == 4
    assert found["classes"] == ["coffee mug"] and found["out"] == Path("a.safetensors")


def test_matching_undoes_order_and_sign():
    rng = np.random.default_rng(0)
    basis = np.linalg.qr(rng.normal(size=(5, 5)))[0]
    other = -basis[[3, 1, 4, 0, 2]]
    found = arranged(basis[:4], other, [2, 0, 3, 1], "other")
    assert np.allclose(found.cosines, np.eye(4, 5)) and found.cosines.shape == (4, 5)
    turned = np.eye(4)
    for first, angle in ((0, 0.3), (2, 0.5)):
        pair = slice(first, first + 2)
        turned[pair, pair] = [[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]]
    ordered = arranged(np.eye(4), turned[::-1].copy(), [2, 0, 3, 1], "other").cosines.diagonal()
    assert np.allclose(ordered, np.cos([0.5, 0.3, 0.5, 0.3]))
    few = arranged(basis, other[:3], range(5), "other").cosines
    assert np.allclose(few.diagonal(), 1) and few.shape == (5, 3)


@pytest.fixture
def path(tmp_path):
    return measured(tmp_path, IDENTITY)


def changed(path, change):
    """Change the JSON of the measures by hand."""
    where = path.parent / NAME
    plain = json.loads(where.read_text())
    change(plain)
    where.write_text(json.dumps(plain))
    return Directions.load(path)


def refusal(path, change):
    with pytest.raises(MeasuresError) as told:
        own_measures(changed(path, change), path, beside(path))
    assert "\n" not in str(told.value)
    return str(told.value).replace(str(path.parent), "run")


def test_measures_that_fit_are_read(path):
    assert own_measures(Directions.load(path), path, beside(path)) == Measures.load(
        path.parent / NAME
    )


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda p: p["rows"].pop(),
         "run/measures.json has 11 rows for 12 directions; "
         "`directions measure run/directions.safetensors` measures them again"),
        (lambda p: p.update(format="x"),
         "run/measures.json holds no measures: its format is not directions-measures/1"),
        (lambda p: p["rows"][2].update(score="high"),
         "run/measures.json is damaged: measures.rows[2].score is str, not float"),
        (lambda p: p["rows"][2].update(reach=True),
         "run/measures.json is damaged: measures.rows[2].reach is bool, not float"),
        (lambda p: p["rows"][0].update(score=float("nan")),
         "run/measures.json is damaged: measures.rows[0].score is nan, which is no number"),
        (lambda p: p["rows"][0]["slots"].append(None),
         "run/measures.json is damaged: measures.rows[0].slots[5] is NoneType, not float"),
        (lambda p: p["rows"][0]["slots"].append(0.1),
         "run/measures.json is damaged: its rows do not fit together"),
        (lambda p: p["factor_shares"].update(hue=[12, 0.5]),
         "run/measures.json is damaged: its rows do not fit together"),
        (lambda p: p["factor_shares"].update(hue=[1]),
         "run/measures.json is damaged: measures.factor_shares.hue has 1 entries, not 2"),
        (lambda p: p["random"].update(effect=10**400),
         "run/measures.json is damaged: int too large to convert to float"),
        (lambda p: p.update(colour="blue"),
         "run/measures.json is damaged: measures has an unknown colour"),
        (lambda p: p.update(penalty=[1]),
         "run/measures.json is damaged: measures.penalty is list, not dict"),
        (lambda p: p.pop("formula"),
         "run/measures.json is damaged: measures lacks formula"),
    ],
)  # fmt: skip
def test_measures_that_do_not_fit_are_one_line(path, change, sentence):
    assert refusal(path, change) == sentence


def test_measures_of_another_basis_are_one_line(path):
    digest = basis_digest(Directions.load(path).basis)
    assert refusal(path, lambda p: p.update(basis="f" * 64)) == (
        "run/measures.json was measured on another basis (ffffffff) than "
        f"run/directions.safetensors holds ({digest[:8]}); "
        "`directions measure run/directions.safetensors` measures this one"
    )


def test_no_measures_are_one_line(path):
    (path.parent / NAME).unlink()
    expected = f"no measures beside {path}; `directions measure {path}` writes them"
    done = CliRunner().invoke(app, ["report", str(path)])
    assert str(done.exception) == expected and not (path.parent / "report.html").exists()


def test_damaged_text_and_huge_files_are_one_line(path):
    where, learnt = path.parent / NAME, Directions.load(path)
    where.write_text('{"format": ')
    with pytest.raises(MeasuresError, match=rf"^{where} is damaged: Expecting value: line 1.*$"):
        own_measures(learnt, path, beside(path))
    where.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(MeasuresError, match=rf"^{where} is damaged: 'utf-8' codec can't decode.*$"):
        own_measures(learnt, path, beside(path))
    with where.open("wb") as file:
        file.truncate(MOST_BYTES + 2**20)
    expected = rf"^{where} holds no measures: it has 65 MiB, they have 64 at most$"
    with pytest.raises(MeasuresError, match=expected):
        own_measures(learnt, path, beside(path))


def test_deep_nesting_is_one_line(path):
    where = path.parent / NAME
    where.write_text("[" * 100_000)
    with pytest.raises(MeasuresError, match=rf"^{where} is damaged: .*recursion.*$"):
        own_measures(Directions.load(path), path, beside(path))


def test_files_are_not_replaced_silently(made):
    path, before = made / "directions.safetensors", (made / "report.csv").read_text()
    done = CliRunner().invoke(app, ["report", str(path), "--device", "cpu"])
    expected = f"{made / 'report.html'} exists; give another --out, or --overwrite"
    assert str(done.exception) == expected
    other = ["--out", str(made / "new.html"), "--csv", "--png"]
    (made / "new-penalty.png").write_text("precious")
    done = CliRunner().invoke(app, ["report", str(path), "--device", "cpu", *other])
    assert str(done.exception) == (
        f"{made / 'new-penalty.png'} exists; give another --out, or --overwrite"
    )
    assert not (made / "new.html").exists() and (made / "report.csv").read_text() == before


def test_another_space_cannot_be_arranged(path, tmp_path):
    other = tmp_path / "other.safetensors"
    small = Identity(generator="one", latent_dim=3)
    Directions(basis=np.eye(3, dtype=np.float32), identity=small).save(other)
    done = CliRunner().invoke(app, ["report", str(path), "--match", str(other)])
    assert str(done.exception) == (
        f"{other} has 3 latent dimensions, {path} has 12; only bases of one space can be matched"
    )


def test_without_its_packages_report_says_what_to_install(path):
    code = (
        f"import sys; sys.modules['matplotlib'] = None\n"
        f"sys.argv = ['directions', 'report', {str(path)!r}]\n"
        "from cli.main import run; run()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    told = "error: report needs matplotlib; install it with pip install 'directions[report]'\n"
    assert (done.returncode, done.stderr) == (1, told)
