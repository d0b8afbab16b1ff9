"""Settings of the embedded generator's training. Free of torch."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class BigGANTrainConfig:
    """A BigGAN-deep of about half a million parameters for pictures of 64 pixels a side."""

    latent_dim: int = 12
    width: int = 16  # channel multiplier of the generator
    discriminator_width: int = 16
    layers: tuple[tuple[bool, int, int], ...] = (
        (True, 16, 8),
        (True, 8, 4),
        (True, 4, 2),
        (True, 2, 1),
    )
    attention_position: int = 3  # before the last block, at 32 x 32
    steps: int = 15_000
    batch_size: int = 32
    generator_rate: float = 2e-4
    discriminator_rate: float = 4e-4
    betas: tuple[float, float] = (0.0, 0.99)
    average: float = 0.999  # decay of the moving average of the generator's weights
    seed: int = 0
