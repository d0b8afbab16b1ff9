"""Train the small network that reads class and factors off a picture."""

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int, UInt8
from torch import Tensor
from torch.nn import functional

from directions.metrics.known_factors import FactorNetwork, FactorSettings, spread

HELD_OUT = 10  # every tenth picture is kept for judging
STILL = 1e-6  # deviation of a factor that does not vary, so that it can be divided by
NOISE = 0.04  # deviation of the noise added to pictures, so that generated ones read alike


@dataclass(frozen=True)
class FactorStep:
    """One step of training."""

    number: int
    loss: float


def train_factors(
    network: FactorNetwork,
    pictures: UInt8[Tensor, "picture 64 64 3"],
    labels: Int[Tensor, " picture"],
    factors: Float[Tensor, "picture factor"],
    *,
    steps: int = 3000,
    batch_size: int = 64,
    seed: int = 0,
) -> Iterator[FactorStep]:
    """Fit `network` on all pictures but every tenth; yields once a step."""
    rng = torch.Generator().manual_seed(seed)
    mean, deviation = (torch.tensor(getattr(network.settings, n)) for n in ("mean", "deviation"))
    train = torch.arange(len(pictures))[torch.arange(len(pictures)) % HELD_OUT != 0]
    adam = torch.optim.AdamW(network.parameters(), lr=2e-3, weight_decay=1e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(adam, 2e-3, total_steps=steps)
    network.train()
    for number in range(1, steps + 1):
        picked = train[torch.randint(len(train), (batch_size,), generator=rng)]
        images = to_images(pictures[picked])
        images = images + NOISE * torch.randn(images.shape, generator=rng)
        with torch.autocast("cpu", torch.bfloat16):
            scores, values = network(images)
        target = (factors[picked] - mean) / deviation
        loss = functional.cross_entropy(scores.float(), labels[picked])
        loss = loss + functional.mse_loss(values.float(), target)
        adam.zero_grad()
        loss.backward()
        adam.step()
        schedule.step()
        yield FactorStep(number, loss.item())
    network.eval()


def judged(
    network: FactorNetwork,
    pictures: UInt8[Tensor, "picture 64 64 3"],
    labels: Int[Tensor, " picture"],
    factors: Float[Tensor, "picture factor"],
) -> FactorNetwork:
    """Judge a trained network on the pictures it has not seen, and store what was found in it."""
    kept = torch.arange(0, len(pictures), HELD_OUT)
    images = to_images(pictures[kept])
    answers = network.factors(images)
    residual = (answers - factors[kept]).var(dim=0)
    network.settings = dataclasses.replace(
        network.settings,
        spread=tuple(spread(answers).tolist()),
        r2=tuple((1 - residual / factors[kept].var(dim=0).clamp(min=STILL)).tolist()),
        accuracy=(network.labels(images) == labels[kept]).float().mean().item(),
    )
    return network.requires_grad_(False)


def new_network(
    class_names: tuple[str, ...],
    factor_names: tuple[str, ...],
    factors: Float[Tensor, "picture factor"],
    seed: int = 0,
) -> FactorNetwork:
    """Build an untrained network scaled to the factors of the training pictures."""
    torch.manual_seed(seed)
    return FactorNetwork(
        FactorSettings(
            class_names=class_names,
            factor_names=factor_names,
            mean=tuple(factors.mean(0).tolist()),
            deviation=tuple(factors.std(0).clamp(min=STILL).tolist()),
        )
    )


def to_images(pictures: UInt8[Tensor, "batch 64 64 3"]) -> Float[Tensor, "batch 3 64 64"]:
    """From bytes to [-1, 1]."""
    return pictures.permute(0, 3, 1, 2).float() / 127.5 - 1
