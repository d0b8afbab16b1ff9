"""What a `G_ema.pth` of BigGAN-PyTorch holds, read off its own tensors, and the refusal of others.

A hierarchical generator cuts z into chunks: the first enters the linear layer, every other one
the conditional norms of a block, beside the class embedding that all blocks share.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import torch
from jaxtyping import Shaped
from torch import Tensor

from directions.errors import WeightsError

FILE_NAME = "G_ema.pth"
BOTTOM = 4  # pixels on a side where the blocks begin
# Channels before, between and after the blocks in units of the width, for 64, 128 and 256 px.
MULTIPLES = {4: (16, 16, 8, 4, 2), 5: (16, 16, 8, 4, 2, 1), 6: (16, 16, 8, 8, 4, 2, 1)}

Tensors = Mapping[str, Shaped[Tensor, "..."]]
Shapes = dict[str, tuple[int, ...]]


@dataclass(frozen=True, kw_only=True)
class Layout:
    """All that the shapes of a generator follow from."""

    blocks: int
    width: int
    attention: tuple[int, ...]  # blocks that attention follows
    classes: int
    embedding: int  # dimensions of the class embedding
    chunk: int  # dimensions of z that enter at one place

    @property
    def slots(self) -> int:
        """Places where z enters: the linear layer and every block."""
        return 1 + self.blocks

    @property
    def latent_dim(self) -> int:
        """Dimensions of z."""
        return self.slots * self.chunk

    @property
    def resolution(self) -> int:
        """Pixels on a side of a picture."""
        return BOTTOM * 2**self.blocks

    def shapes(self) -> Shapes:
        """Every key of the file and its shape."""
        sizes = [self.width * multiple for multiple in MULTIPLES[self.blocks]]
        found: Shapes = {"shared.weight": (self.classes, self.embedding)}
        found |= _spectral("linear", (sizes[0] * BOTTOM**2, self.chunk), bias=True)
        for number, (before, after) in enumerate(pairwise(sizes)):
            found |= self._block(f"blocks.{number}.0", before, after)
            if number in self.attention:
                found |= _attention(f"blocks.{number}.1", after)
        for name in ("gain", "bias", "stored_mean", "stored_var"):
            found[f"output_layer.0.{name}"] = (sizes[-1],)
        return found | _spectral("output_layer.2", (3, sizes[-1], 3, 3), bias=True)

    def _block(self, name: str, before: int, after: int) -> Shapes:
        found: Shapes = {}
        kernels = {"conv1": (before, 3), "conv2": (after, 3), "conv_sc": (before, 1)}
        for layer, (channels, side) in kernels.items():
            found |= _spectral(f"{name}.{layer}", (after, channels, side, side), bias=True)
        for layer, channels in {"bn1": before, "bn2": after}.items():
            for part in ("stored_mean", "stored_var"):
                found[f"{name}.{layer}.{part}"] = (channels,)
            for part in ("gain", "bias"):
                shape = (channels, self.embedding + self.chunk)
                found |= _spectral(f"{name}.{layer}.{part}", shape, bias=False)
        return found


def _spectral(name: str, shape: tuple[int, ...], bias: bool) -> Shapes:
    """A layer with spectral norm: weight, left singular vector, singular value."""
    found: Shapes = {f"{name}.weight": shape}
    if bias:
        found[f"{name}.bias"] = shape[:1]
    return found | {f"{name}.u0": (1, shape[0]), f"{name}.sv0": (1,)}


def _attention(name: str, channels: int) -> Shapes:
    found: Shapes = {f"{name}.gamma": ()}
    sizes = {"theta": channels // 8, "phi": channels // 8, "g": channels // 2}
    for layer, size in sizes.items():
        found |= _spectral(f"{name}.{layer}", (size, channels, 1, 1), bias=False)
    return found | _spectral(f"{name}.o", (channels, channels // 2, 1, 1), bias=False)


def file_of(place: str) -> Path:
    """The file itself, or the `G_ema.pth` of a folder; raises `WeightsError` if there is none."""
    path = Path(place)
    if not path.is_dir():
        return path
    if not (path / FILE_NAME).is_file():
        raise WeightsError(f"{path} has no {FILE_NAME}")
    return path / FILE_NAME


def layout_of(tensors: Tensors, path: Path) -> Layout:
    """Read the layout off a state dict and hold every key, shape and value against it.

    Raises `WeightsError` naming the first key that is missing, unknown, of another shape, or
    holds values that are not finite.
    """
    shared = _sizes(tensors, "shared.weight", 2, path)
    linear = _sizes(tensors, "linear.weight", 2, path)
    first = _sizes(tensors, "blocks.0.0.conv1.weight", 4, path)
    names = [name.split(".") for name in tensors if name.startswith("blocks.")]
    blocks = len({parts[1] for parts in names})
    if blocks not in MULTIPLES:
        known = ", ".join(map(str, MULTIPLES))
        raise WeightsError(
            f"{path} has {blocks} blocks; generators of 64, 128 and 256 px have {known}"
        )
    layout = Layout(
        blocks=blocks,
        width=first[0] // MULTIPLES[blocks][0],
        attention=tuple(sorted({int(p[1]) for p in names if p[2:3] == ["1"] and p[1].isdigit()})),
        classes=shared[0],
        embedding=shared[1],
        chunk=linear[1],
    )
    _require(tensors, layout, path)
    return layout


def _sizes(tensors: Tensors, name: str, axes: int, path: Path) -> torch.Size:
    if name not in tensors:
        raise WeightsError(f"{path} lacks {name}: it is no BigGAN-PyTorch generator")
    if tensors[name].dim() != axes:
        raise WeightsError(
            f"{path}: {name} has shape {tuple(tensors[name].shape)}, not {axes} axes"
        )
    return tensors[name].shape


def _require(tensors: Tensors, layout: Layout, path: Path) -> None:
    expected = layout.shapes()
    missing = [name for name in expected if name not in tensors]
    extra = [name for name in tensors if name not in expected]
    if missing or extra:
        told = [f"lacks {name}" for name in missing[:1]]
        told += [f"has an unknown {name}" for name in extra[:1]]
        raise WeightsError(
            f"{path} {' and '.join(told)} ({len(missing) + len(extra)} keys differ from a "
            f"hierarchical generator of {layout.resolution} px)"
        )
    for name, shape in expected.items():
        if tensors[name].shape != shape:
            raise WeightsError(
                f"{path}: {name} has shape {tuple(tensors[name].shape)}, "
                f"a generator of its width and chunks has {shape}"
            )
        if not torch.isfinite(tensors[name]).all():
            raise WeightsError(f"{path}: {name} holds values that are not finite")
