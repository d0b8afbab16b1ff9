"""What is known of the direction matrices that the paper's authors publish, by file name.

All are for the 128 px generator of BigGAN-PyTorch. Rows are those after Gram-Schmidt; names,
classes and path sizes are those of the authors' visualisation scripts.
"""

from dataclasses import dataclass, field
from pathlib import Path

from directions.config import SubSpace


@dataclass(frozen=True, kw_only=True)
class Published:
    """What its authors say of a matrix: the class it was learnt on, and how far to walk."""

    rows: int
    reach: float
    label: int | None = None  # None where it was learnt on all classes
    names: dict[int, str] = field(default_factory=dict)


GOLDEN_RETRIEVER, CHURCH = 207, 497
PUBLISHED = {
    "our_goldens": Published(
        rows=120, reach=2.5, label=GOLDEN_RETRIEVER,
        names={5: "rotation", 6: "zoom", 8: "smoosh nose"},
    ),
    "our_goldens_coarse": Published(rows=40, reach=2.5, label=GOLDEN_RETRIEVER),
    "our_goldens_mid": Published(
        rows=40, reach=3.5, label=GOLDEN_RETRIEVER,
        names={
            0: "background removal", 5: "colourisation", 8: "scene lighting", 25: "object lighting",
        },
    ),
    "our_goldens_fine": Published(
        rows=40, reach=6.0, label=GOLDEN_RETRIEVER,
        names={1: "red filter", 5: "brightness", 13: "white filter", 20: "saturation"},
    ),
    "our_church": Published(
        rows=120, reach=3.5, label=CHURCH,
        names={4: "rotation", 14: "shifting", 55: "colourisation"},
    ),
    "voynov": Published(rows=120, reach=8.0),
}  # fmt: skip


def published(path: Path, rows: int) -> Published | None:
    """What is known of a file, or None for one that only bears the name."""
    known = PUBLISHED.get(path.stem)
    return known if known is not None and known.rows == rows else None


def named_space(path: Path) -> SubSpace | None:
    """The sub-space that the last word of a file name gives, as in `our_goldens_mid.pt`."""
    word = path.stem.replace("-", "_").rpartition("_")[2]
    return SubSpace(word) if word in set(SubSpace) else None
