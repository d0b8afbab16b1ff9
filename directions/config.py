"""Settings as frozen dataclasses. Free of torch, so the CLI can read the defaults cheaply."""

from dataclasses import asdict, dataclass
from enum import StrEnum


class Start(StrEnum):
    """Where the direction matrix begins, when it does not come from a file."""

    random = "random"
    coordinates = "coordinates"


class SubSpace(StrEnum):
    """Third of z that directions of the paper's repository may be confined to."""

    coarse = "coarse"
    mid = "mid"
    fine = "fine"


class Precision(StrEnum):
    """What a BigGAN computes with; images and differences are float32 in both."""

    float32 = "float32"
    bfloat16 = "bfloat16"


class Solver(StrEnum):
    """How the penalty is brought down."""

    adam = "adam"
    closed_form = "closed-form"


@dataclass(frozen=True, kw_only=True)
class LearnConfig:
    """How a basis is learnt. The defaults are those of the paper's section 4.4."""

    directions: int | None = None  # rows of the basis; None for as many as z has dimensions
    steps: int = 50_000
    batch_size: int = 96
    micro_batch: int | None = None  # samples in one pass; None for the whole batch
    learning_rate: float = 0.01
    reach: float = 5.0  # walks are drawn from U[-reach, reach], in units of z
    epsilon: float = 0.1  # finite-difference step, in units of z
    probes: int = 2  # Rademacher vectors per sample; a variance needs two
    start: Start = Start.random
    precision: Precision = Precision.float32
    penalise: str = "image"  # what the penalty looks at: image, features, or block-N
    seed: int = 0

    def __post_init__(self) -> None:
        _require_counts(self, "directions", "steps", "batch_size", "micro_batch")
        _require_positive(self, "learning_rate", "reach", "epsilon")
        if self.probes < 2:
            raise ValueError(f"a variance needs at least 2 probes, got {self.probes}")

    @property
    def pass_size(self) -> int:
        """Images that are generated at once, with what their gradients need."""
        return self.micro_batch or self.batch_size


@dataclass(frozen=True, kw_only=True)
class SolveConfig:
    """How a basis is found in closed form, from the Hessians at a number of latents."""

    directions: int | None = None  # rows of the basis; None for as many as z has dimensions
    steps: int = 64  # latents, one in a step
    batch_size: int = 32  # images in one pass
    projections: int | None = None  # of the picture, a latent; None for all of it
    reach: float = 5.0  # as in learning: latents are moved by U[-reach, reach]
    epsilon: float = 0.1  # as in learning: a pair of directions is moved by epsilon each
    precision: Precision = Precision.float32
    penalise: str = "image"  # what the penalty looks at: image, features, or block-N
    seed: int = 0

    def __post_init__(self) -> None:
        _require_counts(self, "directions", "steps", "batch_size", "projections")
        _require_positive(self, "reach", "epsilon")

    @property
    def pass_size(self) -> int:
        """Images that are generated at once."""
        return self.batch_size


@dataclass(frozen=True, kw_only=True)
class MeasureConfig:
    """How much is looked at when a basis is measured."""

    samples: int = 16  # latents that walk along every direction
    penalty_samples: int = 512  # latents under the held-out penalty
    hessian_samples: int = 8  # latents whose Hessians are taken; each asks 2 |z|^2 passes
    codes: int = 2000  # latents whose known factors are read
    random_directions: int = 16  # the yardstick of effects
    random_bases: int = 5  # the yardstick of penalty and disentanglement
    classes_beside: int = 5  # other classes on which the effect is tried
    batch_size: int = 32  # pictures generated at once
    reach: float = 5.0  # as the basis was learnt
    epsilon: float = 0.1
    seed: int = 0

    def __post_init__(self) -> None:
        _require_counts(
            self, "samples", "penalty_samples", "random_directions", "random_bases", "batch_size"
        )
        _require_positive(self, "reach", "epsilon")
        for name, least in (("samples", 2), ("codes", 100), ("penalty_samples", 2)):
            if getattr(self, name) < least:
                raise ValueError(f"{name} must be at least {least}, got {getattr(self, name)}")
        for name in ("hessian_samples", "classes_beside"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name} must not be negative, got {getattr(self, name)}")


Config = LearnConfig | SolveConfig

MOST_DIMENSIONS_FOR_EVERY_OUTPUT = 32  # passes and memory grow with their square


def closed_form_for(latent_dim: int) -> SolveConfig:
    """The defaults for a generator: with many dimensions, projections instead of every output."""
    if latent_dim <= MOST_DIMENSIONS_FOR_EVERY_OUTPUT:
        return SolveConfig()
    return SolveConfig(steps=24, projections=4, batch_size=8)


def plain(config: Config) -> dict[str, object]:
    """Settings as values that JSON knows."""
    return {k: str(v) if isinstance(v, StrEnum) else v for k, v in asdict(config).items()}


def config_from(settings: dict, solver: Solver) -> Config:
    """Rebuild settings from plain values."""
    enums = {"start": Start, "precision": Precision}
    read = {k: enums[k](v) if k in enums else v for k, v in settings.items()}
    return LearnConfig(**read) if solver == Solver.adam else SolveConfig(**read)


def _require_counts(config: object, *names: str) -> None:
    for name in names:
        value = getattr(config, name)
        if value is not None and value < 1:
            raise ValueError(f"{name} must be at least 1, got {value}")


def _require_positive(config: object, *names: str) -> None:
    for name in names:
        value = getattr(config, name)
        if not 0 < value < float("inf"):
            raise ValueError(f"{name} must be positive, got {value}")


PAPER = LearnConfig()
"""Section 4.4, for pretrained BigGANs: hours on a GPU."""

QUICK = LearnConfig(steps=400, batch_size=16)
"""For the embedded generator: under three minutes on two CPU cores."""
