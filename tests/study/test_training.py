"""Runs of a tiny study, whole and in parts."""

from dataclasses import replace

import pytest
import torch
from safetensors.torch import load_file

from directions.data.packed import open_pictures
from directions.errors import RunError
from directions.progan.bound import bound
from directions.progan.run import ProGANRun
from directions.progan.store import STATE, load_generator, load_state
from directions.progan.trainer import Trainer
from directions.study.folder import Study
from directions.study.plan import METHODS, Run, Scale, Wanted, planned, runs_of
from directions.study.training import train
from tests.study.made_up import packed, tiny

FIRST, PLUS, TUNED, PENALISED = (
    Run("clevr-1fov", method, 0)
    for method in ("progan", "progan-plus", "hessian-finetune", "hessian")
)


@pytest.fixture
def study(tmp_path):
    return tiny(tmp_path / "study")


def trained(study, *runs):
    for run in runs:
        assert list(train(study, run))[-1] == study.plan.config(run).images
        assert study.trained(run)
        assert list(train(study, run)) == []


def same(one, other):
    one, other = load_file(one / STATE), load_file(other / STATE)
    return one.keys() == other.keys() and all(torch.equal(v, other[k]) for k, v in one.items())


def test_progan_plus_is_progan_that_did_not_stop(study, tmp_path):
    trained(study, FIRST, PLUS)
    whole = ProGANRun(tmp_path / "whole", _trainer(study, PLUS))
    whole.folder.mkdir()
    assert len(list(whole.steps(1e9))) == 20
    assert same(study.run_folder(PLUS), whole.folder)
    (start,) = study.snapshots(FIRST)
    assert start == 48 and load_state(study.run_folder(FIRST)).about["images"] == 48


def _trainer(study, run):
    return Trainer(open_pictures(study.packed(run.data), 8), study.plan.config(run))


def test_fine_tuning_sets_out_from_progan_with_a_rising_penalty(study):
    trained(study, FIRST, TUNED)
    state = load_state(study.run_folder(TUNED))
    assert state.about["images"] == 80 and state.about["number"] == 20
    log = (study.run_folder(TUNED) / "log.jsonl").read_text()
    assert '"images": 52' in log and '"images": 48' not in log
    assert not same(study.run_folder(TUNED), study.run_folder(FIRST))
    assert list(study.snapshots(TUNED)) == [72, 80]


def test_snapshots_are_generators_of_their_moment(study):
    trained(study, PENALISED)
    assert list(study.snapshots(PENALISED)) == [52, 60, 72, 80]  # marks 50, 60, 70, 80
    ends = [load_generator(folder) for folder in study.snapshots(PENALISED).values()]
    assert [one.images for one in ends] == [52, 60, 72, 80]
    last = load_generator(study.run_folder(PENALISED))
    z = torch.randn(2, 12)
    assert torch.equal(last.network(z, last.stage), ends[-1].network(z, ends[-1].stage))
    assert not torch.equal(last.network(z, last.stage), ends[0].network(z, ends[0].stage))
    assert bound(str(study.snapshots(PENALISED)[52]), "cpu")[0].latent_dim == 12


@pytest.mark.parametrize("kept", [1, 7, 13, 18])
def test_a_killed_run_goes_on_as_if_it_had_not_been(study, tmp_path, kept, monkeypatch):
    """Saved after some steps, killed four steps later: those are done again."""
    whole = tiny(tmp_path / "whole")
    trained(whole, PENALISED)
    save, saved = ProGANRun.save, []

    def rarely(run):
        if run.trainer.number == kept or saved == ["dead"]:
            save(run)

    monkeypatch.setattr(ProGANRun, "save", rarely)
    steps = train(study, PENALISED, save_every=0.0)
    for _ in range(min(kept + 4, 20)):
        next(steps)
    steps.close()
    assert load_state(study.run_folder(PENALISED)).about["number"] == kept
    assert not study.trained(PENALISED)
    saved.append("dead")
    trained(study, PENALISED)
    assert same(study.run_folder(PENALISED), whole.run_folder(PENALISED))
    assert list(study.snapshots(PENALISED)) == list(whole.snapshots(PENALISED))


def test_a_snapshot_that_a_kill_prevented_is_made_up_for(study):
    steps = train(study, PENALISED)
    for images in steps:
        if images == 52:
            break
    steps.close()
    (study.snapshot(PENALISED, 52) / "generator.safetensors").unlink()
    trained(study, PENALISED)
    assert list(study.snapshots(PENALISED)) == [52, 60, 72, 80]


def test_a_run_is_not_trained_while_its_state_is_behind_its_last_snapshot(study):
    trained(study, FIRST)
    (study.run_folder(FIRST) / "generator.safetensors").unlink()
    assert not study.trained(FIRST)


def test_another_runs_state_is_refused(study):
    trained(study, FIRST)
    study.run_folder(FIRST).rename(study.run_folder(PENALISED).parent.with_name("moved"))
    folder = study.run_folder(PENALISED)
    folder.parent.mkdir()
    folder.parent.with_name("moved").rename(folder)
    with pytest.raises(RunError) as caught:
        next(train(study, PENALISED))
    assert str(caught.value) == f"{folder} holds another run than the study's; give another --out"


def test_a_source_that_is_gone(study):
    with pytest.raises(RunError) as caught:
        next(train(study, PLUS))
    folder = study.run_folder(FIRST)
    assert str(caught.value) == (
        f"no run at {folder}; `directions progan train --out {folder}` starts one"
    )


@pytest.mark.parametrize("run", runs_of(["clevr-u"], list(METHODS), 1), ids=lambda run: run.method)
def test_every_method_of_the_papers_plan_starts(tmp_path, run):
    """With narrow networks: a step at 4 pixels, then two or three at 16."""
    plan = planned(Wanted(Scale.paper, images=3500))
    network = replace(plan.base.network, resolution=16, width=32, most_channels=4)
    study = Study(tmp_path, replace(plan, base=replace(plan.base, network=network)))
    packed(study, 16)
    for one in (run.source, run):
        if one:
            for _ in train(study, one):
                pass
    state = load_state(study.run_folder(run))
    assert state.about["images"] == (2560 if run.method == "progan" else 3584)
    assert state.config.shards == 4 and state.config.penalty.reduction == "max"
    assert state.config.penalised_layers == (1, 2, 3, 4)
    assert state.about["skipped"] == 0
