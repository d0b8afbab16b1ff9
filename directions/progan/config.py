"""Settings of ProGANs and of their training, and the paper's by name. Free of torch.

The defaults are those of the authors' scripts, which made Table 1. One of them differs from the
paper's text: the authors divide the variance over the probes by k, the paper by k - 1, as
`directions.penalty` does. Weights of the penalty are for k - 1 throughout; `unbiased` converts.
"""

from dataclasses import asdict, dataclass, field
from enum import StrEnum

from directions.config import Precision

FIRST_SIDE = 4  # pixels a side of the lowest resolution
GROUP = 4  # pictures whose deviation the discriminator sees
WEIGHTS = "generator.safetensors"  # by this file a folder is known to hold a ProGAN


class Reduction(StrEnum):
    """How the penalty of a layer's outputs becomes one number: `max` is Eq. 3."""

    max = "max"
    mean = "mean"


@dataclass(frozen=True, kw_only=True)
class NetworkConfig:
    """Shapes of both networks; the defaults have 18,837,394 and 22,941,313 parameters."""

    latent_dim: int = 12
    resolution: int = 128  # pixels a side, once grown
    width: int = 8192  # a layer of side s has 2 width / s channels,
    most_channels: int = 512  # but no more than these
    codes: int = 0  # entries of z that InfoGAN's head reads off a picture; 0 for no head

    def __post_init__(self) -> None:
        side = self.resolution
        if side < 2 * FIRST_SIDE or side & (side - 1):
            raise ValueError(f"resolution must be a power of two from 8 on, got {side}")
        for name in ("latent_dim", "most_channels"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1, got {getattr(self, name)}")
        if self.channels(side) < 1:
            raise ValueError(f"width {self.width} leaves no channel at {side} pixels")
        if not 0 <= self.codes <= self.latent_dim:
            raise ValueError(
                f"codes are entries of z: 0 to {self.latent_dim} of them, got {self.codes}"
            )

    def channels(self, side: int) -> int:
        """How many channels the layers of one resolution have."""
        return min(2 * self.width // side, self.most_channels)

    @property
    def sides(self) -> list[int]:
        """All resolutions, the lowest first."""
        return [FIRST_SIDE << level for level in range(self.level(self.resolution) + 1)]

    def level(self, side: int) -> int:
        """Where a resolution stands in `sides`."""
        return (side // FIRST_SIDE).bit_length() - 1

    @property
    def layers(self) -> int:
        """How many layers can be penalised: two a resolution, and the picture (13 at 128)."""
        return 2 * len(self.sides) + 1


@dataclass(frozen=True, kw_only=True)
class GrowthConfig:
    """How long each resolution lasts and how many pictures a step takes at it."""

    first_side: int = FIRST_SIDE
    stable: int = 600_000  # pictures before a resolution is added
    fade: int = 600_000  # pictures while it fades in
    batch_sizes: tuple[int, ...] = (2048, 1024, 512, 256, 128, 96, 32, 16)  # at 4, 8, 16...

    def __post_init__(self) -> None:
        if self.stable < 1 or self.fade < 0:
            raise ValueError(
                f"a resolution lasts at least 1 picture and fades in for 0 or more, "
                f"got {self.stable} and {self.fade}"
            )

    def batch_size(self, side: int) -> int:
        """Pictures in a step, over all processes; in a fade the higher resolution counts."""
        level = (side // FIRST_SIDE).bit_length() - 1
        return self.batch_sizes[min(level, len(self.batch_sizes) - 1)]


@dataclass(frozen=True, kw_only=True)
class PenaltyConfig:
    """The Hessian Penalty of the generator's activations with respect to z (Eq. 7)."""

    weight: float = 0.0  # lambda, for the unbiased variance: half the authors' at 2 probes
    start: int = 0  # pictures seen when it begins: where fine-tuning set out
    ramp: int = 0  # pictures over which it then rises to its full weight
    probes: int = 2
    epsilon: float = 0.1
    reduction: Reduction = Reduction.max
    layers: tuple[int, ...] | None = None  # from 1; None for all below the highest resolution

    def __post_init__(self) -> None:
        if not 0 <= self.weight < float("inf"):
            raise ValueError(f"the weight of the penalty cannot be negative, got {self.weight:g}")
        if self.probes < 2:
            raise ValueError(f"a variance needs at least 2 probes, got {self.probes}")
        if not 0 < self.epsilon < float("inf"):
            raise ValueError(f"epsilon must be positive, got {self.epsilon}")
        if self.start < 0 or self.ramp < 0:
            raise ValueError(f"a ramp cannot be negative, got {self.start} and {self.ramp}")


@dataclass(frozen=True, kw_only=True)
class ProGANConfig:
    """One training from the first step to the last."""

    network: NetworkConfig = field(default_factory=NetworkConfig)
    growth: GrowthConfig = field(default_factory=GrowthConfig)
    penalty: PenaltyConfig = field(default_factory=PenaltyConfig)
    images: int = 50_000_000  # pictures in all
    learning_rate: float = 0.001  # at every resolution
    betas: tuple[float, float] = (0.0, 0.99)
    gradient_penalty: float = 10.0
    drift: float = 0.001
    code_weight: float = 1.0  # of InfoGAN's reconstruction of z, in the losses of both networks
    half_life: int = 10_000  # pictures after which the averaged generator has forgotten half
    shards: int = 4  # parts of a batch, the authors' GPUs: each has its own maximum
    precision: Precision = Precision.float32  # of the adversarial passes
    seed: int = 0

    def __post_init__(self) -> None:
        if self.images < 1 or self.half_life < 1 or self.shards < 1:
            raise ValueError("images, half_life and shards must be at least 1")
        if not 0 < self.learning_rate < float("inf"):
            raise ValueError(f"learning_rate must be positive, got {self.learning_rate}")
        sides = self.network.sides
        if self.growth.first_side not in sides:
            raise ValueError(f"the first side must be one of {sides}")
        for side in sides:
            self._require_shares(self.growth.batch_size(side))
        wrong = [n for n in self.penalised_layers if not 1 <= n <= self.network.layers]
        if wrong:
            raise ValueError(f"no layer {wrong[0]}; there are layers 1 to {self.network.layers}")

    def _require_shares(self, batch: int) -> None:
        share = batch // self.shards
        if share < 1 or batch % self.shards or share % min(GROUP, share):
            raise ValueError(
                f"a batch of {batch} does not divide into {self.shards} shards of whole groups of "
                f"{GROUP}"
            )

    @property
    def penalised_layers(self) -> tuple[int, ...]:
        """Numbers from 1; by default all but those of the highest resolution and the picture.

        That is 1 to 10 of 13 at 128 pixels, as in the paper.
        """
        if self.penalty.layers is not None:
            return tuple(sorted(set(self.penalty.layers)))
        return tuple(range(1, self.network.layers - 2))


def unbiased(published: float, probes: int = 2) -> float:
    """Convert a weight of the authors' ProGAN code, whose variance is divided by `probes`."""
    return published * (probes - 1) / probes


def plain(config: ProGANConfig) -> dict:
    """Settings as values that JSON knows."""
    return asdict(config)


def config_from(values: dict) -> ProGANConfig:
    """Rebuild settings from plain values; raises KeyError, TypeError or ValueError if they are not.

    Sequences may be lists, enumerations their texts.
    """
    given = dict(values)
    network = NetworkConfig(**given.pop("network"))
    growth = dict(given.pop("growth"))
    growth["batch_sizes"] = tuple(growth["batch_sizes"])
    penalty = dict(given.pop("penalty"))
    penalty["reduction"] = Reduction(penalty["reduction"])
    penalty["layers"] = None if penalty["layers"] is None else tuple(penalty["layers"])
    first, second = given.pop("betas")
    return ProGANConfig(
        network=network, growth=GrowthConfig(**growth), penalty=PenaltyConfig(**penalty),
        betas=(first, second), precision=Precision(given.pop("precision")), **given,
    )  # fmt: skip
