"""What the penalty looks at: the picture, its deep features, or an activation on the way to it.

Any differentiable function of z may stand in for G in the Hessian Penalty. A view of a generator
is asked and learnt from as the generator itself is; only its outputs are no pictures.
"""

import re
from collections.abc import Callable

import torch
from torch import Tensor

from directions.errors import GeneratorError
from directions.generators.protocol import ChunkedGenerator, Generator, OpenGenerator

IMAGE, FEATURES = "image", "features"


class View:
    """A generator whose outputs are replaced by something else that follows from z."""

    def __init__(self, generator: Generator, outputs: Callable[[Tensor], Tensor]) -> None:
        self.name, self.outputs = generator.name, outputs
        self.latent_dim, self.slots = generator.latent_dim, generator.slots
        self.sample_latents = generator.sample_latents
        if isinstance(generator, ChunkedGenerator):
            self.chunk = generator.chunk

    def __call__(self, z: Tensor) -> Tensor:
        """Compute `[batch, *out]` for `[batch, latent]` or `[batch, slot, latent]`."""
        return self.outputs(z)


def compiled(generator: Generator, device: torch.device | str = "cpu") -> Generator:
    """The same generator through torch.compile, tried once.

    Raises `GeneratorError` where there is no toolchain for it, or it cannot compile this network.
    """
    faster = torch.compile(generator.__call__, dynamic=False)
    z = generator.sample_latents(2, torch.Generator().manual_seed(0)).to(device)
    try:
        faster(z)
    except Exception as error:  # the compiler's errors have many classes, some of them private
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise GeneratorError(
            f"{generator.name} cannot be compiled here ({reason[:160]}); leave out --compile"
        ) from None
    return View(generator, faster)


def seen(generator: Generator, view: str, device: torch.device | str = "cpu") -> Generator:
    """Look at a generator's `image`, at its deep `features`, or at `block-N`, counted from 1.

    Raises `GeneratorError` for a view that is not known, or that the generator does not have.
    """
    if view == IMAGE:
        return generator
    if view == FEATURES:
        from directions.metrics.features import deep_features

        network = deep_features().to(device)
        return View(generator, lambda z: network(generator(z)))
    number = re.fullmatch(r"block-([1-9]\d*)", view)
    if number is None:
        raise GeneratorError(f"no view '{view}'; there are {IMAGE}, {FEATURES} and block-N")
    blocks, last = int(number[1]), generator.slots - 1
    if not isinstance(generator, OpenGenerator):
        raise GeneratorError(f"{generator.name} shows no blocks to look at; use {IMAGE}")
    if blocks > last:
        raise GeneratorError(f"no block {blocks} in {generator.name}; it has blocks 1 to {last}")
    return View(generator, lambda z: generator.activation(z, blocks))
