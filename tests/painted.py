"""A generator whose pictures and factors are known: a square on a plain ground."""

import torch

from directions.metrics.known_factors import FactorNetwork, FactorSettings

SIDE = 64
NAMES = ("horizontal", "lightness", "background")


class Painted:
    """Rows of `hidden` move the square to the right, lighten it, and lighten the ground."""

    name, latent_dim, slots = "painted", 3, 1

    def __init__(self, seed=3):
        rng = torch.Generator().manual_seed(seed)
        self.hidden = torch.linalg.qr(torch.randn(3, 3, generator=rng))[0]

    def sample_latents(self, count, rng):
        return torch.randn(count, 3, generator=rng)

    def __call__(self, z):
        place, light, ground = (z.flatten(1) @ self.hidden.T.to(z)).unbind(1)
        x = torch.linspace(-1, 1, SIDE, device=z.device)
        middle = 0.15 * place[:, None, None]
        inside = torch.sigmoid(20 * (0.35 - (x - middle).abs()))
        inside = inside * torch.sigmoid(20 * (0.35 - x.abs()))[:, None]
        square = (0.5 + 0.1 * light.tanh())[:, None, None]
        plain = (-0.5 + 0.1 * ground.tanh())[:, None, None]
        return (plain + inside * (square - plain))[:, None].expand(-1, 3, -1, -1)


class Reader(FactorNetwork):
    """Reads the factors off such a picture exactly, and calls it class 0 if its square is light."""

    def __init__(self):
        torch.nn.Module.__init__(self)
        ones = (1.0, 1.0, 1.0)
        self.settings = FactorSettings(
            class_names=("light", "dark"), factor_names=NAMES, mean=ones, deviation=ones,
            spread=(0.15, 0.1, 0.1), r2=ones,
        )  # fmt: skip

    def factors(self, images, batch_size=256):
        grey, x = images[:, 0], torch.linspace(-1, 1, SIDE)
        ground = grey[:, 0, 0]
        weight = grey[:, SIDE // 2] - ground[:, None]
        place = (weight * x).sum(1) / weight.sum(1)
        light = grey[:, SIDE // 2].amax(1)
        return torch.stack([place, light, ground], dim=1)

    def labels(self, images, batch_size=256):
        return (self.factors(images)[:, 0].abs() > 0.5).long()
