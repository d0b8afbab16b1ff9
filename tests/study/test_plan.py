"""Which runs there are, in which order, and how their numbers follow from the paper's."""

import json
from dataclasses import replace

import pytest

from directions.errors import RunError
from directions.progan.growth import grown_after
from directions.progan.presets import DATA, PRESETS, SMALL
from directions.study.plan import (
    METHODS,
    PAPER_STUDY,
    SMALL_STUDY,
    Run,
    Scale,
    Wanted,
    plan_from,
    plan_values,
    planned,
    runs_of,
)


def test_seeds_come_last_so_that_a_part_is_of_use():
    runs = runs_of(["clevr-u", "clevr-1fov"], ["progan-plus", "hessian", "progan"], 2)
    assert [str(run) for run in runs] == [
        f"{data}/{method}/seed-{seed}"
        for seed in (0, 1)
        for data in ("clevr-u", "clevr-1fov")
        for method in ("progan", "progan-plus", "hessian")
    ]
    assert len(runs_of(DATA, list(METHODS), 3)) == 5 * 5 * 3


def test_a_source_is_trained_though_it_was_not_asked_for():
    runs = runs_of(["clevr-u"], ["hessian-finetune"], 1)
    assert [run.method for run in runs] == ["progan", "hessian-finetune"]
    assert runs[1].source == runs[0] and runs[0].source is None


@pytest.mark.parametrize("data", DATA)
@pytest.mark.parametrize("method", list(METHODS))
def test_the_papers_plan_is_the_papers_presets(data, method):
    found, preset = PAPER_STUDY.config(Run(data, method, 0)), PRESETS[f"{data}/{method}"]
    start = 30_000_000 if method == "hessian-finetune" else 0
    assert found == replace(preset, penalty=replace(preset.penalty, start=start))


def test_seeds_reach_the_settings():
    assert SMALL_STUDY.config(Run("clevr-u", "hessian", 7)).seed == 7


def test_fine_tuning_sets_out_where_progan_stops():
    plan = planned(Wanted(Scale.small, images=1000))
    first, plus, tuned = (
        plan.config(Run("clevr-1fov", m, 0)) for m in ("progan", "progan-plus", "hessian-finetune")
    )
    assert (first.images, plus.images, tuned.images) == (600, 1000, 1000)
    assert (tuned.penalty.start, tuned.penalty.ramp) == (600, 200)
    assert replace(plus, images=600) == first
    assert first.penalty.weight == plus.penalty.weight == 0 < tuned.penalty.weight


@pytest.mark.parametrize(
    ("method", "marks"),
    [
        ("progan", (480,)),
        ("progan-plus", (500, 600, 700, 800)),
        ("hessian", (500, 600, 700, 800)),
        ("infogan", (500, 600, 700, 800)),
        ("hessian-finetune", (700, 800)),  # lambda has its full weight from 640 on
    ],
)
def test_snapshots_are_due_in_the_second_half_at_full_weight(method, marks):
    assert planned(Wanted(Scale.small, images=800)).marks(Run("clevr-u", method, 0)) == marks


@pytest.mark.parametrize("scale", list(Scale))
@pytest.mark.parametrize("share", [1.0, 0.1, 2.0])
def test_a_shorter_training_still_grows_to_its_end(scale, share):
    usual = planned(Wanted(scale)).base
    plan = planned(Wanted(scale, images=round(usual.images * share))).base
    grown = grown_after(plan.growth, plan.network.resolution)
    assert grown < plan.images
    assert share < 1 or plan.growth == usual.growth


def test_a_set_has_pictures_of_its_own():
    plan = replace(planned(Wanted(Scale.small, images=800)), images={"clevr-u": 400})
    simple, u = (Run(data, "hessian-finetune", 0) for data in ("clevr-simple", "clevr-u"))
    assert (plan.begins_at(simple), plan.begins_at(u)) == (480, 240)
    assert (plan.config(simple).images, plan.config(u).images) == (800, 400)
    assert plan.config(u) == replace(
        planned(Wanted(Scale.small, images=400)).config(u), images=plan.last_images("clevr-u")
    )
    assert plan.marks(u) == (350, 400)
    assert planned(Wanted(images=800)).images == {} != planned(Wanted()).images


def test_small_has_three_latents_for_clevr_u_and_the_papers_weights_and_codes():
    config = SMALL_STUDY.config(Run("clevr-u", "infogan", 0))
    assert config.network.latent_dim == config.network.codes == 3
    assert config.network.resolution == SMALL.network.resolution
    hessian = SMALL_STUDY.config(Run("clevr-simple", "hessian", 0))
    assert hessian.network.latent_dim == 12
    assert hessian.penalty == replace(SMALL.penalty, weight=0.05)


def test_lambdas_times_a_factor():
    plan = planned(Wanted(penalty_factor=0.25))
    weights = {one: plan.config(Run(one, "hessian-finetune", 0)).penalty.weight for one in DATA}
    assert weights["clevr-simple"] == 0.0125 and weights["clevr-u"] == 0.0125 / 4
    assert plan.config(Run("clevr-u", "infogan", 0)).penalty.weight == 0
    none = planned(Wanted(penalty_factor=0.0)).config(Run("clevr-u", "hessian", 0))
    assert none.penalty.weight == 0


@pytest.mark.parametrize("scale", list(Scale))
def test_plans_come_back_from_json(scale):
    plan = planned(Wanted(scale, images=1234, pictures=7, penalty_factor=0.5))
    assert plan_from(json.loads(json.dumps(plan_values(plan)))) == plan
    assert plan.base.images == 1234 and plan.pictures == 7


@pytest.mark.parametrize(
    ("data", "methods", "sentence"),
    [
        (["clevr"], ["progan"],
         f"no data set 'clevr'; known: {', '.join(DATA)}"),
        (["clevr-u"], ["gan"],
         "no method 'gan'; known: progan, progan-plus, hessian, hessian-finetune, infogan"),
    ],
)  # fmt: skip
def test_unknown_names(data, methods, sentence):
    with pytest.raises(RunError) as caught:
        runs_of(data, methods, 1)
    assert str(caught.value) == sentence
