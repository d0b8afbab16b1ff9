import pytest
import torch

from directions.traverse import aligned, coordinates, eased, loop_amounts
from directions.walk import along, moved, random_walks


def test_a_loop_has_no_jump_and_reaches_both_sides():
    amounts = loop_amounts(120, 3.0)
    around = torch.cat([amounts, amounts[:1]]).diff().abs()
    assert amounts.max() == 3 and amounts.min() == -3 and amounts[0] == 0
    assert around[-1] == pytest.approx(around[0].item(), rel=1e-3) and around.max() < 0.16


def test_easing_goes_there_and_back():
    shares = eased(10)
    assert shares[0] == 0 and shares[5] == 1
    torch.testing.assert_close(shares[1:], shares[1:].flip(0))


def test_aligned_latents_lie_on_the_hyperplane_and_move_along_the_direction_only():
    q = torch.tensor([[0.6, 0.8, 0.0]])
    z = torch.randn(5, 3)
    after = aligned(z, q, 2.0)
    torch.testing.assert_close(coordinates(after, q), torch.full((5, 1), 2.0))
    torch.testing.assert_close(after - z, (2 - z @ q.T) * q)
    torch.testing.assert_close(aligned(after, q, 2.0), after)


def test_every_direction_can_have_a_target_of_its_own():
    basis, z = torch.eye(4)[:2], torch.randn(3, 4)
    after = aligned(z, basis, torch.tensor([1.0, -1.0]))
    torch.testing.assert_close(after[:, :2], torch.tensor([[1.0, -1.0]]).expand(3, -1))
    assert torch.equal(after[:, 2:], z[:, 2:])


def test_slots_outside_the_range_stay():
    z, shift = torch.randn(2, 3), torch.ones(2, 3)
    found = moved(z, shift, range(1, 3), 4)
    assert found.shape == (2, 4, 3)
    for slot, edited in enumerate([0, 1, 1, 0]):
        torch.testing.assert_close(found[:, slot], z + edited * shift)
    assert torch.equal(moved(z, shift, None, 4), z + shift)


def test_walks_are_one_hot_within_reach_and_visit_every_direction():
    walks = random_walks(4000, 5, 2.0, torch.Generator().manual_seed(0))
    assert (walks != 0).sum(1).eq(1).all() and walks.abs().max() <= 2
    assert (walks != 0).float().mean(0).min() > 0.17
    assert walks.sum(1).mean().abs() < 0.1 and walks.sum(1).max() > 1.9


def test_the_walk_is_a_function_of_w():
    class Echo:
        name, latent_dim, slots = "echo", 3, 1

        def sample_latents(self, count, rng):
            return torch.zeros(count, 3)

        def __call__(self, z):
            return z[:, :, None, None]

    basis, z, w = torch.eye(3)[[2, 0]], torch.ones(1, 3), torch.tensor([[5.0, 7.0]])
    found = along(Echo(), basis, z)(w)
    assert found.flatten().tolist() == [8.0, 1.0, 6.0]
