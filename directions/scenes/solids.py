"""Meshes of CLEVR's solids: a cube with rounded edges, a cylinder with a rounded rim, a sphere.

All stand on the floor z = 0 with their axis through the origin; the radius is that of CLEVR's
`size`. Rounded edges are what catches the light in its pictures.
"""

from collections.abc import Callable
from functools import cache
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

CUBE = 0.8  # half an edge in radii, so that cubes look as large as the other two
ROUNDING = 0.1  # radius of the rounded edges, in radii
YAW = np.radians(30)  # the cube shows two of its sides
STEPS = 24  # vertices along a cube's edge; divisions of a turn are four times as many


class Mesh(NamedTuple):
    """Triangles with smooth normals."""

    vertices: Float[np.ndarray, "vertex 3"]
    normals: Float[np.ndarray, "vertex 3"]
    faces: Int[np.ndarray, "face 3"]


@cache
def cube() -> Mesh:
    """A cube of radius 1: every point is a corner's ball away from a smaller cube."""
    line = _dense_at_the_ends(STEPS)
    u, v = (grid.ravel() for grid in np.meshgrid(line, line, indexing="ij"))
    sides = [
        np.roll(np.stack([u, v, np.full_like(u, s)], 1), r, 1) for r in range(3) for s in (-1, 1)
    ]
    flat = np.concatenate(sides)
    inner = CUBE - ROUNDING
    core = np.clip(flat * CUBE, -inner, inner)
    normals = flat * CUBE - core
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    one = _grid_faces(STEPS, STEPS)
    # Sides at -1 wind the other way round.
    faces = [(one[:, ::-1] if side % 2 == 0 else one) + side * STEPS**2 for side in range(6)]
    turn = np.array([[np.cos(YAW), -np.sin(YAW), 0], [np.sin(YAW), np.cos(YAW), 0], [0, 0, 1]])
    points = (core + ROUNDING * normals) @ turn.T + np.array([0.0, 0.0, CUBE])
    return Mesh(points, normals @ turn.T, np.concatenate(faces))


@cache
def cylinder() -> Mesh:
    """A cylinder of radius 1, as high as it is wide."""
    return _revolved(rounding=ROUNDING)


@cache
def sphere() -> Mesh:
    """A ball of radius 1: a cylinder that is nothing but rounding."""
    return _revolved(rounding=1.0)


def _revolved(rounding: float) -> Mesh:
    """Turn the profile of a rounded cylinder around the z axis."""
    angles = np.linspace(np.pi / 2, -np.pi / 2, 2 * STEPS)
    out, up = np.cos(angles), np.sin(angles)
    centre = 1 - rounding
    radius = np.concatenate([[0.0], centre + rounding * out, [0.0]])
    height = np.concatenate([[1.0], np.sign(up) * centre + rounding * up, [-1.0]])
    out, up = np.concatenate([[0.0], out, [0.0]]), np.concatenate([[1.0], up, [-1.0]])
    turn = np.linspace(0, 2 * np.pi, 4 * STEPS)
    around = np.stack([np.cos(turn), np.sin(turn)], 1)  # [turn, 2]
    points = np.concatenate([around[:, None] * radius[:, None], _as_column(height, turn)], 2)
    normals = np.concatenate([around[:, None] * out[:, None], _as_column(up, turn)], 2)
    faces = _grid_faces(len(turn), len(radius))[:, ::-1]
    points = points.reshape(-1, 3) + np.array([0.0, 0.0, 1.0])
    return Mesh(points, normals.reshape(-1, 3), faces)


def _as_column(values, turn):
    return np.broadcast_to(values[None, :, None], (len(turn), len(values), 1))


def _dense_at_the_ends(count: int) -> Float[np.ndarray, " count"]:
    """From -1 to 1, with most of the points in the rounded part of an edge."""
    flat = (CUBE - ROUNDING) / CUBE
    corner = np.sin(np.linspace(0, np.pi / 2, count // 2))
    high = flat + (1 - flat) * corner
    return np.concatenate([-high[::-1], high])


def _grid_faces(rows: int, columns: int) -> Int[np.ndarray, "face 3"]:
    """Two triangles for every square of a grid of vertices."""
    corner = (np.arange(rows - 1)[:, None] * columns + np.arange(columns - 1)).ravel()
    right, below, across = corner + 1, corner + columns, corner + columns + 1
    return np.concatenate(
        [np.stack([corner, below, across], 1), np.stack([corner, across, right], 1)]
    )


MESHES: dict[str, Callable[[], Mesh]] = {"cube": cube, "cylinder": cylinder, "sphere": sphere}
