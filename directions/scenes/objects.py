"""Render one object with chosen factors, as a picture of 64 pixels a side."""

# pyright: reportMissingImports=false, reportArgumentType=false, reportOptionalMemberAccess=false

import colorsys

import numpy as np
import pyvista
from jaxtyping import Float, UInt8
from vtkmodules.vtkCommonCore import vtkLogger

from directions.scenes.factors import FACTOR_NAMES
from directions.scenes.models import MODELS

OVERSAMPLING = 3  # pictures are rendered larger and averaged down
SATURATION = 0.75  # of the paint, which varies in hue and lightness only
EYE = np.array([0.0, -12.0, 5.2])  # the viewer, above and in front
HALF_VIEW = 1.5  # object radii from the centre of the picture to its border

vtkLogger.SetStderrVerbosity(vtkLogger.VERBOSITY_ERROR)  # or it warns of the missing screen


class Studio:
    """A camera and three lights before one kind of object.

    One a class and process: the scene is built once and only moved and painted afterwards,
    which is several times faster than building it for every picture.
    """

    def __init__(self, class_name: str, side: int = 64) -> None:
        self._side = side
        self._plotter = pyvista.Plotter(
            off_screen=True, window_size=[side * OVERSAMPLING] * 2, lighting="none"
        )
        self._light()
        self._parts = []
        for part in MODELS[class_name]():
            mesh = part.mesh.extract_surface(algorithm="dataset_surface").triangulate()
            mesh = mesh.compute_normals(
                split_vertices=True, feature_angle=35, auto_orient_normals=True
            )
            actor = self._plotter.add_mesh(
                mesh,
                color=part.colour or "white",
                smooth_shading=True,
                ambient=0.32,
                diffuse=0.68,
                specular=0.25,
                specular_power=20,
            )
            self._parts.append((actor, part.colour is None))
        camera = self._plotter.camera
        camera.position, camera.focal_point, camera.up = tuple(EYE), (0, 0, 0), (0, 0, 1)
        camera.view_angle = 2 * np.degrees(np.arctan(HALF_VIEW / np.linalg.norm(EYE)))
        ahead = -EYE / np.linalg.norm(EYE)
        self._right = np.cross(ahead, (0, 0, 1)) / np.linalg.norm(np.cross(ahead, (0, 0, 1)))
        self._up = np.cross(self._right, ahead)
        self._plotter.show(auto_close=False)

    def _light(self) -> None:
        for position, strength in (((-6, -8, 10), 0.85), ((8, -6, 4), 0.4), ((0, 8, 8), 0.3)):
            self._plotter.add_light(pyvista.Light(position=position, intensity=strength))

    def picture(self, factors: Float[np.ndarray, " factor"]) -> UInt8[np.ndarray, "side side 3"]:
        """Render with `factors` in the order and units of `FACTORS`."""
        value = dict(zip(FACTOR_NAMES, factors.tolist(), strict=True))
        pose = np.eye(4)
        turn = np.radians(value["azimuth"])
        pose[:2, :2] = [[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]
        pose[:3, :3] *= value["size"]
        pose[:3, 3] = value["horizontal"] * self._right + value["vertical"] * self._up
        paint = colorsys.hls_to_rgb(value["hue"], value["lightness"], SATURATION)
        for actor, painted in self._parts:
            actor.user_matrix = pose
            if painted:
                actor.prop.color = paint
        self._plotter.set_background([value["background"]] * 3)
        self._plotter.render()
        large = self._plotter.screenshot(return_img=True)
        grid = large.reshape(self._side, OVERSAMPLING, self._side, OVERSAMPLING, 3)
        return np.round(grid.mean(axis=(1, 3))).astype(np.uint8)
