import pytest
import torch

from directions.basis import random_basis
from directions.config import SolveConfig
from directions.errors import GeneratorError, RunError
from directions.hessians import EveryOutput, Projected
from directions.metrics.matching import matched
from directions.solve import ClosedForm


class Hidden:
    """Every hidden coordinate paints a pattern of its own: its Hessians share a diagonaliser."""

    name, latent_dim, slots = "hidden", 6, 1

    def __init__(self):
        rng = torch.Generator().manual_seed(7)
        self.basis = random_basis(6, 6, rng)
        self.patterns = torch.randn(6, 48, generator=rng)

    def sample_latents(self, count, rng):
        return torch.randn(count, 6, generator=rng)

    def __call__(self, z):
        waves = torch.sin(z @ self.basis.T.to(z) * torch.linspace(0.5, 1.0, 6).to(z))
        return (waves @ self.patterns.to(z) / 20).unflatten(1, (3, 4, 4))


def solved(**settings):
    solver = ClosedForm([Hidden()], SolveConfig(**settings))
    return solver, list(solver.steps())


@pytest.mark.parametrize("projections", [None, 2])
def test_a_hidden_basis_is_found(projections):
    solver, steps = solved(steps=30, projections=projections)
    basis, hidden = steps[-1].basis, solver.generators[0].basis
    assert (basis[matched(hidden, basis).others] * hidden).sum(1).abs().min() > 0.999
    assert min(solver.reproducibility()) > 0.999
    assert steps[-1].penalty < 0.01 * steps[0].penalty


def quadratic(matrices):
    """Outputs with these Hessians everywhere."""
    return lambda w: torch.einsum("bi,oij,bj->bo", w, matrices, w) / 2


def second_moment(matrices):
    return torch.einsum("kij,klm->ijlm", matrices, matrices)


def test_every_output_knows_all_hessians():
    matrices = torch.randn(5, 4, 4, dtype=torch.float64)
    matrices = matrices + matrices.mT
    kind = EveryOutput(radius=0.3, batch_size=3)
    point = torch.randn(4, dtype=torch.float64)
    found = kind.matrices([kind.sample(quadratic(matrices), point, torch.Generator())])
    torch.testing.assert_close(second_moment(found), second_moment(matrices) / 5)


def test_projections_have_the_same_expectation():
    matrices = torch.randn(5, 4, 4, dtype=torch.float64)
    matrices = matrices + matrices.mT
    kind, rng = Projected(radius=0.3, batch_size=3, projections=4000), torch.Generator()
    found = kind.sample(quadratic(matrices), torch.randn(4, dtype=torch.float64), rng)
    torch.testing.assert_close(found, found.mT)
    error = second_moment(kind.matrices([found])) - second_moment(matrices) / 5
    assert error.norm() < 0.1 * second_moment(matrices / 5**0.5).norm()


@pytest.mark.parametrize("projections", [None, 1])
def test_going_on_equals_never_having_stopped(projections):
    settings = {"steps": 13, "projections": projections}
    _, whole = solved(**settings)
    first = ClosedForm([Hidden()], SolveConfig(**settings))
    for step in first.steps():
        if step.number == 6:
            break
    second = ClosedForm([Hidden()], SolveConfig(**settings))
    second.load_state(first.state())
    rest = list(second.steps())
    assert [step.number for step in rest] == list(range(7, 14))
    assert torch.equal(rest[-1].basis, whole[-1].basis)


def test_other_settings_are_not_gone_on_with():
    solver, _ = solved(steps=3)
    with pytest.raises(RunError, match="^the run was started with another seed$"):
        ClosedForm([Hidden()], SolveConfig(seed=4)).load_state(solver.state())


def test_fewer_directions_are_those_that_explain_most():
    solver, steps = solved(steps=12, directions=2)
    assert torch.equal(steps[-1].basis, solver.full[:2].float())
    assert len(solver.reproducibility()) == 2


def test_more_directions_than_dimensions_are_refused():
    with pytest.raises(GeneratorError, match="^7 directions asked of a generator with 6 latent"):
        ClosedForm([Hidden()], SolveConfig(directions=7))
