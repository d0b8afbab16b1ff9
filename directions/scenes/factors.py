"""The known factors of rendered pictures: names, ranges, and their draw from a seed."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float


@dataclass(frozen=True)
class Factor:
    """One thing that varies over the pictures, uniform between two bounds."""

    name: str
    low: float
    high: float
    unit: str

    def draw(self, rng: np.random.Generator) -> float:
        """A value between the bounds."""
        return rng.uniform(self.low, self.high)


@dataclass(frozen=True)
class Choice:
    """One thing that takes one of several values, each as likely; the number of it is stored."""

    name: str
    values: tuple[str, ...]

    def draw(self, rng: np.random.Generator) -> int:
        """The number of a value."""
        return int(rng.integers(len(self.values)))


FACTORS = (
    Factor("azimuth", -60.0, 60.0, "degrees, 0 faces the viewer"),
    Factor("size", 0.72, 1.12, "times the object's own"),
    Factor("horizontal", -0.42, 0.42, "object radii to the right"),
    Factor("vertical", -0.36, 0.36, "object radii upwards"),
    Factor("hue", 0.0, 0.66, "turns of the colour wheel: red to blue"),
    Factor("lightness", 0.3, 0.7, "lightness of the object's paint (HSL)"),
    Factor("background", 0.2, 0.9, "grey level of the background"),
)
FACTOR_NAMES = tuple(factor.name for factor in FACTORS)


def factors_of(seed: int, label: int, index: int) -> Float[np.ndarray, " factor"]:
    """Draw the factors of one picture: a function of its seed, class and index alone."""
    rng = np.random.default_rng((seed, label, index))
    low, high = (np.array([getattr(f, end) for f in FACTORS]) for end in ("low", "high"))
    return rng.uniform(low, high).astype(np.float32)
