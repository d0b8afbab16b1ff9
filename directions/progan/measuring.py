"""Measure a trained ProGAN as the paper does (section 4.2, Tables 1 and 2, Fig. 5).

    pairs of latents --path--> path_length
    latents ---------pictures--> frechet, kernel (beside real pictures), factors (where known)
    latents ---------Hessians--> diagonality
    latents ---------sweeps----> activeness

`steps` yields after every piece of work and `result` puts the pieces together; nothing here prints
or writes.
"""

from collections.abc import Iterator
from pathlib import Path

import torch

from directions.progan.measure_config import ProGANMeasureConfig
from directions.progan.pictures import PictureSource

FORMAT = "directions-progan-measures/1"


class ProGANMeasurement:
    """One run, measured piece by piece.

    Without real pictures there is no Fréchet and no kernel distance; known factors are read only
    where they lie beside the pictures (`FactoredPictures`).
    """

    def __init__(
        self,
        run: Path,
        pictures: PictureSource | None,
        config: ProGANMeasureConfig,
        device: torch.device | str = "cpu",
    ) -> None:
        self.run, self.pictures, self.config, self.device = run, pictures, config, device

    @property
    def total(self) -> int:
        """Pieces of work, for a progress bar."""
        raise NotImplementedError

    def steps(self) -> Iterator[str]:
        """Do the work, and say after every piece what it was."""
        raise NotImplementedError

    def result(self) -> dict:
        """Put the pieces together, after the last step, as values that JSON knows.

            format, run, images, seed, settings
            path_length  distance, pairs, value: [mean, low, high]
            frechet      features, generated, real, value: [value, low, high]; or None
            kernel       features, generated, real, subset, value: [value, low, high]; or None
            activeness   samples, threshold, components: [[mean, low, high]...], active
            diagonality  samples, epsilon, share, mean_of_ratios, ratio_of_means: [mean, low, high]
            factors      names, r2, moved, shares [component][factor], scores...; or None

        low and high bound 95 % of what resampling gives.
        """
        raise NotImplementedError
