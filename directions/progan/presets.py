"""Settings by name: every row and column of the paper's Table 1, and one for two CPU cores.

A name is `DATA/METHOD`, such as `clevr-simple/hessian`. What the authors did not publish is chosen
here: fine-tuning sets out from the `progan` row, which stops after 30 million pictures, their
code's own default; all others have 50 million, as in their scripts.
"""

from dataclasses import replace

from directions.errors import RunError
from directions.progan.config import (
    GrowthConfig,
    NetworkConfig,
    PenaltyConfig,
    ProGANConfig,
    unbiased,
)

PROGAN_IMAGES = 30_000_000
FINE_TUNING_RAMP = 10_000_000
DEFAULT_WEIGHT = unbiased(0.1)

SMALL = ProGANConfig(
    network=NetworkConfig(resolution=32, width=256, most_channels=32),
    growth=GrowthConfig(stable=5_000, fade=5_000, batch_sizes=(8,)),
    images=120_000,
    shards=1,
    learning_rate=0.002,
)
"""32 pixels, |z| = 12; 32 channels up to 16 pixels, 16 above.

5,000 pictures for every resolution and as many for every fade, so 32 pixels from 30,000 on. With
batches of 8 and twice the paper's rate fewer pictures have to be seen than with larger ones.
"""

_LATENTS = {"clevr-u": 3}
_WEIGHTS = {"clevr-u": unbiased(0.025), "clevr-1fov": unbiased(0.025)}
_CODES = {"edges-shoes": 12, "clevr-simple": 4, "clevr-complex": 10, "clevr-u": 3, "clevr-1fov": 1}
DATA = tuple(_CODES)
METHODS = ("infogan", "progan-plus", "progan", "hessian", "hessian-finetune")


def _of_paper(data: str, method: str) -> ProGANConfig:
    network = NetworkConfig(latent_dim=_LATENTS.get(data, 12))
    weight = _WEIGHTS.get(data, DEFAULT_WEIGHT)
    base = ProGANConfig(network=network)
    return {
        "infogan": replace(base, network=replace(network, codes=_CODES[data])),
        "progan-plus": base,
        "progan": replace(base, images=PROGAN_IMAGES),
        "hessian": replace(base, penalty=PenaltyConfig(weight=weight)),
        "hessian-finetune": replace(
            base, penalty=PenaltyConfig(weight=weight, ramp=FINE_TUNING_RAMP)
        ),
    }[method]


PRESETS: dict[str, ProGANConfig] = {"small": SMALL} | {
    f"{data}/{method}": _of_paper(data, method) for data in DATA for method in METHODS
}


def preset(name: str) -> ProGANConfig:
    """Look settings up; raises `RunError` naming what there is."""
    if name not in PRESETS:
        raise RunError(
            f"no preset '{name}'; known: small, or one of {', '.join(DATA)}, a slash, and one of "
            f"{', '.join(METHODS)}"
        )
    return PRESETS[name]
