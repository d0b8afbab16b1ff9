"""Settings as frozen dataclasses. Free of torch, so the CLI can read the defaults cheaply."""

from dataclasses import dataclass
from enum import StrEnum


class Start(StrEnum):
    """Where the direction matrix begins, when it does not come from a file."""

    random = "random"
    coordinates = "coordinates"


class Precision(StrEnum):
    """What a BigGAN computes with; images and differences are float32 in both."""

    float32 = "float32"
    bfloat16 = "bfloat16"


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
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("directions", "steps", "batch_size", "micro_batch"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise ValueError(f"{name} must be at least 1, got {value}")
        for name in ("learning_rate", "reach", "epsilon"):
            value = getattr(self, name)
            if not 0 < value < float("inf"):
                raise ValueError(f"{name} must be positive, got {value}")
        if self.probes < 2:
            raise ValueError(f"a variance needs at least 2 probes, got {self.probes}")


PAPER = LearnConfig()
"""Section 4.4, for pretrained BigGANs: hours on a GPU."""

QUICK = LearnConfig(steps=400, batch_size=16, learning_rate=0.03)
"""For the embedded generator: under three minutes on two CPU cores."""
