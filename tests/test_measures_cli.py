# ruff: noqa: E501
"""measure, baseline, match and compare, as their user runs them."""

import csv
import json

import numpy as np
import pytest
import torch
from PIL import Image

from directions.checkpoint import Directions
from directions.errors import DirectionsError
from directions.generators.open import open_generator
from directions.measures import Measures, basis_digest, beside
from tests.commands import assert_refused, invoke

SMALL = ["--samples", "2", "--penalty-samples", "4", "--codes", "100", "--hessian-samples", "1",
         "--classes-beside", "1", "--device", "cpu"]  # fmt: skip


def written(path, basis, **changes):
    identity = open_generator(labels=["mug"]).identity
    Directions(basis=basis, identity=identity, **changes).save(path)
    return path


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    """Two directions of the mug, and the same ones turned round and in another order."""
    folder = tmp_path_factory.mktemp("bases")
    basis = np.eye(12, dtype=np.float32)[:2]
    one = written(folder / "directions.safetensors", basis, reproducibility=[0.5, 0.25])
    other = written(folder / "other.safetensors", -basis[::-1])
    return one, other


@pytest.fixture(scope="module")
def measured(pair):
    done = invoke("measure", pair[0], *SMALL)
    assert done.exit_code == 0, done.output
    return done


def test_measure_writes_beside_its_file_and_prints_tables(pair, measured):
    path = pair[0].with_name("measures.json")
    assert measured.stdout.splitlines()[-1] == str(path)
    found = Measures.load(path)
    assert found.basis == basis_digest(Directions.load(pair[0]).basis)
    assert [row.reproducibility for row in found.rows] == [0.5, 0.25]
    assert len(found.rows[0].slots) == 5 and len(found.rows[0].transfer) == 1
    assert {"penalty", "azimuth", "share"} <= set(measured.stdout.replace("│", " ").split())
    assert len(found.penalty) == 7


def test_measures_are_not_replaced_silently(pair, measured):
    done = invoke("measure", pair[0], *SMALL)
    assert isinstance(done.exception, DirectionsError) and "exists; give another" in str(
        done.exception
    )


def test_another_run_says_what_is_found_again(pair, tmp_path):
    path = tmp_path / "m.json"
    done = invoke("measure", pair[0], *SMALL, "--against", pair[1], "--out", path, "--json")
    assert done.exit_code == 0, done.output
    assert [row.reproducibility for row in Measures.load(path).rows] == [1.0, 1.0]
    assert json.loads(done.stdout)["rows"][0]["row"] == 0


def test_match_pairs_rows_and_draws_every_cosine(pair, tmp_path):
    picture = tmp_path / "match.png"
    done = invoke("match", *pair, "--out", picture)
    assert done.exit_code == 0, done.output
    lines = [line.replace("│", " ").split() for line in done.stdout.splitlines() if "1.000" in line]
    assert sorted(lines) == [["0", "1", "-1.000"], ["1", "0", "-1.000"]]
    with Image.open(picture) as drawn:
        assert drawn.size[0] > 40
    found = json.loads(invoke("match", *pair, "--json").stdout)[0]
    assert found["others"] == [1, 0] and found["cosines"] == [-1.0, -1.0]


def test_baselines_are_directions_files(tmp_path):
    path = tmp_path / "sefa.safetensors"
    done = invoke("baseline", "sefa", "--class", "car", "--directions", 3, "--out", path)
    assert done.exit_code == 0, done.output
    found = Directions.load(path)
    assert found.basis.shape == (3, 12) and found.settings["method"] == "sefa"
    assert found.identity.label_names == ("car",)


def test_compare_reads_measures_that_are_there(pair, measured, tmp_path, monkeypatch):
    table = tmp_path / "table.csv"
    monkeypatch.setattr("cli.measuring.opened", None)  # nothing is measured again
    done = invoke("compare", pair[0], "--out", table)
    assert done.exit_code == 0, done.output
    header, line = csv.reader(table.read_text().splitlines())
    found = dict(zip(header, line, strict=True))
    assert found["basis"] == str(pair[0]) and float(found["again"]) == 0.375
    assert float(json.loads(invoke("compare", pair[0], "--json").stdout)[str(pair[0])]["D %"]) > 0


@pytest.mark.parametrize(("basis", "seed"), [(1, 0), (0, 3)])
def test_measures_of_another_basis_or_seed_are_not_taken(
    pair, measured, tmp_path, monkeypatch, basis, seed
):
    other = tmp_path / "directions.safetensors"
    other.write_bytes(pair[basis].read_bytes())
    beside(other).write_bytes(beside(pair[0]).read_bytes())

    def measuring(source, against, counts):
        raise DirectionsError(f"measuring {source[0]} with {counts}")

    monkeypatch.setattr("cli.measuring.opened", measuring)
    done = invoke("compare", other, "--seed", seed)
    assert str(done.exception) == f"measuring {other} with {{'seed': {seed}}}"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["measure", "none.safetensors"], "no directions file at none.safetensors; `directions learn` writes one"),
        (["match", "none.safetensors", "none.safetensors"], "no directions file at none.safetensors; `directions learn` writes one"),
        (["compare", "none.safetensors"], "no directions file at none.safetensors; `directions learn` writes one"),
        (["baseline", "sefa", "--out", "x", "--class", "cup"], "no class 'cup' in objects-64; it has airplane, car, chair, house, lamp, mug"),
        (["baseline", "sefa", "--out", "x", "--directions", "13"], "13 directions asked of a generator with 12 latent dimensions; ask for 12 or fewer"),
        (["baseline", "ganspace", "--out", "x", "--samples", "12"], "ganspace needs more samples than z has dimensions, 12"),
        (["learn", "--out", "x", "--penalise", "block-9"], "no block 9 in objects-64/airplane; it has blocks 1 to 4"),
        (["learn", "--out", "x", "--penalise", "sound"], "no view 'sound'; there are image, features and block-N"),
    ],
)  # fmt: skip
def test_one_sentence_for_what_cannot_be(tmp_path, monkeypatch, arguments, sentence):
    monkeypatch.chdir(tmp_path)
    assert_refused(sentence, *arguments)


@pytest.mark.parametrize(
    ("arguments", "phrase"),
    [
        (["match", "one"], "a matching takes two files or more"),
        (["baseline", "magic", "--out", "x"], "no method 'magic'; there are random, coordinates"),
        (["compare", "a", "--out", "table.xls"], "cannot write '.xls'; use .csv or .md"),
        (["measure", "random", "--samples", "1"], "samples must be at least 2, got 1"),
    ],
)
def test_usage_errors(tmp_path, monkeypatch, arguments, phrase):
    monkeypatch.chdir(tmp_path)
    done = invoke(*arguments)
    assert done.exit_code == 2 and phrase in done.output, done.output


def test_bases_of_other_sizes_are_not_matched(pair, tmp_path):
    small = written(tmp_path / "small.safetensors", np.eye(6, dtype=np.float32))
    done = invoke("match", pair[0], small)
    assert str(done.exception) == f"{small} has 6 latent dimensions, {pair[0]} has 12"


def test_a_compiled_generator_makes_the_same_pictures_or_says_why_not(monkeypatch):
    from directions.errors import GeneratorError
    from directions.views import compiled

    generator = open_generator(labels=["mug"]).generators[0]
    monkeypatch.setattr(torch, "compile", lambda f, dynamic: f)
    z = generator.sample_latents(2, torch.Generator().manual_seed(0))
    assert torch.equal(compiled(generator)(z), generator(z))

    def without_toolchain(f, dynamic):
        def fail(z):
            raise RuntimeError("no compiler\nand much more")

        return fail

    monkeypatch.setattr(torch, "compile", without_toolchain)
    with pytest.raises(GeneratorError, match=r"^objects-64/mug cannot be compiled here \(no comp"):
        compiled(generator)
