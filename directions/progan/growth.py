"""How far the networks have grown, as a function of the pictures seen. Free of torch.

Every resolution is trained alone for `stable` pictures, then the next fades in over `fade`. The
authors' code asks every fourth step; here every step does.
"""

from typing import NamedTuple

from directions.progan.config import GrowthConfig, PenaltyConfig


class Stage(NamedTuple):
    """The resolution at hand, and how much of it: below 1 it is fading in."""

    side: int
    blend: float

    @property
    def phase(self) -> tuple[int, bool]:
        """What stays the same between two borders: Adam's moments are reset when it changes."""
        return self.side, self.blend < 1


def stage_at(images: int, growth: GrowthConfig, resolution: int) -> Stage:
    """The stage of a step that begins after `images` pictures."""
    grown, within = divmod(images, growth.stable + growth.fade)
    side = min(growth.first_side << min(grown, 32), resolution)
    if side == resolution or within <= growth.stable:
        return Stage(side, 1.0)
    return Stage(2 * side, (within - growth.stable) / growth.fade)


def grown_after(growth: GrowthConfig, resolution: int) -> int:
    """Pictures after which nothing grows any more."""
    doublings = (resolution // growth.first_side).bit_length() - 1
    return doublings * (growth.stable + growth.fade)


def penalty_weight(images: int, config: PenaltyConfig) -> float:
    """Lambda after `images` pictures: 0 up to and with `start`, then rising over `ramp`."""
    seen = images - config.start
    if seen <= 0:
        return 0.0
    return config.weight * (min(1.0, seen / config.ramp) if config.ramp else 1.0)


def layer_weight(layer: int, layers: int, stage: Stage) -> float:
    """How much a layer counts at a stage; `layers` is the number of the picture, which always does.

    Layers of the resolution that fades in count as much as it does, higher ones not at all.
    """
    side = 4 << (layer - 1) // 2
    if layer == layers or side < stage.side:
        return 1.0
    return stage.blend if side == stage.side else 0.0
