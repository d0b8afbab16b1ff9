"""The training loop of the embedded generator: hinge loss, moving average, exact resumption."""

import contextlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass

import torch
from jaxtyping import Float, Int, UInt8
from pytorch_pretrained_biggan.config import BigGANConfig
from pytorch_pretrained_biggan.model import BigGAN
from torch import Tensor, nn
from torch.nn import functional

from directions.errors import RunError
from directions.generators.biggan.training.batch_norm import (
    fill_statistics,
    normalise_by_batch,
    refresh_spectral_norms,
)
from directions.generators.biggan.training.config import BigGANTrainConfig
from directions.generators.biggan.training.discriminator import Discriminator

SPECTRAL_VECTORS = ("weight_u", "weight_v")


@dataclass(frozen=True)
class TrainStep:
    """One step of both networks; the losses stay tensors so that only a reader waits for them."""

    number: int
    generator_loss: Float[Tensor, ""]
    discriminator_loss: Float[Tensor, ""]


def network_config(config: BigGANTrainConfig, classes: int) -> BigGANConfig:
    """Describe the generator in the library's own terms."""
    return BigGANConfig(
        output_dim=4 * 2 ** sum(up for up, _, _ in config.layers),
        z_dim=config.latent_dim,
        class_embed_dim=config.latent_dim,
        channel_width=config.width,
        num_classes=classes,
        layers=[list(layer) for layer in config.layers],
        attention_layer_position=config.attention_position,
    )


def truncated_latents(
    count: int, latent_dim: int, rng: torch.Generator
) -> Float[Tensor, "count latent"]:
    """Draw from the library's prior at truncation 1: a normal cut at two deviations."""
    return nn.init.trunc_normal_(torch.empty(count, latent_dim), a=-2, b=2, generator=rng)


class Trainer:
    """Both networks, their optimisers and the random numbers; `steps` walks on from any state."""

    def __init__(
        self,
        pictures: UInt8[Tensor, "picture height width 3"],
        labels: Int[Tensor, " picture"],
        config: BigGANTrainConfig,
    ) -> None:
        torch.manual_seed(config.seed)  # initial weights; everything later draws from `rng`
        self.config, self.pictures, self.labels = config, pictures, labels
        self.classes = int(labels.max()) + 1
        self.rng = torch.Generator().manual_seed(config.seed)
        self.generator = BigGAN(network_config(config, self.classes))
        self.discriminator = Discriminator(
            self.classes, config.discriminator_width, pictures.shape[1]
        )
        for network in (self.generator, self.discriminator):
            for parameter in network.parameters():
                if parameter.dim() > 1:
                    nn.init.orthogonal_(parameter)
            nn.Module.to(network, memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]
        bn = self.generator.generator.bn
        nn.init.ones_(bn.weight)
        nn.init.zeros_(bn.bias)
        normalise_by_batch(self.generator)
        self.average = {
            name: value.clone()
            for name, value in self.generator.state_dict().items()
            if not name.endswith(SPECTRAL_VECTORS) and "running_" not in name
        }
        self.generator_adam, self.discriminator_adam = (
            torch.optim.Adam(network.parameters(), lr=rate, betas=config.betas, fused=True)
            for network, rate in (
                (self.generator, config.generator_rate),
                (self.discriminator, config.discriminator_rate),
            )
        )
        self.number = 0

    def steps(self) -> Iterator[TrainStep]:
        """Yield once a step of the discriminator and the generator, up to `config.steps`."""
        while self.number < self.config.steps:
            self.number += 1
            with torch.autocast("cpu", torch.bfloat16):
                discriminator_loss = self._discriminator_step()
                generator_loss = self._generator_step()
            self._update_average()
            yield TrainStep(self.number, generator_loss, discriminator_loss)

    def _fakes(self) -> tuple[Tensor, Tensor]:
        count = self.config.batch_size
        z = truncated_latents(count, self.config.latent_dim, self.rng)
        label = torch.randint(self.classes, (count,), generator=self.rng)
        one_hot = functional.one_hot(label, self.classes).float()
        return self.generator(z, one_hot, 1.0), label

    def _discriminator_step(self) -> Tensor:
        picked = torch.randint(len(self.pictures), (self.config.batch_size,), generator=self.rng)
        real = self.pictures[picked].permute(0, 3, 1, 2).float() / 127.5 - 1
        with torch.no_grad():
            fake, label = self._fakes()
        images = torch.cat([real, fake.float()]).contiguous(memory_format=torch.channels_last)
        labels = torch.cat([self.labels[picked], label])
        real_score, fake_score = self.discriminator(images, labels, groups=2).chunk(2)
        loss = (1 - real_score).relu().mean() + (1 + fake_score).relu().mean()
        self.discriminator_adam.zero_grad()
        loss.backward()
        self.discriminator_adam.step()
        return loss.detach()

    def _generator_step(self) -> Tensor:
        with _frozen(self.discriminator):
            fake, label = self._fakes()
            loss = -self.discriminator(fake, label).mean()
            self.generator_adam.zero_grad()
            loss.backward()
        self.generator_adam.step()
        return loss.detach()

    @torch.no_grad()
    def _update_average(self) -> None:
        # Warm-up: early averages forget faster, or the first random weights would linger.
        decay = min(self.config.average, (1 + self.number) / (10 + self.number))
        current = self.generator.state_dict()
        averages = list(self.average.values())
        for average, name in zip(averages, self.average, strict=True):
            average.lerp_(current[name], 1 - decay)

    def averaged_network(self, rows: range, batches: int = 8, batch_size: int = 128) -> BigGAN:
        """Build the library's network from the averaged weights, ready for inference.

        `rows` are the truncations (in fiftieths) whose statistics are filled in.
        """
        network = BigGAN(network_config(self.config, self.classes))
        network.load_state_dict({**network.state_dict(), **self.average})
        refresh_spectral_norms(network)
        network.eval().requires_grad_(False)
        rng = torch.Generator().manual_seed(self.config.seed + 1)
        draws = [
            (
                truncated_latents(batch_size, self.config.latent_dim, rng),
                torch.arange(batch_size) % self.classes,
            )
            for _ in range(batches)
        ]
        for _ in fill_statistics(network, draws, rows):
            pass
        return network

    def state(self) -> dict[str, object]:
        """Collect everything that the next step depends on."""
        return {
            "config": asdict(self.config),
            "number": self.number,
            "rng": self.rng.get_state(),
            "average": self.average,
            **{name: getattr(self, name).state_dict() for name in _STATEFUL},
        }

    def load_state(self, state: dict) -> None:
        """Go on from `state`; steps afterwards equal those of an uninterrupted run."""
        ours = asdict(self.config) | {"steps": 0}
        theirs = state["config"] | {"steps": 0}
        changed = sorted(name for name in ours if ours[name] != theirs.get(name))
        if changed:
            raise RunError(f"the run was started with other settings: {', '.join(changed)}")
        self.number = state["number"]
        self.rng.set_state(state["rng"])
        self.average = {name: value.clone() for name, value in state["average"].items()}
        for name in _STATEFUL:
            getattr(self, name).load_state_dict(state[name])


_STATEFUL = ("generator", "discriminator", "generator_adam", "discriminator_adam")


@contextlib.contextmanager
def _frozen(network: nn.Module) -> Iterator[None]:
    network.requires_grad_(False)
    try:
        yield
    finally:
        network.requires_grad_(True)
