from dataclasses import replace

import pytest
import torch

from directions import parallel
from directions.config import Precision
from directions.errors import RunError
from directions.progan.config import PenaltyConfig
from directions.progan.growth import Stage
from directions.progan.store import begin, load_state, restore, save_state
from directions.progan.trainer import Trainer
from tests.progan.toys import TINY, Squares


def trainer(**changes):
    return Trainer(Squares(), replace(TINY, **changes))


def weights(one):
    return {
        f"{part}.{name}": value
        for part, network in {**one.networks, "average": one.average}.items()
        for name, value in network.state_dict().items()
    }


def require_equal(one, other):
    ours, theirs = weights(one), weights(other)
    for name, value in ours.items():
        assert torch.equal(value, theirs[name]), name


def test_networks_grow_as_pictures_are_seen():
    steps = list(trainer().steps())
    assert [step.stage for step in steps] == [
        Stage(4, 1.0), Stage(4, 1.0), Stage(4, 1.0), Stage(8, 0.5), Stage(8, 1.0), Stage(8, 1.0),
        Stage(8, 1.0), *[Stage(16, n / 16) for n in (8, 12)], *[Stage(16, 1.0)] * 9,
    ]  # fmt: skip
    assert [step.images for step in steps][-3:] == [92, 96, 100]
    assert steps[0].weight == 0 and steps[0].penalty is None
    assert all(step.penalty > 0 and step.weight == 0.05 for step in steps[1:])
    assert steps[-1].skipped == 0 and steps[-1].number == len(steps)


@pytest.mark.parametrize("after", [1, 3, 4, 8, 11])
def test_resumed_equals_uninterrupted_wherever_it_stopped(after, tmp_path):
    whole, first, second = trainer(), trainer(), trainer()
    for _ in whole.steps():
        pass
    steps = first.steps()
    for _ in range(after):
        next(steps)
    save_state(first, tmp_path)
    restore(second, load_state(tmp_path))
    for _ in second.steps():
        pass
    require_equal(whole, second)
    assert (second.number, second.images) == (whole.number, whole.images)


def test_moments_are_reset_at_borders_only():
    one = trainer()
    ages = []
    for _ in one.steps():
        moment = one.adams["generator"].state[one.generator.synthesis.layers[0].weight]
        ages.append(int(moment["step"]))
    assert ages == [1, 2, 3, 1, 1, 2, 3, 1, 2, *range(1, 10)]


def test_parts_that_have_not_grown_stay_as_they_were_drawn():
    one = trainer()
    drawn = one.generator.synthesis.layers[4].weight.clone()
    for step in one.steps():
        same = torch.equal(one.generator.synthesis.layers[4].weight, drawn)
        assert same == (step.images <= 56), step


@pytest.mark.parametrize("network", ["generator", "discriminator"])
def test_an_update_that_is_not_finite_is_skipped_and_counted(network):
    one = trainer()
    steps = one.steps()
    next(steps)
    before = {name: value.clone() for name, value in weights(one).items()}
    parameter = next(one.networks[network].parameters())
    hook = parameter.register_hook(lambda gradient: gradient * float("nan"))
    step = next(steps)
    assert step.skipped == 1
    for name, value in weights(one).items():
        if name.startswith(network):
            assert torch.equal(value, before[name]), name
    hook.remove()
    assert next(steps).skipped == 1
    assert all(value.isfinite().all() for value in weights(one).values())


def test_the_average_forgets_half_in_its_half_life():
    one = trainer(half_life=8)
    before = {k: v.clone() for k, v in one.average.state_dict().items()}
    moved = {k: v + 1.0 for k, v in one.generator.state_dict().items()}
    one.generator.load_state_dict(moved)
    one._update_average(8)
    for name, value in one.average.state_dict().items():
        torch.testing.assert_close(value, (before[name] + moved[name]) / 2)


def test_the_penalty_changes_training_only_once_lambda_is_above_zero():
    never, later = (
        trainer(penalty=PenaltyConfig()),
        trainer(penalty=PenaltyConfig(weight=1.0, start=16)),
    )
    one, other = never.steps(), later.steps()
    for _ in range(3):
        next(one)
        step = next(other)
    assert step.penalty is None and step.weight == 0
    require_equal(never, later)
    next(one)
    assert next(other).penalty is not None
    with pytest.raises(AssertionError):
        require_equal(never, later)


def test_lambda_of_zero_costs_no_pass():
    passes = {}
    for weight in (0.0, 0.05):
        one, called = trainer(penalty=PenaltyConfig(weight=weight)), []
        one.generator.synthesis.layers[0].register_forward_hook(lambda *_, c=called: c.append(1))
        steps = one.steps()
        for _ in range(3):
            next(steps)
        passes[weight] = len(called)
    assert passes == {0.0: 6, 0.05: 6 + 2 * 4}  # the first step has none in either


def test_infogan_trains_its_head_and_takes_latents_of_its_own():
    from directions.progan.config import NetworkConfig

    network = NetworkConfig(latent_dim=4, resolution=16, width=32, most_channels=8, codes=2)
    one = trainer(network=network, penalty=PenaltyConfig())
    called = []
    one.generator.register_forward_pre_hook(lambda _, inputs: called.append(inputs[0]))
    head = one.discriminator.read.last.weight.clone()
    step = next(one.steps())
    judged, fooling, coded = called
    assert not torch.equal(fooling, coded) and not torch.equal(judged, coded)
    assert not torch.equal(one.discriminator.read.last.weight, head)
    assert step.generator_loss.isfinite()


def test_the_generators_step_leaves_no_gradient_in_the_discriminator():
    one = trainer()
    next(one.steps())
    assert all(p.grad is None for n in one.networks.values() for p in n.parameters())


def test_half_precision_trains():
    one = trainer(precision=Precision.bfloat16, images=40)
    steps = list(one.steps())
    assert steps[-1].skipped == 0 and steps[-1].penalty.dtype == torch.float32
    assert all(value.isfinite().all() for value in weights(one).values())


def test_shards_have_their_own_maxima_and_groups():
    """Two shards are the mean of two batches; one shard has one maximum."""
    values = []
    for shards in (1, 2):
        one = trainer(shards=shards)
        steps = one.steps()
        next(steps)
        values.append(next(steps).penalty.item())
    assert values[1] < values[0]  # a mean of two maxima, against the larger of both


def test_shards_that_do_not_divide_the_batch_are_refused():
    with pytest.raises(ValueError, match="a batch of 8 does not divide into 3 shards of whole"):
        trainer(shards=3)


def test_more_processes_than_shards_are_refused(monkeypatch):
    monkeypatch.setattr(parallel, "processes", lambda: 2)
    with pytest.raises(RunError) as refused:
        trainer()
    told = "2 processes cannot share 1 shards; pass --shards 2 or start fewer"
    assert str(refused.value) == told


def test_fine_tuning_takes_the_networks_and_starts_afresh(tmp_path):
    old = trainer(penalty=PenaltyConfig())
    for _ in old.steps():
        pass
    save_state(old, tmp_path)
    tuned = trainer(images=150, penalty=PenaltyConfig(weight=0.1, start=100, ramp=40))
    begin(tuned, load_state(tmp_path))
    require_equal(old, tuned)
    assert not tuned.adams["generator"].state
    found = [(step.images, step.weight) for step in tuned.steps()]
    assert found[0] == (104, 0) and found[1] == (108, pytest.approx(0.01))
    assert found[-1] == (152, pytest.approx(0.1))


def test_a_ramp_survives_a_resume(tmp_path):
    tuned = trainer(images=200, penalty=PenaltyConfig(weight=0.1, start=20, ramp=100))
    steps = tuned.steps()
    while next(steps).images < 64:
        pass
    save_state(tuned, tmp_path)
    state = load_state(tmp_path)
    again = Trainer(Squares(), state.config)
    restore(again, state)
    assert next(again.steps()).weight == next(steps).weight == pytest.approx(0.044)


def test_other_networks_and_other_pictures_are_refused(tmp_path):
    from directions.progan.config import NetworkConfig

    one = trainer()
    save_state(one, tmp_path)
    state = load_state(tmp_path)
    network = NetworkConfig(latent_dim=3, resolution=16, width=32, most_channels=8)
    with pytest.raises(RunError) as refused:
        begin(trainer(network=network), state)
    told = "the run has latent_dim 4, 3 was asked for; its networks do not fit"
    assert str(refused.value) == told
    with pytest.raises(RunError, match="^the run was started on 40 pictures, not on 39$"):
        restore(Trainer(Squares(39), TINY), state)
