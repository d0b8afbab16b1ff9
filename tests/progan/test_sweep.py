import torch

from directions.progan.sweep import activeness, at_value, plane, swept, with_value


class Known:
    """Pixels that are 3 z0, z1 squared, and no function of z2."""

    name, latent_dim, slots = "known", 3, 1

    def sample_latents(self, count, rng):
        return torch.randn(count, 3, generator=rng)

    def __call__(self, z):
        pixel = torch.stack([3 * z[:, 0], z[:, 1] ** 2, torch.ones(len(z))], 1)
        return pixel[:, :, None, None].expand(-1, -1, 2, 2)


Z = torch.tensor([[0.5, -1.0, 7.0], [2.0, 3.0, 4.0]])


def test_activeness_is_the_variance_over_three_values_by_hand():
    # 3 z0 over -6, 0, 6: variance 36; z1 squared over 4, 0, 4: 16/3. A third of the channels each.
    found = torch.stack(list(activeness(Known(), Z)))
    known = torch.tensor([36 / 3, 16 / 9, 0.0])
    torch.testing.assert_close(found, known[:, None].expand(3, 2))


class Scaled(Known):
    """Pixels that are z0 z1: how much z0 does depends on the sample."""

    def __call__(self, z):
        return (z[:, :1] * z[:, 1:2])[:, :, None, None].expand(-1, 3, 2, 2)


def test_activeness_is_of_every_sample():
    first = next(activeness(Scaled(), Z, batch_size=1))
    torch.testing.assert_close(first, torch.tensor([4.0, 36.0]))  # (2 z1)^2


def test_a_component_is_set_and_the_others_stay():
    assert with_value(Z, 1, -2.0).tolist() == [[0.5, -2.0, 7.0], [2.0, -2.0, 4.0]]
    assert Z[0, 1] == -1


def test_a_sweep_has_a_row_for_each_component():
    images = swept(Known(), Z[:1], [1, 0], torch.tensor([-2.0, 1.0]))
    assert images.shape == (2, 2, 3, 2, 2)
    assert images[0, :, :, 0, 0].tolist() == [[1.5, 4, 1], [1.5, 1, 1]]
    assert images[1, :, :, 0, 0].tolist() == [[-6, 1, 1], [3, 1, 1]]


def test_a_frame_has_all_samples_at_one_value():
    images = at_value(Known(), Z, [0, 2], 2.0)
    assert images[..., 0, 0].tolist() == [[[6, 1, 1], [6, 9, 1]], [[1.5, 1, 1], [6, 9, 1]]]


def test_a_plane_has_the_first_component_down_and_the_second_across():
    images = plane(Known(), Z[:1], (1, 0), torch.tensor([-1.0, 0.0, 2.0]))
    assert images.shape[:2] == (3, 3)
    assert images[:, 0, 1, 0, 0].tolist() == [1, 0, 4]
    assert images[1, :, 0, 0, 0].tolist() == [-3, 0, 6]
