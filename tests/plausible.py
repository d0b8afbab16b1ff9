"""Measures as they might be, for the directions of the embedded generator: nothing is computed."""

from pathlib import Path

import numpy as np

from directions.checkpoint import Directions
from directions.identity import Identity
from directions.measures import NAME, Interval, Measures, Row, basis_digest
from directions.scenes.factors import FACTOR_NAMES

CLASSES = ("airplane", "chair", "house", "lamp", "mug")
STATISTICS = (
    "lightness", "saturation", "hue", "contrast", "horizontal", "vertical", "size", "sharpness",
)  # fmt: skip


def plausible(basis: np.ndarray, seed: int = 0, slots: int = 5) -> Measures:
    """One row of measures for every row of a basis; the same for the same seed."""
    rng = np.random.default_rng(seed)
    rows = [_row(row, rng, slots) for row in range(len(basis))]
    table = np.abs([list(one.factors.values()) for one in rows])
    shares = table / table.sum(1, keepdims=True)
    best = shares.argmax(0)
    penalty = {"learnt": 27.1, "coordinates": 38.4} | {f"random {i}": 41.0 + i for i in range(5)}
    return Measures(
        generator="objects-64/car",
        basis=basis_digest(basis),
        settings={"samples": 256, "seed": 0, "features": "factor network"},
        penalty={name: around(mean, 1.3) for name, mean in penalty.items()},
        diagonality={
            "share": around(0.43, 0.02),
            "mean_of_ratios": around(6.1, 0.9),
            "ratio_of_means": around(1.9, 0.1),
            "random share": around(0.31, 0.02),
        },
        random={"activeness": 0.018, "effect": 0.092},
        disentanglement={
            "disentanglement": 0.41,
            "completeness": 0.38,
            "informativeness": 0.87,
            "mutual information gap": 0.19,
            "random disentanglement": 0.28,
        },
        factor_shares={
            name: (int(best[f]), float(shares[best[f], f])) for f, name in enumerate(FACTOR_NAMES)
        },
        formula="effect_ratio times reproducibility",
        rows=rows,
    )


def around(mean: float, half: float) -> Interval:
    """An interval of that half width."""
    return Interval(mean, mean - half, mean + half)


def _row(row: int, rng: np.random.Generator, slots: int) -> Row:
    strength = 2.4 * 0.82**row * rng.uniform(0.8, 1.2)
    main = int(rng.integers(len(FACTOR_NAMES)))
    moves = rng.normal(size=len(FACTOR_NAMES)) * 0.06 * strength
    moves[main] += 0.25 * strength * rng.choice([-1, 1])
    reproducibility = float(np.clip(1.02 - 0.06 * row * rng.uniform(0.2, 1.4), 0.1, 0.99))
    statistics = rng.normal(size=len(STATISTICS)) * 0.12 * strength
    clear = [f"{n} {'+' if v > 0 else '-'}" for n, v in zip(STATISTICS, statistics, strict=True)
             if abs(v) > 0.25]  # fmt: skip
    return Row(
        row=row,
        activeness=around(0.02 * strength, 0.002),
        effect=around(0.092 * strength, 0.006),
        effect_ratio=float(strength),
        reproducibility=reproducibility,
        reach=None if strength < 0.6 else float(9 / strength),
        slots=[float(x) for x in rng.dirichlet(np.ones(slots)) * 0.9 + 0.05],
        transfer={name: float(rng.uniform(0.5, 1.3)) for name in CLASSES},
        statistics={n: float(v) for n, v in zip(STATISTICS, statistics, strict=True)},
        description=", ".join(clear),
        factors={n: float(v) for n, v in zip(FACTOR_NAMES, moves, strict=True)},
        score=float(strength * reproducibility),
    )


def measured(folder: Path, identity: Identity, count: int = 12, **changes) -> Path:
    """A directions file with measures beside it; returns its path."""
    rng = np.random.default_rng(7)
    square = np.linalg.qr(rng.normal(size=(identity.latent_dim, identity.latent_dim)))[0]
    basis = square[:count].astype(np.float32)
    Directions(basis=basis, identity=identity, **changes).save(folder / "directions.safetensors")
    plausible(basis, slots=identity.slots).save(folder / NAME)
    return folder / "directions.safetensors"
