"""The pictures of a study: CLEVR's sets are rendered, Edges+Shoes is the user's; both packed."""

from collections.abc import Iterator
from pathlib import Path

from directions.data.packed import pack
from directions.data.pairs import edges_and_shoes
from directions.data.sources import Skipped, open_source
from directions.scenes.clevr import CLEVR
from directions.scenes.store import ScenesConfig, render_scenes
from directions.study.folder import Study, pictured

EDGES_SHOES = "edges-shoes"
SEED = 0  # of what is rendered, and of the order of edges and shoes


def available(study: Study, data: str, pairs: Path | None) -> bool:
    """Whether a set's pictures are there or can be made."""
    return pictured(data) in CLEVR or study.packed(data).is_file() or pairs is not None


def prepared(
    study: Study, data: str, pairs: Path | None, processes: int
) -> Iterator[int | Skipped]:
    """Make what is missing of a set's pictures; yields how many came, or what was skipped.

    Raises `ScenesError` if the renderer is not installed, `PicturesError` for unusable pairs.
    """
    path = study.packed(data)
    if path.is_file():
        return
    if pictured(data) in CLEVR:
        plan, folder = study.plan, study.rendered(data)
        config = ScenesConfig(name=pictured(data), count=plan.pictures, side=plan.side, seed=SEED)
        yield from render_scenes(folder, config, processes)
        source = open_source(folder)
    else:
        assert pairs is not None  # or the set is not available
        source = edges_and_shoes(pairs, SEED)
    path.parent.mkdir(parents=True, exist_ok=True)
    for skipped in pack(source, path, study.plan.side):
        yield skipped or (0 if pictured(data) in CLEVR else 1)
