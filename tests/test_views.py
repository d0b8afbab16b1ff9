import pytest
import torch

from directions.config import LearnConfig, SolveConfig
from directions.errors import GeneratorError
from directions.generators.open import open_generator
from directions.generators.toys import Waves
from directions.learn import Learner
from directions.metrics.features import deep_features
from directions.solve import ClosedForm
from directions.views import seen


@pytest.fixture(scope="module")
def mug():
    return open_generator(labels=["mug"]).generators[0]


def test_a_view_shows_what_it_says(mug):
    z = mug.sample_latents(2, torch.Generator().manual_seed(0))
    assert seen(mug, "image") is mug
    torch.testing.assert_close(seen(mug, "features")(z), deep_features()(mug(z)))
    torch.testing.assert_close(seen(mug, "block-2")(z), mug.activation(z, 2))


def test_the_last_block_is_what_the_picture_is_made_of(mug):
    z = mug.sample_latents(2, torch.Generator().manual_seed(0))
    network, last = mug.network, seen(mug, f"block-{mug.slots - 1}")(z)
    torch.testing.assert_close(network.output(last), mug(z))


def test_a_block_does_not_feel_z_that_enters_behind_it(mug):
    z = mug.sample_latents(1, torch.Generator().manual_seed(0))
    per_slot = z[:, None].repeat(1, mug.slots, 1)
    behind = per_slot.clone()
    behind[:, 3:] += 1
    view = seen(mug, "block-2")
    assert torch.equal(view(per_slot), view(behind))
    assert not torch.allclose(mug(per_slot), mug(behind))


@pytest.mark.parametrize("view", ["features", "block-1"])
def test_both_solvers_learn_from_a_view(mug, view):
    some = [seen(mug, view)]
    *_, descended = Learner(some, LearnConfig(steps=2, batch_size=2)).steps()
    *_, solved = ClosedForm(some, SolveConfig(steps=1, projections=2)).steps()
    for step in (descended, solved):
        assert step.penalty.item() > 0
        torch.testing.assert_close(step.basis @ step.basis.T, torch.eye(12), atol=1e-4, rtol=0)


@pytest.mark.parametrize(
    ("generator", "view", "sentence"),
    [
        ("mug", "block-5", "^no block 5 in objects-64/mug; it has blocks 1 to 4$"),
        ("mug", "block-0", "^no view 'block-0'; there are image, features and block-N$"),
        ("waves", "block-1", "^waves shows no blocks to look at; use image$"),
    ],
)
def test_what_cannot_be_seen_is_refused(mug, generator, view, sentence):
    with pytest.raises(GeneratorError, match=sentence):
        seen(mug if generator == "mug" else Waves(), view)
