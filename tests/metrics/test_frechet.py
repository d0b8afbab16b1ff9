import sys

import numpy as np
import pytest
import torch
from scipy.linalg import sqrtm

from directions.errors import MeasuresError
from directions.metrics.features import PooledFeatures, deep_features
from directions.metrics.frechet import (
    frechet,
    inception,
    kernel,
    require_torchmetrics,
    subset_size,
    to_bytes,
)


def sets(real=300, made=200, features=5, apart=0.7, seed=0):
    rng = torch.Generator().manual_seed(seed)
    mix = torch.randn(features, features, generator=rng)
    return (
        torch.randn(real, features, generator=rng),
        torch.randn(made, features, generator=rng) @ mix + apart,
    )


def drawn(seed):
    """Samples of the same two distributions, whatever the seed."""
    rng = torch.Generator().manual_seed(seed)
    made = torch.randn(200, 3, generator=rng) @ torch.diag(torch.tensor([1.0, 1.5, 0.5])) + 0.4
    return torch.randn(200, 3, generator=rng), made


def test_frechet_is_the_formula_by_scipy():
    real, made = (one.double().numpy() for one in sets())
    one, other = np.cov(real.T), np.cov(made.T)
    gap = np.square(real.mean(0) - made.mean(0)).sum()
    known = gap + np.trace(one + other - 2 * sqrtm(one @ other).real)
    found = frechet(*sets())
    assert found.mean == pytest.approx(known, rel=1e-6)
    assert found.low < found.mean < found.high


def test_the_range_of_the_frechet_distance_is_as_wide_as_samples_differ():
    draws = [frechet(*drawn(seed)) for seed in range(12)]
    values = torch.tensor([one.mean for one in draws])
    width = sum(one.high - one.low for one in draws) / len(draws)
    assert width == pytest.approx(2 * 1.96 * values.std().item(), rel=0.6)


def test_a_set_is_not_far_from_itself():
    same = torch.randn(500, 3, generator=torch.Generator().manual_seed(3))
    found = frechet(same, same)
    assert found.mean == pytest.approx(0, abs=1e-9) and found.low >= 0 and found.high < 0.05


def test_kernel_is_the_unbiased_formula_where_a_subset_holds_everything():
    real, made = (one.double() for one in sets(60, 60))
    cubic = lambda a, b: (a @ b.T / 5 + 1) ** 3  # noqa: E731
    one, other = (cubic(x, x) for x in (real, made))
    inside = sum((k.sum() - k.trace()) / (60 * 59) for k in (one, other))
    known = (inside - 2 * cubic(real, made).mean()).item()
    found = kernel(real, made, subset=60)
    assert found.mean == pytest.approx(known, rel=1e-6)
    assert found.low == pytest.approx(known) and found.high == pytest.approx(known)


def test_the_range_of_the_kernel_distance_is_as_wide_as_samples_differ():
    draws = [kernel(*drawn(seed)) for seed in range(12)]
    values = torch.tensor([one.mean for one in draws])
    width = sum(one.high - one.low for one in draws) / len(draws)
    assert width == pytest.approx(2 * 1.96 * values.std().item(), rel=0.6)


def test_the_same_seed_gives_the_same_and_leaves_the_draws_of_others_alone():
    torch.manual_seed(5)
    first = torch.rand(1)
    torch.manual_seed(5)
    assert kernel(*sets(), seed=1) == kernel(*sets(), seed=1) != kernel(*sets(), seed=2)
    assert torch.equal(torch.rand(1), first)


def test_too_few_pictures_are_one_sentence():
    with pytest.raises(MeasuresError) as told:
        frechet(*sets(300, 5))
    assert str(told.value) == (
        "5 pictures are too few for a Fréchet distance over 5 features; it needs more than 5 real "
        "and generated ones"
    )
    with pytest.raises(MeasuresError) as told:
        kernel(*sets(300, 40), subset=41)
    assert str(told.value) == (
        "a kernel distance cannot take subsets of 41 out of 40 pictures; 2 to 40 are possible"
    )


@pytest.mark.parametrize(("counts", "size"), [((5000, 3000), 1000), ((100, 50), 25)])
def test_a_subset_is_half_of_the_fewer_and_1000_at_most(counts, size):
    assert subset_size(*counts) == size


def test_bytes_are_cut_off_at_both_ends():
    images = torch.tensor([-1.2, -1.0, 0.0, 0.9999, 1.0, 3.0]).view(1, 1, 1, 6).expand(1, 3, 1, 6)
    assert to_bytes(images)[0, 0, 0].tolist() == [0, 0, 128, 255, 255, 255]
    every = torch.arange(256, dtype=torch.uint8).view(1, 1, 16, 16).expand(1, 3, 16, 16)
    assert torch.equal(to_bytes(every.float() / 127.5 - 1), every)


def test_pooled_features_are_means_of_block_10():
    pictures = torch.randint(
        256, (2, 3, 32, 32), dtype=torch.uint8, generator=torch.Generator().manual_seed(0)
    )
    found = PooledFeatures()(pictures)
    assert found.shape == (2, PooledFeatures.num_features)
    blocks = list(deep_features().activations(pictures.float() / 127.5 - 1))
    torch.testing.assert_close(found, blocks[10].mean((2, 3)))


def test_missing_packages_are_one_sentence(monkeypatch):
    monkeypatch.setattr("torchmetrics.utilities.imports._TORCH_FIDELITY_AVAILABLE", False)
    with pytest.raises(MeasuresError) as told:
        inception()
    assert str(told.value) == (
        "the standard Inception network needs torch-fidelity; `pip install torch-fidelity`, which "
        "needs torchvision, or leave out --features inception"
    )
    monkeypatch.setitem(sys.modules, "torchmetrics", None)
    with pytest.raises(MeasuresError) as told:
        require_torchmetrics()
    assert str(told.value) == (
        "Fréchet and kernel distances need torchmetrics; install it with pip install "
        "'directions[metrics]'"
    )
