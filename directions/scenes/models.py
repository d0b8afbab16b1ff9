"""Six objects with a visible heading, built from primitives.

Every object stands around the origin, z up, fits a ball of radius about 1 and faces the
viewer, who looks along +y. A part has a role: `body` takes the paint that varies, the other
roles keep their colour, so that an object stays recognisable whatever its paint.
"""

# pyright: reportMissingImports=false, reportArgumentType=false, reportOptionalMemberAccess=false

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pyvista

DARK, TRIM, GLASS, WOOD = "#2b2b30", "#e9e6df", "#9cc4dd", "#b58b5a"


class Part(NamedTuple):
    """A mesh and its colour; None stands for the paint that varies."""

    mesh: pyvista.PolyData
    colour: str | None = None


def _box(x: float, y: float, z: float, width: float, depth: float, height: float):
    half = np.array([width, depth, height]) / 2
    bounds = np.stack([np.array([x, y, z]) - half, np.array([x, y, z]) + half], 1)
    return pyvista.Box(bounds.ravel())


def _tube(points: list[tuple[float, float, float]], radius: float, count: int = 40):
    return pyvista.Spline(np.array(points, float), count).tube(radius=radius, n_sides=24)


def _ball(centre, radius: float):
    return pyvista.Sphere(radius=radius, center=tuple(centre))


def _cylinder(centre, direction, radius: float, height: float):
    return pyvista.Cylinder(
        center=centre, direction=direction, radius=radius, height=height, resolution=48
    )


def _prism(outline: list[tuple[float, float]], width: float):
    """Extrude an outline in the (y, z) plane along x, centred."""
    points = np.array([(-width / 2, y, z) for y, z in outline], float)
    face = [len(points), *range(len(points))]
    return pyvista.PolyData(points, faces=face).extrude((width, 0, 0), capping=True)


def _revolved(profile: list[tuple[float, float]]):
    """Turn an outline in the (radius, z) plane around the z axis."""
    points = np.array([(r, 0.0, z) for r, z in profile], float)
    return pyvista.lines_from_points(points).extrude_rotate(resolution=60, capping=False)


def airplane() -> list[Part]:
    """Nose towards the viewer, low wings with engines, a tall tail."""
    fuselage = pyvista.ParametricEllipsoid(0.25, 1.0, 0.25)
    wing = pyvista.PolyData(
        np.array([(0, -0.3, 0), (0, 0.25, 0), (1.05, 0.5, 0.1), (1.05, 0.3, 0.1)], float),
        faces=[4, 0, 1, 2, 3],
    ).extrude((0, 0, 0.06), capping=True)
    tail = pyvista.PolyData(
        np.array([(0, 0.6, 0), (0, 0.95, 0), (0.42, 1.02, 0.03), (0.42, 0.86, 0.03)], float),
        faces=[4, 0, 1, 2, 3],
    ).extrude((0, 0, 0.05), capping=True)
    fin = _prism([(0.5, 0.1), (0.95, 0.1), (1.05, 0.6), (0.85, 0.6)], 0.07)
    parts = [Part(fuselage), Part(fin)]
    for side in (1, -1):
        mirror = np.diag([side, 1, 1, 1]).astype(float)
        parts += [
            Part(wing.transform(mirror, inplace=False), TRIM),
            Part(tail.transform(mirror, inplace=False), TRIM),
            Part(_cylinder((side * 0.5, -0.05, -0.1), (0, 1, 0), 0.11, 0.4), DARK),
        ]
    window = pyvista.ParametricEllipsoid(0.15, 0.18, 0.09).translate((0, -0.76, 0.14))
    return [*parts, Part(window, DARK)]


def car() -> list[Part]:
    """Bonnet towards the viewer, a glass cabin set back, four dark wheels."""
    lower = _prism(
        [(-1.0, -0.32), (-1.0, -0.02), (-0.9, 0.06), (0.95, 0.1), (1.0, -0.05), (1.0, -0.32)], 0.95
    )
    cabin = _prism([(-0.42, 0.06), (-0.1, 0.44), (0.62, 0.44), (0.86, 0.08)], 0.8)
    roof = _box(0, 0.26, 0.46, 0.78, 0.7, 0.06)
    parts = [Part(lower), Part(cabin, GLASS), Part(roof)]
    for side in (-0.45, 0.45):
        for y in (-0.6, 0.62):
            parts.append(Part(_cylinder((side, y, -0.32), (1, 0, 0), 0.23, 0.2), DARK))
        parts.append(Part(_ball((side * 0.72, -0.99, -0.06), 0.1), "#fff3c4"))
    parts.append(Part(_box(0, -1.0, -0.24, 0.9, 0.06, 0.1), DARK))
    return parts


def chair() -> list[Part]:
    """Seat towards the viewer, a tall back behind it, four wooden legs."""
    parts = [Part(_box(0, 0, -0.1, 0.95, 0.9, 0.16)), Part(_box(0, 0.42, 0.5, 0.95, 0.12, 0.9))]
    for x in (-0.4, 0.4):
        for y in (-0.37, 0.4):
            parts.append(Part(_box(x, y, -0.55, 0.13, 0.13, 0.78), WOOD))
    return parts


def house() -> list[Part]:
    """Gable with a door towards the viewer, a painted roof, a chimney."""
    wall_outline = [(-0.62, -0.8), (-0.62, 0.1), (0, 0.62), (0.62, 0.1), (0.62, -0.8)]
    turn = np.array([[0, 1, 0, 0], [1, 0, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]], float)
    walls = _prism(wall_outline, 1.3).transform(turn, inplace=False)
    parts = [Part(walls, TRIM)]
    for side in (1, -1):
        slope = _prism([(0, 0.62), (0, 0.78), (side * 0.82, 0.08), (side * 0.76, -0.04)], 1.5)
        parts.append(Part(slope.transform(turn, inplace=False)))
        parts.append(Part(_box(side * 0.63, 0, -0.3, 0.04, 0.5, 0.34), GLASS))
    parts.append(Part(_box(0, -0.66, -0.5, 0.36, 0.05, 0.6)))
    parts.append(Part(_box(0.42, 0.3, 0.6, 0.2, 0.2, 0.6), "#8c4a3c"))
    return parts


def lamp() -> list[Part]:
    """A desk lamp: a round base, a bent arm, a shade that throws its light at the viewer."""
    base = _cylinder((0, 0.35, -0.92), (0, 0, 1), 0.46, 0.12)
    arm = _tube([(0, 0.35, -0.9), (0, 0.62, -0.2), (0, 0.5, 0.45), (0, 0.05, 0.62)], 0.065)
    profile = [(0.12, 0.0), (0.16, -0.14), (0.5, -0.6), (0.53, -0.6)]
    tilt = 62.0
    shade = _revolved(profile).rotate_x(-tilt).translate((0, 0.02, 0.72))
    cap = _ball((0, 0.05, 0.68), 0.15)
    ahead = np.array([0, -np.sin(np.radians(tilt)), -np.cos(np.radians(tilt))])
    bulb = _ball(np.array([0, 0.02, 0.72]) + 0.5 * ahead, 0.24)
    return [Part(base, DARK), Part(arm, DARK), Part(shade), Part(cap), Part(bulb, "#fff6cf")]


def mug() -> list[Part]:
    """A mug whose handle points to the viewer, a light rim, a dark drink."""
    profile = [(0.0, -0.78), (0.6, -0.78), (0.66, -0.7), (0.66, 0.62), (0.58, 0.62), (0.56, 0.3)]
    handle = _tube([(0, -0.6, 0.38), (0, -1.08, 0.36), (0, -1.12, -0.36), (0, -0.6, -0.46)], 0.12)
    rim = _tube(
        [(0.62 * np.cos(a), 0.62 * np.sin(a), 0.62) for a in np.linspace(0, 6.2832, 60)], 0.055, 120
    )
    drink = pyvista.Disc(center=(0, 0, 0.42), inner=0.0, outer=0.58, normal=(0, 0, 1), c_res=48)
    return [Part(_revolved(profile)), Part(handle), Part(rim, TRIM), Part(drink, "#5a3420")]


MODELS: dict[str, Callable[[], list[Part]]] = {
    "airplane": airplane,
    "car": car,
    "chair": chair,
    "house": house,
    "lamp": lamp,
    "mug": mug,
}
