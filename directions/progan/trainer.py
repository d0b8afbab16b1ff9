"""Training: one step of the discriminator and one of the generator, over and over.

    pictures --+
    z ---------+-> D, its loss -> Adam -> average of G -> z -> G, its loss, lambda L_H -> Adam

Nothing here prints or writes: `steps` yields, and whoever iterates decides about bars, files and
stopping. A batch is worked on in `shards`, equal parts that stand for the authors' four GPUs: each
takes its own maximum in the penalty and its own groups in the minibatch deviation, and gradients
are averaged over them. Processes share the shards, so that any number of them does what one does.
"""

import copy
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn

from directions import parallel
from directions.config import Precision
from directions.errors import RunError
from directions.penalty import rademacher_signs
from directions.progan.config import ProGANConfig
from directions.progan.discriminator import Discriminator
from directions.progan.generator import Generator, draw_weights
from directions.progan.growth import Stage, penalty_weight, stage_at
from directions.progan.losses import (
    code_loss,
    discriminator_loss,
    generator_loss,
    gradient_penalties,
)
from directions.progan.penalty import layer_penalties
from directions.progan.pictures import PictureSource, Shuffle, at_stage


@dataclass(frozen=True)
class TrainStep:
    """One step of both networks; values stay tensors so that only a reader waits for the device."""

    number: int
    images: int  # pictures seen, with this step's
    stage: Stage
    discriminator_loss: Float[Tensor, ""]
    generator_loss: Float[Tensor, ""]  # without the penalty
    penalty: Float[Tensor, ""] | None  # summed over layers, without lambda; None while that is 0
    weight: float  # lambda
    skipped: int  # updates left out so far because a gradient was not finite


class Trainer:
    """Both networks, their optimisers, the average, and all that a step depends on."""

    def __init__(
        self, pictures: PictureSource, config: ProGANConfig, device: torch.device | str = "cpu"
    ) -> None:
        require_pictures(pictures, config.network.resolution)
        if parallel.processes() > config.shards:
            raise RunError(
                f"{parallel.processes()} processes cannot share {config.shards} shards; "
                f"pass --shards {parallel.processes()} or start fewer"
            )
        self.pictures, self.config, self.device = pictures, config, torch.device(device)
        self.rng = torch.Generator().manual_seed(config.seed)
        self.shuffle = Shuffle(len(pictures), config.seed)
        self.generator = Generator(config.network)
        self.discriminator = Discriminator(config.network)
        for network in (self.generator, self.discriminator):
            draw_weights(network, self.rng)
            network.to(self.device)
        self.average = copy.deepcopy(self.generator).requires_grad_(False)
        self.adams = {
            name: torch.optim.Adam(
                network.parameters(), lr=config.learning_rate, betas=config.betas
            )
            for name, network in self.networks.items()
        }
        self.number = self.images = self.skipped = 0
        self.phase = self.stage.phase

    @property
    def networks(self) -> dict[str, nn.Module]:
        """What is trained, by name."""
        return {"generator": self.generator, "discriminator": self.discriminator}

    @property
    def stage(self) -> Stage:
        """How far the networks have grown."""
        return stage_at(self.images, self.config.growth, self.config.network.resolution)

    def steps(self) -> Iterator[TrainStep]:
        """Yield once a step up to `config.images`; stop iterating whenever you like."""
        while self.images < self.config.images:
            stage = self._entered()
            batch = self.config.growth.batch_size(stage.side)
            weight = penalty_weight(self.images, self.config.penalty)
            judged = self._discriminator_step(stage, batch)
            self._update_average(batch)
            fooled, penalty = self._generator_step(stage, batch, weight)
            self.number += 1
            self.images += batch
            yield TrainStep(
                self.number, self.images, stage, judged, fooled, penalty, weight, self.skipped
            )

    def _entered(self) -> Stage:
        """The stage at hand; at its border Adam forgets its moments."""
        stage = self.stage
        if stage.phase != self.phase:
            self.phase = stage.phase
            for adam in self.adams.values():
                adam.state.clear()
        return stage

    def _discriminator_step(self, stage: Stage, batch: int) -> Tensor:
        config = self.config
        order, z = self.shuffle.take(batch), self._latents(batch)
        mix, total = torch.rand(batch, generator=self.rng), self._zero()
        for rows, share in self._shards(batch):
            real = at_stage(self.pictures.batch(order[rows]).to(self.device), stage)
            latents = z[rows].to(self.device)
            with self._precision():
                with torch.no_grad():
                    fake = self.generator(latents, stage).float()
                score = lambda images: self.discriminator(images, stage)  # noqa: E731
                loss = discriminator_loss(
                    score(real), score(fake),
                    gradient_penalties(
                        score, real, fake, mix[rows].to(real), config.network.resolution
                    ),
                    config.gradient_penalty, config.drift,
                )  # fmt: skip
                if config.network.codes:
                    guessed = self.discriminator.codes(fake, stage)
                    loss = loss + config.code_weight * code_loss(guessed, latents)
            (loss * share).backward()
            total += loss.detach() * share
        self._apply("discriminator")
        return parallel.summed(total)

    def _generator_step(
        self, stage: Stage, batch: int, weight: float
    ) -> tuple[Tensor, Tensor | None]:
        z, total, penalised = self._latents(batch), self._zero(), self._zero()
        signs = rademacher_signs(z, self.config.penalty.probes, self.rng)
        coded = self._latents(batch) if self.config.network.codes else None
        for rows, share in self._shards(batch):
            latents = z[rows].to(self.device)
            loss = self._fooling(latents, None if coded is None else coded[rows], stage)
            self._backward(loss * share)
            total += loss.detach() * share
            if weight:
                penalty = layer_penalties(
                    self.generator, latents, signs[:, rows].to(self.device), self.config, stage
                )
                self._backward(penalty * (weight * share))
                penalised += penalty.detach() * share
        self._apply("generator")
        return parallel.summed(total), parallel.summed(penalised) if weight else None

    def _fooling(self, z: Tensor, coded: Tensor | None, stage: Stage) -> Tensor:
        """The generator's adversarial loss, and InfoGAN's on latents of its own."""
        with self._precision():
            loss = generator_loss(self.discriminator(self.generator(z, stage), stage))
            if coded is not None:
                latents = coded.to(self.device)
                guessed = self.discriminator.codes(self.generator(latents, stage), stage)
                loss = loss + self.config.code_weight * code_loss(guessed, latents)
        return loss

    def _backward(self, loss: Tensor) -> None:
        """Accumulate gradients in the generator alone."""
        if loss.requires_grad:
            loss.backward(inputs=list(self.generator.parameters()))

    def _apply(self, name: str) -> None:
        """Update a network by the gradients of all processes, unless one of them is not finite."""
        adam, network = self.adams[name], self.networks[name]
        gradients = [p.grad for p in network.parameters() if p.grad is not None]
        for gradient in gradients:
            parallel.summed(gradient)
        if torch.stack([gradient.isfinite().all() for gradient in gradients]).all():
            adam.step()
        else:
            self.skipped += 1
        adam.zero_grad()

    @torch.no_grad()
    def _update_average(self, batch: int) -> None:
        kept = 0.5 ** (batch / self.config.half_life)
        pairs = zip(self.average.parameters(), self.generator.parameters(), strict=True)
        for average, current in pairs:
            average.lerp_(current, 1 - kept)

    def _shards(self, batch: int) -> Iterator[tuple[Tensor, float]]:
        """This process's shards: row numbers, and which part of the batch they are."""
        for rows in parallel.portions(torch.arange(batch), batch // self.config.shards):
            yield rows, len(rows) / batch

    def _latents(self, batch: int) -> Tensor:
        return torch.randn(batch, self.config.network.latent_dim, generator=self.rng)

    def _zero(self) -> Tensor:
        return torch.zeros((), device=self.device)

    def _precision(self) -> AbstractContextManager[object]:
        half = self.config.precision == Precision.bfloat16
        return torch.autocast(self.device.type, torch.bfloat16, enabled=half)


def require_pictures(pictures: PictureSource, resolution: int) -> None:
    """Refuse pictures that cannot be shrunk to every stage."""
    if not len(pictures):
        raise RunError("there are no pictures to train on")
    if pictures.side < resolution or pictures.side % resolution:
        raise RunError(
            f"the pictures have {pictures.side} pixels a side, the network {resolution}; "
            f"pass --resolution, or pack the pictures again"
        )
