"""How many points of a generator fit into memory at once. Free of torch.

here     meaning
held     numbers that are kept while one picture is made: all layers, and a few of the largest
point    one picture, of four that an entry of a Hessian takes, by differences or exactly
"""

from directions.progan.config import NetworkConfig

BUDGET = 2**29  # bytes
COPIES = 4  # of the largest layer, while it is rectified and normalised
POINTS = 4  # to an entry: four shifted pictures, or a picture with three derivatives


def held(config: NetworkConfig, side: int) -> int:
    """Numbers that are kept while one picture of a side is made."""
    sizes = [config.channels(one) * one**2 for one in config.sides if one <= side]
    return 2 * sum(sizes) + COPIES * max(sizes) + 3 * side**2


def pairs_at_once(config: NetworkConfig, side: int, most: int = 64) -> int:
    """Pairs of coordinates in a pass over Hessians: within half a GiB, but at least one."""
    return max(1, min(most, BUDGET // (4 * POINTS * held(config, side))))


def pictures_at_once(config: NetworkConfig, side: int, most: int) -> int:
    """Pictures in a pass, within the same."""
    return max(1, min(most, BUDGET // (4 * held(config, side))))
