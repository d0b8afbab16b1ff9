"""The paper's numbers as data: Table 1 (page 11) and Table 2 (page 13).

Tables give a data set two columns each: perceptual path length and Fréchet Inception Distance in
the first, the share of diagonal maxima in % and the ratio of magnitudes in the second.
"""

from typing import NamedTuple


class Published(NamedTuple):
    """One row under one data set, over both tables; Table 2 has no row for ProGAN."""

    path_length: float
    frechet: float
    share: float | None = None  # D%
    ratio: float | None = None  # D_R


TITLES = {  # in the order of the tables' columns
    "edges-shoes": "Edges+Shoes",
    "clevr-simple": "CLEVR-Simple",
    "clevr-complex": "CLEVR-Complex",
    "clevr-u": "CLEVR-U",
    "clevr-1fov": "CLEVR-1FOV",
}
ROWS = ("infogan", "progan-plus", "progan", "hessian", "hessian-finetune")

PAPER: dict[str, dict[str, Published]] = {
    "edges-shoes": {
        "infogan": Published(2952.2, 10.4, 63.2, 1.6),
        "progan-plus": Published(3154.1, 10.8, 64.9, 1.6),
        "progan": Published(1809.7, 14.0),
        "hessian": Published(1301.3, 21.2, 80.8, 7.3),
        "hessian-finetune": Published(554.1, 17.3, 81.0, 4.5),
    },
    "clevr-simple": {
        "infogan": Published(56.2, 2.9, 74.7, 2.2),
        "progan-plus": Published(64.5, 3.8, 69.3, 1.5),
        "progan": Published(61.5, 3.5),
        "hessian": Published(45.7, 25.0, 79.3, 6.0),
        "hessian-finetune": Published(39.7, 6.1, 85.7, 5.6),
    },
    "clevr-complex": {
        "infogan": Published(83.9, 4.2, 66.0, 1.6),
        "progan-plus": Published(92.8, 5.8, 63.8, 1.5),
        "progan": Published(92.8, 5.8),
        "hessian": Published(73.1, 21.1, 82.7, 2.5),
        "hessian-finetune": Published(74.7, 7.1, 85.4, 3.0),
    },
    "clevr-u": {
        "infogan": Published(766.7, 3.6, 74.9, 2.2),
        "progan-plus": Published(697.7, 3.4, 75.4, 2.2),
        "progan": Published(720.2, 3.2),
        "hessian": Published(68.7, 26.6, 76.3, 2.0),
        "hessian-finetune": Published(61.6, 26.8, 79.7, 2.2),
    },
    "clevr-1fov": {
        "infogan": Published(22.1, 6.2, 89.9, 5.8),
        "progan-plus": Published(30.3, 9.0, 78.7, 1.5),
        "progan": Published(35.5, 11.5),
        "hessian": Published(20.8, 2.3, 92.8, 61.3),
        "hessian-finetune": Published(10.0, 4.5, 87.9, 14.6),
    },
}
