import dataclasses
from pathlib import Path

import pytest
import torch

from directions.config import PAPER, LearnConfig, Start
from directions.errors import GeneratorError, RunError
from directions.evaluate import held_out_penalty, scores
from directions.generators.biggan.folded import FoldedBigGAN
from directions.generators.biggan.network import BoundBigGAN, prepared
from directions.generators.toys import Waves
from directions.learn import Learner
from tests.generators.biggan.conftest import tiny_network

SMALL = LearnConfig(steps=20, batch_size=8, reach=2.0)


def test_learning_finds_the_hidden_basis():
    toy = Waves()
    config = LearnConfig(steps=400, batch_size=32, learning_rate=0.02, reach=2.0)
    *_, last = Learner([toy], config).steps()
    best = (last.basis @ toy.hidden.T).abs().amax(1)
    assert best.min() > 0.99


def test_paper_settings_are_the_papers():
    assert PAPER.steps == 50_000 and PAPER.batch_size == 96 and PAPER.learning_rate == 0.01
    assert PAPER.reach == 5.0 and PAPER.epsilon == 0.1 and PAPER.probes == 2


def test_twenty_steps_equal_ten_and_ten():
    whole, first, second = (Learner([Waves()], SMALL) for _ in range(3))
    *_, wanted = whole.steps()
    steps = first.steps()
    for _ in range(10):
        next(steps)
    second.load_state(first.state())
    *_, found = second.steps()
    assert torch.equal(found.basis, wanted.basis) and found.penalty == wanted.penalty


def test_state_is_plain_enough_to_load_without_pickles(tmp_path: Path):
    learner = Learner([Waves()], SMALL)
    next(learner.steps())
    torch.save(learner.state(), tmp_path / "state.pt")
    Learner([Waves()], SMALL).load_state(torch.load(tmp_path / "state.pt", weights_only=True))


def test_resuming_with_other_settings_is_refused():
    state = Learner([Waves()], SMALL).state()
    other = dataclasses.replace(SMALL, reach=3.0, seed=4)
    with pytest.raises(RunError, match="^the run was started with another reach, seed$"):
        Learner([Waves()], other).load_state(state)


def test_micro_batches_use_the_whole_batch():
    config = dataclasses.replace(SMALL, steps=1, batch_size=5, micro_batch=2)
    seen = []

    class Counting(Waves):
        def __call__(self, z):
            seen.append(len(z))
            return super().__call__(z)

    list(Learner([Counting()], config).steps())
    assert seen[2:] == [2] * 4 + [2] * 4 + [1] * 4  # after the two calls of the steadiness check


def test_several_classes_are_all_visited():
    toys = [Waves(), Waves()]
    seen = set()
    for index, toy in enumerate(toys):
        plain = toy.sample_latents
        toy.sample_latents = lambda count, rng, i=index, f=plain: seen.add(i) or f(count, rng)
    list(Learner(toys, dataclasses.replace(SMALL, micro_batch=2)).steps())
    assert seen == {0, 1}


def test_starts():
    assert torch.equal(
        Learner([Waves()], dataclasses.replace(SMALL, start=Start.coordinates)).matrix, torch.eye(4)
    )
    given = Waves().hidden[:2]
    assert torch.equal(Learner([Waves()], SMALL, start=given).matrix, given)


def test_fewer_directions_than_dimensions():
    *_, last = Learner([Waves()], dataclasses.replace(SMALL, directions=2)).steps()
    assert last.basis.shape == (2, 4)


def test_more_directions_than_dimensions_are_refused():
    with pytest.raises(GeneratorError, match="5 directions asked of a generator with 4 latent"):
        Learner([Waves()], dataclasses.replace(SMALL, directions=5))


def test_slots_that_do_not_exist_are_refused():
    message = "^slots 1-2 do not exist in waves; it has slots 0 to 0$"
    with pytest.raises(GeneratorError, match=message):
        Learner([Waves()], SMALL, slots=range(1, 3))


def test_noisy_generator_is_refused():
    class Noisy(Waves):
        def __call__(self, z):
            return super().__call__(z) + torch.rand(len(z), 3, 4, 4)

    with pytest.raises(GeneratorError, match="^waves cannot be learnt from: two calls"):
        Learner([Noisy()], SMALL)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"steps": 0}, "steps must be at least 1, got 0"),
        ({"batch_size": 0}, "batch_size must be at least 1, got 0"),
        ({"micro_batch": 0}, "micro_batch must be at least 1, got 0"),
        ({"directions": 0}, "directions must be at least 1, got 0"),
        ({"probes": 1}, "a variance needs at least 2 probes, got 1"),
        ({"epsilon": 0.0}, "epsilon must be positive, got 0.0"),
        ({"reach": -1.0}, "reach must be positive, got -1.0"),
        ({"reach": float("nan")}, "reach must be positive, got nan"),
        ({"learning_rate": 0.0}, "learning_rate must be positive, got 0.0"),
    ],
)
def test_settings_without_meaning_are_refused(wrong, message):
    with pytest.raises(ValueError, match=f"^{message}$"):
        LearnConfig(**wrong)


def test_hidden_basis_beats_every_baseline_on_held_out_latents():
    toy = Waves()
    found = {s.name: s.penalty for s in scores([toy], toy.hidden, samples=64, reach=2.0)}
    others = [value for name, value in found.items() if name != "learnt"]
    assert len(others) == 6 and found["learnt"] < 0.01 * min(others)


def test_held_out_penalty_does_not_depend_on_the_batch_size():
    toys, basis = [Waves(), Waves()], torch.eye(4)
    values = [held_out_penalty(toys, basis, samples=33, batch_size=b) for b in (5, 7, 32)]
    assert values == pytest.approx([values[0]] * 3, rel=1e-4)
    other = held_out_penalty(toys, basis, samples=33, seed=1)
    assert other != pytest.approx(values[0], rel=1e-4)


def test_held_out_penalty_is_the_mean_over_pixels():
    class Product(Waves):
        pixels = 12

        def __call__(self, z):
            pixels = torch.zeros(len(z), 12)
            pixels[:, : self.pixels] = (z[:, 0] * z[:, 1])[:, None]
            return pixels.unflatten(1, (3, 2, 2))

    everywhere, once = Product(), Product()
    once.pixels = 1
    full, part = (held_out_penalty([g], torch.eye(4), samples=64) for g in (everywhere, once))
    assert full == pytest.approx(12 * part, rel=1e-3)
    assert full == pytest.approx(4.0, rel=0.5)  # 2 sum of H_ij^2 with H_01 = H_10 = 1


@pytest.mark.parametrize("portion", [1, 3, 5])
def test_portions_of_a_batch_have_the_gradient_of_the_whole(portion):
    network = prepared(tiny_network().double(), 1.0)
    generator = BoundBigGAN(FoldedBigGAN(network), "tiny", 1, 1.0)

    def gradient(micro_batch):
        config = LearnConfig(batch_size=7, micro_batch=micro_batch, learning_rate=0.1)
        learner = Learner([generator], config, start=torch.eye(8, dtype=torch.float64))
        learner._accumulate_gradient()
        return learner.matrix.grad

    torch.testing.assert_close(gradient(portion), gradient(None), rtol=0, atol=1e-10)
