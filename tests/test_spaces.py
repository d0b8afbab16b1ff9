"""Directions that are learnt in a part of z: where its chunks enter, and nowhere else."""

import json
from pathlib import Path

import pytest
import torch
from typer.testing import CliRunner

from cli.main import app
from directions.basis import random_basis
from directions.checkpoint import Directions
from directions.config import LearnConfig, SolveConfig, SubSpace
from directions.errors import DirectionsFileError, GeneratorError
from directions.evaluate import held_out_penalty, scores
from directions.learn import Learner
from directions.metrics.matching import matched
from directions.solve import ClosedForm
from directions.spaces import slots_of
from directions.walk import search_axes
from tests import naive_biggan
from tests.commands import invoke


class Chunked:
    """Three chunks of two dimensions; each is turned by itself and paints patterns of its own."""

    name, slots = "chunked", 3

    def __init__(self, latent_dim=6):
        rng = torch.Generator().manual_seed(7)
        self.latent_dim, self.chunk = latent_dim, latent_dim // 3
        self.basis = torch.block_diag(*(random_basis(self.chunk, self.chunk, rng) for _ in "abc"))
        self.patterns = torch.randn(latent_dim, 48, generator=rng)

    def sample_latents(self, count, rng):
        return torch.randn(count, self.latent_dim, generator=rng)

    def __call__(self, z):
        if z.dim() == 3:
            parts = z.unflatten(-1, (3, self.chunk))
            z = torch.cat([parts[:, slot, slot] for slot in range(3)], dim=1)
        waves = torch.sin(z @ self.basis.T.to(z) * torch.linspace(0.5, 1, self.latent_dim).to(z))
        return (waves @ self.patterns.to(z) / 20).unflatten(1, (3, 4, 4))


def test_the_closed_form_finds_the_directions_of_the_edited_chunk():
    toy = Chunked()
    solver = ClosedForm([toy], SolveConfig(steps=30), slots=range(1, 2))
    *_, last = solver.steps()
    assert last.basis.shape == (2, 6) and last.basis[:, [0, 1, 4, 5]].abs().max() == 0
    hidden, found = toy.basis[2:4, 2:4], last.basis[:, 2:4]
    assert (found[matched(hidden, found).others] * hidden).sum(1).abs().min() > 0.999


@pytest.mark.parametrize("start", [None, torch.eye(6)[[3, 2]]])
def test_descent_stays_in_the_edited_chunk(start):
    config = LearnConfig(steps=150, batch_size=32, learning_rate=0.03, reach=2.0)
    learner = Learner([Chunked()], config, slots=range(1, 2), start=start)
    steps = list(learner.steps())
    assert steps[-1].basis.shape == (2, 6)
    assert steps[-1].basis[:, [0, 1, 4, 5]].abs().max() == 0
    hidden, found = Chunked().basis[2:4, 2:4], steps[-1].basis[:, 2:4]
    assert (found[matched(hidden, found).others] * hidden).sum(1).abs().min() > 0.99


def test_baselines_lie_in_the_edited_chunks():
    toy, slots = Chunked(), range(1, 3)
    settings = {"samples": 8, "reach": 2.0}
    found = {
        score.name: score.penalty for score in scores([toy], torch.eye(6)[2:], slots, **settings)
    }
    axes = held_out_penalty([toy], torch.eye(6)[2:], slots=slots, **settings)
    assert found["learnt"] == found["coordinates"] == axes > 0
    assert found["random 0"] != axes and found["random 0"] > 0


def test_a_z_that_enters_whole_is_searched_whole():
    toy = Chunked()
    assert torch.equal(search_axes(toy, None), torch.eye(6))
    del toy.chunk
    assert torch.equal(search_axes(toy, range(1, 2)), torch.eye(6))


@pytest.mark.parametrize(
    ("space", "slots"), [("coarse", (0, 1)), ("mid", (2, 3)), ("fine", (4, 5))]
)
def test_thirds_are_pairs_of_the_paper_s_slots(space, slots):
    toy = Chunked(120)
    toy.slots, toy.chunk = 6, 20
    assert tuple(slots_of(SubSpace(space), toy)) == slots


@pytest.mark.parametrize(
    ("latent_dim", "told"),
    [
        (6, "it cuts 6 dimensions into chunks of 2, not 120 into thirds"),
        (120, "it cuts 120 dimensions into chunks of 24, not 120 into thirds"),
    ],
)
def test_chunks_that_make_no_thirds(latent_dim, told):
    toy = Chunked(latent_dim)
    toy.chunk = 24 if latent_dim == 120 else 2
    with pytest.raises(GeneratorError) as error:
        slots_of(SubSpace.mid, toy)
    sentence = f"chunked has no mid sub-space: {told}; choose places with --slots"
    assert str(error.value) == sentence


def test_more_directions_than_the_chunks_have_dimensions():
    told = (
        "^3 directions asked of a generator with 2 latent dimensions in slots 1-1; "
        "ask for 2 or fewer$"
    )
    for solver, config in ((Learner, LearnConfig), (ClosedForm, SolveConfig)):
        with pytest.raises(GeneratorError, match=told):
            solver([Chunked()], config(directions=3), slots=range(1, 2))


SMALL = ["--steps", "1", "--batch-size", "8", "--held-out", "2", "--device", "cpu"]


def test_learning_rendering_and_aligning_in_the_middle_third(tmp_path):
    source, run = naive_biggan.hierarchical(tmp_path, attention=()), tmp_path / "run"
    done = invoke("learn", "--generator", source, "--class", "2", "--search-space", "mid",
                  "--projections", "1", "--out", run, *SMALL)  # fmt: skip
    assert done.exit_code == 0, done.output
    path = run / "directions.safetensors"
    found = Directions.load(path)
    assert found.basis.shape == (40, 120) and found.slots == (2, 3)
    assert abs(found.basis[:, :40]).max() == abs(found.basis[:, 80:]).max() == 0
    assert json.loads((run / "run.json").read_text())["slots"] == "2-3"
    few = ["--samples", "1", "--device", "cpu"]
    for arguments in (
        ["render", path, "--directions", "0", "--frames", "2", *few],
        ["align", path, "--direction", "0", "--frames", "2", *few],
        ["learn", "--resume", run, *SMALL[:2], "--held-out", "2", "--device", "cpu"],
    ):
        done = invoke(*arguments)
        assert done.exit_code == 0, done.output


def test_a_start_outside_of_the_third(tmp_path):
    source = naive_biggan.hierarchical(tmp_path, attention=())
    arguments = ["learn", "--generator", source, "--solver", "adam", *SMALL]
    first = invoke(*arguments, "--slots", "0", "--directions", "2", "--out", tmp_path / "a")
    assert first.exit_code == 0, first.output
    start = tmp_path / "a" / "directions.safetensors"
    done = invoke(*arguments, "--start", start, "--search-space", "mid", "--out", tmp_path / "b")
    assert isinstance(done.exception, DirectionsFileError)
    assert str(done.exception) == (
        f"{start} has directions outside the 40 dimensions that are searched; "
        "leave out --slots and --search-space, or start elsewhere"
    )
    assert not (tmp_path / "b").exists()


def test_a_generator_without_chunks(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = invoke("learn", "--search-space", "fine", "--out", "new", *SMALL)
    assert isinstance(done.exception, GeneratorError)
    assert str(done.exception) == (
        "objects-64/airplane has no fine sub-space: z enters it whole, not in chunks; "
        "choose places with --slots"
    )
    assert not Path("new").exists()


@pytest.mark.parametrize(
    ("arguments", "phrase"),
    [
        (["--search-space", "thin"], "'thin' is not one of 'coarse', 'mid', 'fine'"),
        (["--search-space", "mid", "--slots", "1"], "give --slots or --search-space, not both"),
    ],
)
def test_usage_errors(arguments, phrase):
    done = CliRunner().invoke(
        app, ["learn", *arguments], env={"COLUMNS": "300", "TERMINAL_WIDTH": "300"}
    )
    assert done.exit_code == 2 and phrase in done.output, done.output
