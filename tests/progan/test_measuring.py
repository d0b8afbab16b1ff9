import dataclasses
import json

import pytest
import torch

from directions.data.factored import open_factored
from directions.errors import MeasuresError, RunError
from directions.generators.protocol import seeded_latents
from directions.metrics.diagonality import diagonality
from directions.metrics.distances import OfflineDistance
from directions.metrics.path_length import path_lengths, trimmed
from directions.progan.bound import bound
from directions.progan.measure_config import EntryKind, ProGANMeasureConfig
from directions.progan.measuring import ProGANMeasurement, save
from directions.progan.store import load_generator
from tests.progan.toys import TINY, Squares, painted_scenes, written_run

FEW = ProGANMeasureConfig(
    pairs=6, generated=120, real=120, hessian_samples=2, activeness_samples=3, factor_steps=8
)
ALONE = dataclasses.replace(FEW, generated=2)


def measured(run, pictures=None, config=ALONE, **more):
    measurement = ProGANMeasurement(run, pictures, config, **more)
    pieces = list(measurement.steps())
    assert len(pieces) == measurement.total
    return measurement


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return written_run(tmp_path_factory.mktemp("runs") / "run")


@pytest.fixture(scope="module")
def alone(run):
    return measured(run).result()


@pytest.fixture(scope="module")
def scenes(tmp_path_factory):
    return open_factored(painted_scenes(tmp_path_factory.mktemp("scenes") / "set", 120), 16)


@pytest.fixture(scope="module")
def beside(run, scenes):
    return measured(run, scenes, FEW)


def test_the_result_has_its_keys_and_is_json(alone, run, tmp_path):
    assert list(alone) == [
        "format", "run", "images", "seed", "settings", "path_length", "frechet", "kernel",
        "activeness", "diagonality", "epsilon_sweep", "factors",
    ]  # fmt: skip
    assert alone["format"] == "directions-progan-measures/1" and alone["run"] == str(run)
    assert alone["images"] == 100 and alone["settings"]["pairs"] == 6
    assert [alone[n] for n in ("frechet", "kernel", "factors", "epsilon_sweep")] == [None] * 4
    save(alone, tmp_path / "m.json")
    assert json.loads((tmp_path / "m.json").read_text()) == alone


def test_the_path_length_is_that_of_latents_normalised_inside(alone, run):
    generator, _ = bound(f"{run}:normalised", "cpu")
    rng = torch.Generator().manual_seed(0)
    z1, z2 = torch.randn(6, 4, generator=rng), torch.randn(6, 4, generator=rng)
    lengths = torch.cat(list(path_lengths(generator, z1, z2, OfflineDistance())))
    assert alone["path_length"]["value"][0] == pytest.approx(trimmed(lengths).mean().item())
    assert "not LPIPS" in alone["path_length"]["distance"]


def test_hessians_are_those_of_latents_that_may_leave_their_sphere(alone, run):
    generator, _ = bound(str(run), "cpu")
    found = [diagonality(generator, z) for z in seeded_latents(generator, 2, 0)]
    told = alone["diagonality"]
    assert told["share"][0] == pytest.approx(sum(one.share for one in found) / 2)
    ratios = [one.mean_of_ratios for one in found]
    assert told["mean_of_ratios"][0] == pytest.approx(sum(ratios) / 2)
    on, off = (sum(getattr(one, n) for one in found) for n in ("diagonal", "off_diagonal"))
    assert told["ratio_of_means"][0] == pytest.approx(on / off)
    assert (told["samples"], told["epsilon"], told["entries"]) == (2, 0.1, "differences")


def test_exact_hessians_have_no_step(run):
    exact = dataclasses.replace(ALONE, entries=EntryKind.exact, sweep_samples=1)
    found = measured(run, config=exact).result()
    assert found["diagonality"]["epsilon"] is None and found["diagonality"]["entries"] == "exact"
    sweep = found["epsilon_sweep"]
    assert sweep["samples"] == 1 and len(sweep["steps"]) == 6
    assert sweep["steps"][4]["epsilon"] == 0.1 and sweep["steps"][4]["error"][0] > 0


def test_a_generator_that_ignores_half_of_its_latents_has_half_of_them_active(run, monkeypatch):
    trained = load_generator(run)
    trained.network.synthesis.layers[0].weight[:, [0, 2]] = 0
    monkeypatch.setattr("directions.progan.bound.load_generator", lambda folder: trained)
    found = measured(run).result()["activeness"]
    assert found["active"] == 2 and found["samples"] == 3 and found["threshold"] == 0.05
    means = [mean for mean, _, _ in found["components"]]
    assert means[0] == means[2] == 0 and min(means[1], means[3]) > 1e-4


def test_real_pictures_give_both_distances_with_their_numbers(beside):
    found = beside.result()
    for name in ("frechet", "kernel"):
        one = found[name]
        assert (one["generated"], one["real"]) == (120, 120)
        assert one["features"] == "efficientnet-lite0, block 10, pooled"
        mean, low, high = one["value"]
        assert 0 < low <= mean <= high
    assert found["kernel"]["subset"] == 60


def test_factors_are_read_component_by_component(beside):
    found = beside.result()["factors"]
    assert found["names"] == ["horizontal"] and found["samples"] == 120
    assert len(found["moved"]) == len(found["shares"]) == 4
    best = max(range(4), key=lambda i: found["moved"][i][0])
    assert found["best"] == {"horizontal": {"component": best, "share": 1.0}}
    assert 0 <= found["completeness"] <= 1 and 0 <= found["mutual_information_gap"] <= 1


def test_a_reader_is_trained_once_for_runs_that_grew_as_far(run, scenes, beside):
    again = ProGANMeasurement(run, scenes, FEW, reader=beside.reader)
    assert again.training is None and again.total == beside.total - FEW.factor_steps
    assert ProGANMeasurement(run, None, ALONE, reader=beside.reader).reader is None


def test_the_seed_decides(alone, run):
    assert measured(run).result() == alone
    other = measured(run, config=dataclasses.replace(ALONE, seed=1)).result()
    assert other["path_length"]["value"] != alone["path_length"]["value"]
    assert other["activeness"]["components"] != alone["activeness"]["components"]


def test_what_cannot_be_measured_is_refused_before_any_work(run, scenes, tmp_path):
    few = dataclasses.replace(FEW, generated=100)
    with pytest.raises(MeasuresError) as told:
        ProGANMeasurement(run, Squares(300), few)
    assert str(told.value) == (
        "100 pictures are too few for a Fréchet distance over 112 features; it needs more than "
        "112 real and generated ones"
    )
    with pytest.raises(MeasuresError) as told:
        ProGANMeasurement(run, scenes, dataclasses.replace(FEW, subset=121))
    assert str(told.value) == (
        "a kernel distance cannot take subsets of 121 out of 120 pictures; 2 to 120 are possible"
    )
    with pytest.raises(RunError, match="^the pictures have 8 pixels a side, the network 16;"):
        ProGANMeasurement(run, Squares(300, 8), FEW)
    thin = dataclasses.replace(TINY, network=dataclasses.replace(TINY.network, latent_dim=1))
    with pytest.raises(MeasuresError, match="has 1 latent dimension; there is nothing to tell"):
        ProGANMeasurement(written_run(tmp_path / "thin", thin), None, ALONE)


def test_values_that_are_not_finite_are_not_written(alone, tmp_path):
    with pytest.raises(MeasuresError, match="gives values that are not finite; its weights are"):
        save(alone | {"seed": float("nan")}, tmp_path / "m.json")
    assert not list(tmp_path.iterdir())
    with pytest.raises(MeasuresError, match="could not be written: no such file or directory$"):
        save(alone, tmp_path / "gone" / "m.json")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"pairs": 1}, "pairs must be at least 2, got 1"),
        ({"generated": 0}, "generated must be at least 2, got 0"),
        ({"hessian_samples": 1}, "hessian_samples must be at least 2, got 1"),
        ({"sweep_samples": -1}, "sweep_samples must be at least 0, got -1"),
        ({"subset": 1}, "subset must be at least 2, got 1"),
        ({"epsilon": 0.0}, "epsilon must be positive, got 0.0"),
        ({"alpha": float("inf")}, "alpha must be positive, got inf"),
        ({"active_share": 1.5}, "active_share must be in (0, 1], got 1.5"),
    ],
)
def test_settings_that_cannot_be(change, sentence):
    with pytest.raises(ValueError) as told:
        ProGANMeasureConfig(**change)
    assert str(told.value) == sentence
