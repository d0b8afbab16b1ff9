"""Render CLEVR's solids: a grey floor, three lamps, a path tracer and a denoiser."""

# pyright: reportMissingImports=false, reportAttributeAccessIssue=false, reportArgumentType=false

import os
from typing import Any

import numpy as np
from jaxtyping import Float, UInt8

# One process works on one picture; as many processes as cores do the rest.
os.environ.update(OIDN_NUM_THREADS="1", OIDN_SET_AFFINITY="0")

import drjit
import mitsuba
import pyoidn

from directions.scenes.clevr import Solid, solids_of
from directions.scenes.solids import MESHES

mitsuba.set_variant("scalar_rgb")  # the one that needs no LLVM, whose versions may abort
drjit.set_thread_count(1)
mitsuba.set_log_level(mitsuba.LogLevel.Error)

OVERSAMPLING = 2  # pictures are rendered larger and averaged down
PATHS = 4  # through each of the larger pixels
BOUNCES = 4
BRIGHTEST = 1.5  # light of a pixel; brighter ones are mirrors that one path met by chance
EYE, TARGET = (0.0, -9.9, 5.6), (0.0, 0.0, 0.45)  # CLEVR's height and distance, z up
VIEW = 24.0  # degrees, across the picture
LAMPS = (  # where, half a side, radiance
    ((4.2, -5.0, 7.5), 0.9, 40.0),
    ((-6.5, -1.5, 4.0), 1.5, 2.5),
    ((1.5, 5.5, 6.0), 1.0, 5.0),
)
SKY, FLOOR = 0.19, 0.5  # radiance from everywhere; share of light that the floor returns
GLOSS = {
    "metal": {"metallic": 1.0, "roughness": 0.22, "specular": 0.5},
    "rubber": {"metallic": 0.0, "roughness": 0.55, "specular": 0.4},
}
DECODING = 1.5  # exponent from CLEVR's colours to reflectances: between linear and sRGB


class ClevrStudio:
    """A camera, a floor and lamps before one set; one a process."""

    def __init__(self, name: str, side: int) -> None:
        self._name, self._side = name, side
        self._room = {key: mitsuba.load_dict(part) for key, part in _room().items()}
        self._sensor = mitsuba.load_dict(_sensor(side * OVERSAMPLING))
        self._integrator = mitsuba.load_dict(
            {
                "type": "aov",
                "aovs": "albedo:albedo,normals:sh_normal",
                "image": {"type": "path", "max_depth": BOUNCES},
            }
        )

    def picture(
        self, factors: Float[np.ndarray, " factor"], seed: int
    ) -> UInt8[np.ndarray, "side side 3"]:
        """Render with `factors` in the order and units of the set's table."""
        solids = {f"solid{i}": _placed(one) for i, one in enumerate(solids_of(self._name, factors))}
        scene = mitsuba.load_dict({"type": "scene", **self._room, **solids})
        layers = mitsuba.render(scene, sensor=self._sensor, integrator=self._integrator, seed=seed)
        light, albedo, normals = np.split(np.array(layers, np.float32), 3, axis=-1)
        light, albedo = np.clip(light, 0, BRIGHTEST), np.clip(albedo, 0, 1)
        clean = pyoidn.denoise(light, albedo, normals, hdr=True)
        side = self._side
        large = _encoded(clean).reshape(side, OVERSAMPLING, side, OVERSAMPLING, 3)
        return np.round(255 * large.mean(axis=(1, 3))).astype(np.uint8)


def _room() -> dict[str, dict[str, Any]]:
    transform = mitsuba.ScalarTransform4f
    parts: dict[str, dict[str, Any]] = {
        "sky": {"type": "constant", "radiance": _grey(SKY)},
        "floor": {
            "type": "rectangle",
            "to_world": transform().scale([60, 60, 1]),
            "bsdf": {"type": "diffuse", "reflectance": _grey(FLOOR)},
        },
    }
    for number, (place, half, radiance) in enumerate(LAMPS):
        facing = transform().look_at(origin=list(place), target=[0, 0, 0], up=[0, 0, 1])
        parts[f"lamp{number}"] = {
            "type": "rectangle",
            "to_world": facing @ transform().scale([half, half, 1]),
            "emitter": {"type": "area", "radiance": _grey(radiance)},
        }
    return parts


def _sensor(side: int) -> dict[str, Any]:
    facing = mitsuba.ScalarTransform4f().look_at(
        origin=list(EYE), target=list(TARGET), up=[0, 0, 1]
    )
    film = {"type": "hdrfilm", "width": side, "height": side, "pixel_format": "rgb"}
    return {
        "type": "perspective",
        "fov": VIEW,
        "to_world": facing,
        # Any wider filter shares noise between pixels, which the denoiser then keeps.
        "film": {**film, "rfilter": {"type": "box"}},
        "sampler": {"type": "multijitter", "sample_count": PATHS},
    }


def _placed(solid: Solid) -> Any:
    """A solid's mesh where it stands, in its paint."""
    mesh = MESHES[solid.shape]()
    reflectance = ((np.array(solid.colour) / 255) ** DECODING).tolist()
    paint = {"type": "rgb", "value": reflectance}
    properties = mitsuba.Properties()
    properties["paint"] = mitsuba.load_dict(
        {"type": "principled", "base_color": paint, **GLOSS[solid.material]}
    )
    placed = mitsuba.Mesh(
        solid.shape, len(mesh.vertices), len(mesh.faces), properties, has_vertex_normals=True
    )
    centre = np.array([solid.horizontal, solid.vertical, 0.0])
    parameters = mitsuba.traverse(placed)
    vertices = mesh.vertices * solid.radius + centre
    parameters["vertex_positions"] = vertices.astype(np.float32).ravel()
    parameters["vertex_normals"] = mesh.normals.astype(np.float32).ravel()
    parameters["faces"] = mesh.faces.astype(np.uint32).ravel()
    parameters.update()
    return placed


def _grey(level: float) -> dict[str, Any]:
    return {"type": "rgb", "value": [level] * 3}


def _encoded(light: Float[np.ndarray, "height width 3"]) -> Float[np.ndarray, "height width 3"]:
    """From linear light to sRGB, both 0 to 1 (IEC 61966-2-1)."""
    light = np.clip(light, 0, 1)
    return np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
