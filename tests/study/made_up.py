"""Results as a study would leave them, with numbers that were made up."""

from dataclasses import replace

from safetensors.torch import save_file

from directions.data.packed import FORMAT
from directions.progan.config import GrowthConfig, NetworkConfig, PenaltyConfig, ProGANConfig
from directions.progan.measure_config import ProGANMeasureConfig
from directions.study.folder import FORMAT as STUDY_FORMAT
from directions.study.folder import PLAN, Study, write_json
from directions.study.plan import SMALL_STUDY, Run, plan_values
from tests.progan.toys import Squares

TOY = replace(
    SMALL_STUDY,
    base=ProGANConfig(
        network=NetworkConfig(resolution=8, width=16, most_channels=4),
        growth=GrowthConfig(stable=16, fade=16, batch_sizes=(4, 4)),
        penalty=PenaltyConfig(layers=(1, 2)),
        images=80,
        shards=1,
    ),
    images={"clevr-simple": 40},
    pictures=16,
    side=8,
    measures=ProGANMeasureConfig(
        pairs=4, generated=8, real=8, hessian_samples=2, activeness_samples=2
    ),
    chosen_on=8,
)
"""A plan whose runs take a blink: 20 steps each, ProGAN 12; half as many on CLEVR-Simple."""


def result(share, ratio, length, frechet=1.0, components=(3.0, 1.0), active=2, chosen=90):
    """One run's result."""
    return {
        "chosen": chosen,
        "seconds": 60.0,
        "measures": {
            "path_length": {"distance": "offline", "pairs": 10, "value": [length, 0, 0]},
            "frechet": {"features": "offline features", "value": [frechet, 0, 0]},
            "activeness": {"components": [[c, c, c] for c in components], "active": active},
            "diagonality": {"share": [share, 0, 0], "mean_of_ratios": [ratio, 0, 0]},
        },
    }


def two_seeds():
    """CLEVR-1FOV, where the penalty does what it should in D% and not in the path length."""
    return {
        Run("clevr-1fov", "progan-plus", 0): result(0.70, 1.5, 30.0),
        Run("clevr-1fov", "progan-plus", 1): result(0.74, 1.7, 34.0),
        Run("clevr-1fov", "hessian", 0): result(0.90, 6.0, 31.0, 2.0, (9.0, 1.0), 1),
        Run("clevr-1fov", "hessian", 1): result(0.92, 4.0, 20.0, 3.0, (5.0, 0.0), 1, 120),
    }


def tiny(folder):
    """A study whose pictures are there."""
    study = Study(folder, TOY)
    packed(study, 8)
    write_json(folder / PLAN, {"format": STUDY_FORMAT, "plan": plan_values(TOY)})
    return study


def packed(study, side):
    """Put coloured squares where two sets' pictures would be."""
    for data in ("clevr-1fov", "clevr-u"):
        path = study.packed(data)
        path.parent.mkdir(parents=True, exist_ok=True)
        save_file({"pictures": Squares(16, side).pictures}, path, {"format": FORMAT})
