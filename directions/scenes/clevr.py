"""The paper's CLEVR sets (section 4.1): which factors vary, how far, and what stands where.

The paper names the factors and no ranges; the ranges here keep every object in the picture and
the two objects of a pair apart. Whatever is no factor of a set is the same in all its pictures.
CLEVR-U is CLEVR-Simple, trained with three latent dimensions.

| set     | factors                                                   | material            |
|---------|-----------------------------------------------------------|---------------------|
| Simple  | colour, shape, horizontal, vertical                       | metal               |
| 1FOV    | horizontal; the object is a red cube                      | rubber              |
| Complex | colour, shape, size, horizontal, vertical of each of two  | left metal, right rubber |
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from directions.scenes.factors import Choice, Factor

COLOURS = {  # 0 to 255, from CLEVR's own list of properties
    "grey": (87, 87, 87),
    "red": (173, 35, 35),
    "blue": (42, 75, 215),
    "green": (29, 105, 20),
    "brown": (129, 74, 25),
    "purple": (129, 38, 192),
    "cyan": (41, 208, 208),
    "yellow": (255, 238, 51),
}
SHAPES = ("cube", "cylinder", "sphere")
SIZES = {"small": 0.35, "large": 0.6}  # radii; CLEVR's larger one is 0.7
SIZE = 0.7  # radius of an object that is alone, CLEVR's larger size
ACROSS, AWAY = "floor units to the right", "floor units away from the viewer"


class Solid(NamedTuple):
    """One object on the floor."""

    shape: str
    colour: tuple[int, int, int]
    material: str  # metal or rubber
    radius: float
    horizontal: float
    vertical: float


def _object(side: str, low: float, high: float) -> tuple[Factor | Choice, ...]:
    """The five factors of one of two objects."""
    return (
        Choice(f"{side} colour", tuple(COLOURS)),
        Choice(f"{side} shape", SHAPES),
        Choice(f"{side} size", tuple(SIZES)),
        Factor(f"{side} horizontal", low, high, ACROSS),
        Factor(f"{side} vertical", -1.3, 1.7, AWAY),
    )


SIMPLE, ONE_FACTOR, COMPLEX = "clevr-simple", "clevr-1fov", "clevr-complex"
CLEVR: dict[str, tuple[Factor | Choice, ...]] = {
    SIMPLE: (
        Choice("colour", tuple(COLOURS)),
        Choice("shape", SHAPES),
        Factor("horizontal", -1.2, 1.2, ACROSS),
        Factor("vertical", -1.3, 1.7, AWAY),
    ),
    ONE_FACTOR: (Factor("horizontal", -1.45, 1.45, ACROSS),),
    COMPLEX: (*_object("left", -1.35, -0.7), *_object("right", 0.7, 1.35)),
}


def clevr_factors_of(name: str, seed: int, index: int) -> Float[np.ndarray, " factor"]:
    """Draw the factors of one picture of a set: a function of its seed and index alone."""
    rng = np.random.default_rng((seed, index))
    return np.array([factor.draw(rng) for factor in CLEVR[name]], np.float32)


def solids_of(name: str, factors: Float[np.ndarray, " factor"]) -> list[Solid]:
    """What stands on the floor of a picture, from its factors in the order of `CLEVR[name]`."""
    values = [float(value) for value in factors]
    if name == ONE_FACTOR:
        return [Solid("cube", COLOURS["red"], "rubber", SIZE, values[0], 0.0)]
    if name == SIMPLE:
        return [Solid(*_look(values[:2]), "metal", SIZE, *values[2:])]
    radii = list(SIZES.values())
    return [
        Solid(*_look(one[:2]), material, radii[int(one[2])], *one[3:])
        for one, material in ((values[:5], "metal"), (values[5:], "rubber"))
    ]


def _look(values: list[float]) -> tuple[str, tuple[int, int, int]]:
    """Shape and colour from the numbers of colour and shape."""
    colour, shape = values
    return SHAPES[int(shape)], list(COLOURS.values())[int(colour)]
