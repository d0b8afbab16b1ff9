"""Known factors of pictures, read by a small network trained on renders and on nothing else."""

import json
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import torch
from jaxtyping import Float, Int
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from directions.errors import WeightsError
from directions.files import whole
from directions.metrics.effects import slopes

FORMAT = "directions-factors/1"


@dataclass(frozen=True, kw_only=True)
class FactorSettings:
    """What the network was trained to read, and how its answers are scaled.

    `mean` and `deviation` are those of the factors over the training renders; `spread` is the
    deviation of the network's own answers over held-out renders, the yardstick for a generator.
    """

    class_names: tuple[str, ...]
    factor_names: tuple[str, ...]
    mean: tuple[float, ...]
    deviation: tuple[float, ...]
    spread: tuple[float, ...] = ()
    r2: tuple[float, ...] = ()  # on held-out renders, a factor each
    accuracy: float = 0.0  # of the class, on held-out renders
    width: int = 20


class FactorNetwork(nn.Module):
    """From pictures of 64 pixels a side to class scores and factors in their own units."""

    def __init__(self, settings: FactorSettings) -> None:
        super().__init__()
        self.settings = settings
        width = settings.width
        channels = [3, width, 2 * width, 3 * width, 4 * width]
        blocks: list[nn.Module] = []
        for inside, outside in pairwise(channels):
            blocks += [
                nn.Conv2d(inside, outside, 3, padding=1),
                nn.BatchNorm2d(outside),
                nn.ReLU(),
                nn.Conv2d(outside, outside, 3, stride=2, padding=1),
                nn.BatchNorm2d(outside),
                nn.ReLU(),
            ]
        self.features = nn.Sequential(*blocks, nn.Conv2d(channels[-1], 16, 1), nn.Flatten())
        answers = len(settings.class_names) + len(settings.factor_names)
        self.head = nn.Sequential(nn.Linear(256, 128), nn.ReLU(), nn.Linear(128, answers))

    def forward(
        self, images: Float[Tensor, "batch 3 64 64"]
    ) -> tuple[Float[Tensor, "batch label"], Float[Tensor, "batch factor"]]:
        """Class scores, and factors standardised by the renders' mean and deviation."""
        answers = self.head(self.features(images))
        classes = len(self.settings.class_names)
        return answers[:, :classes], answers[:, classes:]

    @torch.no_grad()
    def factors(
        self, images: Float[Tensor, "batch 3 64 64"], batch_size: int = 256
    ) -> Float[Tensor, "batch factor"]:
        """Factors in their own units, in the order of `settings.factor_names`."""
        parts = [self(some)[1] for some in images.split(batch_size)]
        mean, deviation = torch.tensor(self.settings.mean), torch.tensor(self.settings.deviation)
        return torch.cat(parts) * deviation + mean

    @torch.no_grad()
    def labels(
        self, images: Float[Tensor, "batch 3 64 64"], batch_size: int = 256
    ) -> Int[Tensor, " batch"]:
        """The most likely class of every picture."""
        return torch.cat([self(some)[0].argmax(1) for some in images.split(batch_size)])

    def save(self, path: Path) -> None:
        """Write weights and settings as one safetensors file."""
        tensors = {name: tensor.contiguous() for name, tensor in self.state_dict().items()}
        meta = {"format": FORMAT, "settings": json.dumps(asdict(self.settings))}
        with whole(path) as partial:
            save_file(tensors, partial, meta)

    @classmethod
    def load(cls, path: Path) -> "FactorNetwork":
        """Read a file written by `save`; evaluated and frozen."""
        try:
            with safe_open(path, framework="pt") as file:
                header = file.metadata() or {}
                if header.get("format") != FORMAT:
                    raise WeightsError(f"{path} is no factor network: its format is not {FORMAT}")
                plain = json.loads(header["settings"])
                tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            lists: dict[str, Any] = {
                k: tuple(v) if isinstance(v, list) else v for k, v in plain.items()
            }
            network = cls(FactorSettings(**lists))
            network.load_state_dict(tensors)
        except (SafetensorError, OSError, KeyError, TypeError, ValueError, RuntimeError) as error:
            raise WeightsError(f"{path} cannot be read as a factor network: {error}") from None
        return network.eval().requires_grad_(False)


def spread(factors: Float[Tensor, "batch factor"]) -> Float[Tensor, " factor"]:
    """Standard deviation of every factor over a batch."""
    return factors.std(dim=0)


def spread_ratios(
    network: FactorNetwork, images: Float[Tensor, "batch 3 64 64"]
) -> Float[Tensor, " factor"]:
    """Spread of the read factors over pictures, as a share of their spread over renders."""
    return spread(network.factors(images)) / torch.tensor(network.settings.spread)


def recognised_share(
    network: FactorNetwork, images: Float[Tensor, "batch 3 64 64"], label: int
) -> float:
    """Share of pictures that are taken for the class they were made as."""
    return (network.labels(images) == label).float().mean().item()


def factor_slopes(
    network: FactorNetwork,
    images: Float[Tensor, "amount sample 3 64 64"],
    amounts: Float[Tensor, " amount"],
) -> Float[Tensor, "sample factor"]:
    """How each factor of every sample moves per unit of eta, in deviations of the renders."""
    factors = network.factors(images.flatten(0, 1)).unflatten(0, images.shape[:2])
    return slopes(factors, amounts) / torch.tensor(network.settings.spread)


def factor_shares(moved: Float[Tensor, "direction factor"]) -> Float[Tensor, "direction factor"]:
    """Of what a direction does to the factors, the share that falls on each: of energies.

    `moved` are root mean square slopes over samples, in deviations per unit of eta.
    """
    energy = moved.square()
    return energy / energy.sum(1, keepdim=True).clamp(min=1e-12)
