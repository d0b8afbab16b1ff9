"""Settings of a ProGAN's measures. Free of torch, so the CLI can read the defaults cheaply."""

from dataclasses import dataclass
from enum import StrEnum


class DistanceKind(StrEnum):
    """How far apart two pictures are, in the path length."""

    offline = "offline"  # features that lie inside a package
    lpips = "lpips"  # LPIPS-VGG, by its own package


class FeatureKind(StrEnum):
    """What the Fréchet and the kernel distance see of pictures."""

    offline = "offline"
    inception = "inception"  # the standard ones, which make the Fréchet distance FID


class EntryKind(StrEnum):
    """How Hessians are found."""

    differences = "differences"  # of four points, as in the paper's figures
    exact = "exact"  # by differentiating twice


@dataclass(frozen=True, kw_only=True)
class ProGANMeasureConfig:
    """How much is looked at; the paper's numbers in the comments."""

    pairs: int = 2000  # of latents, in the path length; 100,000
    alpha: float = 1e-4  # how far apart the two latents of a pair are, of the way between ends
    generated: int = 2000  # pictures whose features and factors are read; 50,000
    real: int = 2000  # at most; 50,000
    subset: int | None = None  # pictures in a kernel distance; None for half of them, 1,000 at most
    hessian_samples: int = 100  # latents whose Hessians are taken, 2 |z|^2 passes each; 100
    entries: EntryKind = EntryKind.differences
    epsilon: float = 0.1  # step of the differences; 0.1
    sweep_samples: int = 0  # latents at which other steps are tried beside exact Hessians
    activeness_samples: int = 300  # 300
    active_share: float = 0.05  # of the largest activeness, from which on a component is active
    factor_steps: int = 500  # in which the network that reads known factors is trained
    distance: DistanceKind = DistanceKind.offline
    features: FeatureKind = FeatureKind.offline
    batch_size: int = 32  # pictures generated at once
    seed: int = 0

    def __post_init__(self) -> None:
        for name, least in (
            ("pairs", 2), ("generated", 2), ("real", 2), ("hessian_samples", 2),
            ("activeness_samples", 2), ("factor_steps", 1), ("batch_size", 1), ("sweep_samples", 0),
            ("seed", 0),
        ):  # fmt: skip
            if getattr(self, name) < least:
                raise ValueError(f"{name} must be at least {least}, got {getattr(self, name)}")
        if self.subset is not None and self.subset < 2:
            raise ValueError(f"subset must be at least 2, got {self.subset}")
        for name in ("alpha", "epsilon"):
            if not 0 < getattr(self, name) < float("inf"):
                raise ValueError(f"{name} must be positive, got {getattr(self, name)}")
        if not 0 < self.active_share <= 1:
            raise ValueError(f"active_share must be in (0, 1], got {self.active_share}")
