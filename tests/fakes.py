"""Generators that do not do what a generator must, one fault each."""

import time

import torch

from directions.generators.toys import Waves


def good():
    return Waves()


def nothing():
    return object()


def wrong_latents():
    toy = Waves()
    toy.sample_latents = lambda count, rng: torch.zeros(count, 3)
    return toy


class _Altered(Waves):
    def altered(self, images):
        return images

    def __call__(self, z):
        return self.altered(super().__call__(z))


def noisy():
    toy = _Altered()
    toy.altered = lambda images: images + 0.1 * torch.rand_like(images)
    return toy


def grey():
    toy = _Altered()
    toy.altered = lambda images: images[:, :1]
    return toy


def loud():
    toy = _Altered()
    toy.altered = lambda images: images * 100
    return toy


def infinite():
    toy = _Altered()
    toy.altered = lambda images: images / 0
    return toy


def detached():
    toy = _Altered()
    toy.altered = lambda images: images.detach()
    return toy


class _Module(torch.nn.Module):
    name, latent_dim, slots = "module", 4, 1

    def __init__(self):
        super().__init__()
        self.layer = torch.nn.Linear(4, 48)

    def sample_latents(self, count, rng):
        return torch.randn(count, 4, generator=rng)

    def forward(self, z):
        return self.layer(z).tanh().unflatten(1, (3, 4, 4))


def training():
    return _Module()


def trainable():
    return _Module().eval()


def frozen():
    return _Module().eval().requires_grad_(False)


class _Slow(Waves):
    def __call__(self, z):
        time.sleep(0.1)
        return super().__call__(z) / 4


def slow():
    return _Slow(side=16)
