"""Distances between pictures that the path length may be measured with."""

import importlib

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from directions.errors import DirectionsError
from directions.metrics import features

LPIPS_SIDE = 256  # pixels, to which smaller pictures are enlarged, as the authors did

Images = Float[Tensor, "batch 3 height width"]


class OfflineDistance:
    """The perceptual distance of `directions.metrics.features`, which needs no download."""

    name = f"perceptual distance ({features.NAME}); not LPIPS"

    def __init__(self, device: torch.device | str = "cpu") -> None:
        self.network = features.deep_features().to(device)

    def __call__(self, a: Images, b: Images) -> Float[Tensor, " batch"]:
        """Compare images pair by pair; the square of `features.distances`."""
        return (self.network(a) - self.network(b)).square().sum(1)


class LpipsDistance:
    """LPIPS with VGG16 (Zhang et al. 2018), by its own package and weights."""

    name = "LPIPS-VGG16"

    def __init__(self, device: torch.device | str = "cpu") -> None:
        try:
            lpips = importlib.import_module("lpips")
        except ImportError:
            raise DirectionsError(
                "LPIPS is not installed; `pip install lpips`, which needs torchvision, "
                "or leave out --distance lpips"
            ) from None
        network: nn.Module = lpips.LPIPS(net="vgg", verbose=False)
        self.network = network.to(device).eval().requires_grad_(False)

    def __call__(self, a: Images, b: Images) -> Float[Tensor, " batch"]:
        """Compare images pair by pair, enlarged to 256 pixels a side if they have fewer."""
        return self.network(enlarged(a), enlarged(b)).flatten()


def enlarged(
    images: Images, side: int = LPIPS_SIDE
) -> Float[Tensor, "batch 3 larger_height larger_width"]:
    """Enlarge pictures that are smaller than `side`."""
    if images.shape[-1] >= side:
        return images
    return functional.interpolate(images, size=(side, side), mode="bilinear", align_corners=False)
