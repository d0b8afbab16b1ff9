"""Components of z: how much each does, and what it does (Fig. 2 right, 3, 4 and 5).

A component is set to a value, not moved by it; the others stay as they are.
"""

from collections.abc import Iterator, Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from directions.generators.protocol import Generator
from directions.metrics.effects import activeness as variance_of_pictures
from directions.render import generate

EXTENT = 2.0  # components run from -EXTENT to EXTENT, as in the paper's figures


def activeness(
    generator: Generator,
    z: Float[Tensor, "sample latent"],
    extent: float = EXTENT,
    batch_size: int = 64,
) -> Iterator[Float[Tensor, " sample"]]:
    """Yield component by component how much it changes every sample's picture (section 4.2).

    The unbiased variance over the values -extent, 0 and extent, averaged over channels and pixels;
    of images in [-1, 1]. Its mean over samples is the paper's figure.
    """
    for component in range(generator.latent_dim):
        yield variance_of_pictures(at_ends(generator, z, component, extent, batch_size))


def at_ends(
    generator: Generator,
    z: Float[Tensor, "sample latent"],
    component: int,
    extent: float = EXTENT,
    batch_size: int = 64,
) -> Float[Tensor, "3 sample 3 height width"]:
    """Generate every sample with one component at -extent, 0 and extent."""
    values = (-extent, 0.0, extent)
    points = torch.cat([with_value(z, component, value) for value in values])
    return generate([generator], points, [0] * len(points), batch_size).unflatten(0, (3, -1))


def with_value(
    z: Float[Tensor, "sample latent"], component: int, value: float
) -> Float[Tensor, "sample latent"]:
    """Set one component of every latent."""
    changed = z.clone()
    changed[:, component] = value
    return changed


def swept(
    generator: Generator,
    z: Float[Tensor, "1 latent"],
    components: Sequence[int],
    values: Float[Tensor, " value"],
    batch_size: int = 64,
) -> Float[Tensor, "component value 3 height width"]:
    """Generate one sample with every component set to every value."""
    points = [with_value(z, i, value.item()) for i in components for value in values]
    images = generate([generator], torch.cat(points), [0] * len(points), batch_size)
    return images.unflatten(0, (len(components), len(values)))


def at_value(
    generator: Generator,
    z: Float[Tensor, "sample latent"],
    components: Sequence[int],
    value: float,
    batch_size: int = 64,
) -> Float[Tensor, "component sample 3 height width"]:
    """Generate every sample with one component after the other set to a value."""
    points = torch.cat([with_value(z, i, value) for i in components])
    images = generate([generator], points, [0] * len(points), batch_size)
    return images.unflatten(0, (len(components), len(z)))


def plane(
    generator: Generator,
    z: Float[Tensor, "1 latent"],
    pair: tuple[int, int],
    values: Float[Tensor, " value"],
    batch_size: int = 64,
) -> Float[Tensor, "down across 3 height width"]:
    """Generate one sample over a grid of two components: the first down, the second across."""
    down, across = pair
    rows = [swept(generator, with_value(z, down, v.item()), [across], values, batch_size)
            for v in values]  # fmt: skip
    return torch.cat(rows)
