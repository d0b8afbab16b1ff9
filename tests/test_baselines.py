import pytest
import torch

from directions.baselines import Method, baseline, ganspace, jacobian, sefa
from directions.errors import GeneratorError
from directions.generators.open import open_generator
from directions.generators.toys import Waves

DIM = 5


class Linear:
    """z enters by two matrices that share their right singular vectors, the rows of `hidden`."""

    name, latent_dim, slots = "linear", DIM, 2

    def __init__(self):
        rng = torch.Generator().manual_seed(5)
        self.hidden, left = (torch.linalg.qr(torch.randn(n, n, generator=rng))[0] for n in (5, 48))
        strength = torch.tensor([5.0, 4.0, 3.0, 2.0, 1.0])
        self.weight = left[:, :DIM] * strength @ self.hidden / 20

    def sample_latents(self, count, rng):
        return torch.randn(count, DIM, generator=rng)

    def __call__(self, z):
        return (self._whole(z) @ self.weight.T).unflatten(1, (3, 4, 4))

    def activation(self, z, blocks):
        return self(z) * blocks

    def entering(self, slot):
        return self.weight * (slot + 1)

    def _whole(self, z):
        return z if z.dim() == 2 else z.mean(1)


def same(found, hidden, least):
    torch.testing.assert_close(found @ found.T, torch.eye(DIM), atol=1e-4, rtol=0)
    assert (found * hidden).sum(1).abs().min() > least
    largest = found.gather(1, found.abs().argmax(1, keepdim=True))
    assert (largest > 0).all()


def test_sefa_finds_the_singular_vectors_in_order():
    same(sefa(Linear()), Linear().hidden, 0.9999)


def test_sefa_looks_at_the_slots_that_are_edited():
    class Two(Linear):
        def entering(self, slot):
            return torch.eye(DIM)[[slot]]

    assert sefa(Two(), range(1, 2))[0].tolist() == [0, 1, 0, 0, 0]


def test_jacobian_finds_the_singular_vectors_in_order():
    rng = torch.Generator().manual_seed(0)
    same(jacobian([Linear()], rng, 3, batch_size=2), Linear().hidden, 0.9999)


def test_ganspace_finds_the_components_in_order():
    rng = torch.Generator().manual_seed(0)
    same(ganspace([Linear()], rng, 4000), Linear().hidden, 0.95)


def test_ganspace_refuses_an_activation_that_z_does_not_reach():
    generator = open_generator(labels=["mug"]).generators[0]
    with pytest.raises(GeneratorError, match="^the first 1 blocks of objects-64/mug do not tell"):
        ganspace([generator], torch.Generator().manual_seed(0), 40, slots=range(3, 5))


@pytest.mark.parametrize("method", list(Method))
def test_every_method_gives_orthonormal_rows_of_the_embedded_generator(method):
    generators = open_generator(labels=["mug"]).generators
    samples = {Method.ganspace: 40, Method.jacobian: 2}.get(method)
    basis = baseline(method, generators, samples=samples, seed=1)
    torch.testing.assert_close(basis @ basis.T, torch.eye(12), atol=1e-4, rtol=0)
    again = baseline(method, generators, samples=samples, seed=1)
    assert torch.equal(basis, again)


@pytest.mark.parametrize("method", [Method.sefa, Method.ganspace])
def test_methods_that_look_inside_need_to_be_shown(method):
    with pytest.raises(GeneratorError, match=f"^{method} needs to see inside waves, which shows"):
        baseline(method, [Waves()])
