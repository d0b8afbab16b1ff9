from dataclasses import replace

import pytest
import torch

from directions.penalty import rademacher_signs
from directions.progan.config import PenaltyConfig, ProGANConfig, Reduction, unbiased
from directions.progan.generator import Generator, draw_weights
from directions.progan.growth import Stage
from directions.progan.penalty import counted_layers, layer_penalties
from directions.progan.presets import DATA, METHODS, PRESETS
from tests.progan.toys import NETWORK, TINY


def setting(**penalty):
    return replace(TINY, penalty=PenaltyConfig(weight=1.0, **penalty))


@pytest.fixture
def generator():
    network = Generator(NETWORK).double()
    draw_weights(network, torch.Generator().manual_seed(1))
    return network


def test_the_paper_penalises_ten_of_thirteen_layers():
    config = ProGANConfig()
    assert config.network.layers == 13 and config.penalised_layers == tuple(range(1, 11))
    assert setting().penalised_layers == (1, 2, 3, 4)
    assert setting(layers=(7, 2, 2)).penalised_layers == (2, 7)


def naive(generator, z, signs, layers, stage, epsilon, reduce):
    """Figure 1 of the paper, all five passes, layer by layer."""

    def taps(x):
        found = list(generator.synthesis.activations(generator.normalise(x)))
        return [found[n - 1] for n in layers]

    centre, terms = taps(z), []
    for v in signs:
        ahead, behind = taps(z + epsilon * v), taps(z - epsilon * v)
        terms.append(
            [(a - 2 * c + b) / epsilon**2 for a, c, b in zip(ahead, centre, behind, strict=True)]
        )
    return [reduce(torch.stack(layer).var(0)) for layer in zip(*terms, strict=True)]


@pytest.mark.parametrize("reduction", [Reduction.max, Reduction.mean])
@pytest.mark.parametrize("probes", [2, 3])
def test_penalties_are_those_of_the_paper_summed_over_layers(generator, reduction, probes):
    z = torch.randn(5, 4, dtype=torch.double)
    signs = rademacher_signs(z, probes)
    config = setting(reduction=reduction, probes=probes, epsilon=0.2)
    stage = Stage(8, 0.25)
    reduce = torch.max if reduction == "max" else torch.mean
    one, two, three, four = naive(generator, z, signs, [1, 2, 3, 4], stage, 0.2, reduce)
    expected = one + two + 0.25 * (three + four)
    found = layer_penalties(generator, z, signs, config, stage)
    torch.testing.assert_close(found, expected)
    weights = [layer.weight for layer in list(generator.synthesis.layers)[:4]]
    for ours, theirs in zip(
        torch.autograd.grad(found, weights), torch.autograd.grad(expected, weights), strict=True
    ):
        torch.testing.assert_close(ours, theirs)


def test_the_authors_variance_is_the_unbiased_one_times_k_less_one_over_k(generator):
    z = torch.randn(5, 4, dtype=torch.double)
    signs, stage = rademacher_signs(z, 2), Stage(16, 1.0)

    ours = layer_penalties(generator, z, signs, setting(layers=(2,)), stage)
    taps = [generator.tapped(z + s * 0.1 * v, [2], stage)[0] for v in signs for s in (1, -1)]
    second = torch.stack([taps[0] + taps[1], taps[2] + taps[3]]) / 0.01
    published = ((second - second.mean(0)) ** 2).mean(0).max()
    torch.testing.assert_close(unbiased(0.1) * ours, 0.1 * published)
    assert unbiased(0.1) == 0.05 and unbiased(0.3, probes=3) == pytest.approx(0.2)


def test_the_penalty_is_that_of_raw_z(generator):
    """Stretched z is normalised inside: the same picture, a flatter function of z."""
    z = torch.randn(5, 4, dtype=torch.double)
    signs, config, stage = rademacher_signs(z, 2), setting(), Stage(16, 1.0)
    near = layer_penalties(generator, z, signs, config, stage)
    far = layer_penalties(generator, 100 * z, signs, config, stage)
    assert far < near * 1e-3


def test_passes_stop_at_the_deepest_layer_and_there_are_two_k_of_them(generator):
    called = []
    for number, layer in enumerate(generator.synthesis.layers, 1):
        layer.register_forward_hook(lambda *_, number=number: called.append(number))
    z = torch.randn(5, 4, dtype=torch.double)
    for probes in (2, 3):
        called.clear()
        config = setting(layers=(1, 3), probes=probes)
        layer_penalties(generator, z, rademacher_signs(z, probes), config, Stage(16, 1.0))
        assert called == [1, 2, 3] * 2 * probes
    called.clear()
    config = setting(layers=(2, 3))  # 8 px have not begun
    layer_penalties(generator, z, rademacher_signs(z, 2), config, Stage(4, 1.0))
    assert called == [1, 2] * 4


def test_layers_that_have_not_grown_cost_nothing(generator):
    z = torch.randn(5, 4, dtype=torch.double)
    generator.synthesis.layers[0].register_forward_hook(lambda *_: pytest.fail("a pass"))
    config = setting(layers=(5,))
    assert counted_layers(config, Stage(8, 1.0)) == {}
    assert layer_penalties(generator, z, rademacher_signs(z, 2), config, Stage(8, 1.0)) == 0


def test_presets_are_the_rows_and_columns_of_table_1():
    assert set(PRESETS) == {"small"} | {f"{d}/{m}" for d in DATA for m in METHODS}
    assert len(PRESETS) == 26
    for data in DATA:
        hp, ft, plus, base, info = (
            PRESETS[f"{data}/{m}"]
            for m in ("hessian", "hessian-finetune", "progan-plus", "progan", "infogan")
        )
        weight = 0.0125 if data in ("clevr-u", "clevr-1fov") else 0.05
        assert hp.penalty == PenaltyConfig(weight=weight)
        assert ft.penalty == PenaltyConfig(weight=weight, ramp=10_000_000)
        assert plus.penalty.weight == base.penalty.weight == info.penalty.weight == 0
        assert {c.images for c in (hp, ft, plus, info)} == {50_000_000}
        assert base == replace(plus, images=30_000_000)
        assert {c.network.latent_dim for c in (hp, ft, plus, base, info)} == {
            3 if data == "clevr-u" else 12
        }
        assert hp.shards == 4 and hp.learning_rate == 0.001 and hp.betas == (0.0, 0.99)
    codes = [PRESETS[f"{data}/infogan"].network.codes for data in DATA]
    assert codes == [12, 4, 10, 3, 1]
