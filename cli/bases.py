"""What `baseline` and `match` do between reading their options and printing their results."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
import typer

from cli import console, options
from directions.baselines import Method, baseline
from directions.checkpoint import Directions
from directions.errors import DirectionsFileError, GeneratorError
from directions.generators.biggan.sources import EMBEDDED
from directions.generators.open import open_generator
from directions.hub import local_path
from directions.learn import require_usable
from directions.metrics.matching import chance_level, matched
from directions.render import matrix_picture
from directions.video import write_png

FAMILIAR = 0.9  # |cosine| from which two directions are called the same


def made(
    method: str,
    directions: int | None,
    samples: int | None,
    source: tuple[str | None, list[str] | None, float | None],
    slots: str | None,
    seed: int,
    device: str | None,
) -> Directions:
    """Open the generator and make the basis."""
    if method not in set(Method):
        raise typer.BadParameter(f"no method '{method}'; there are {', '.join(Method)}")
    where, edited = options.device(device), options.slot_range(slots)
    name, classes, truncation = source
    opened = open_generator(
        name or EMBEDDED, classes or (), 1.0 if truncation is None else truncation, where
    )
    dim = opened.identity.latent_dim
    require_usable(opened.generators[0], directions or dim, edited, torch.device(where))
    if samples is not None and method == Method.ganspace and samples <= dim:
        raise GeneratorError(f"ganspace needs more samples than z has dimensions, {dim}")
    console.note(f"{opened.identity.name}: {method}")
    basis = baseline(
        Method(method), opened.generators, slots=edited, seed=seed, samples=samples, device=where
    )
    return Directions(
        basis=basis[:directions].numpy(),
        identity=opened.identity,
        slots=None if edited is None else (edited.start, edited.stop - 1),
        settings={"method": method, "seed": seed, "samples": samples},
        note=f"baseline: {method}",
    )


def match(files: Sequence[str], out: Path | None, json: bool) -> None:
    """Pair the first basis with every other, print the pairs and draw all |cosine|."""
    loaded = [Directions.load(local_path(file)) for file in files]
    first = loaded[0]
    for path, other in zip(files[1:], loaded[1:], strict=True):
        if other.basis.shape[1] != first.basis.shape[1]:
            raise DirectionsFileError(
                f"{path} has {other.basis.shape[1]} latent dimensions, "
                f"{files[0]} has {first.basis.shape[1]}"
            )
    pairs = [matched(*(torch.from_numpy(x.basis) for x in (first, other))) for other in loaded[1:]]
    if json:
        console.as_json(
            [
                {"file": path, "rows": p.rows.tolist(), "others": p.others.tolist(),
                 "cosines": p.cosines.tolist()}
                for path, p in zip(files[1:], pairs, strict=True)
            ]
        )  # fmt: skip
    else:
        for path, other, pair in zip(files[1:], loaded[1:], pairs, strict=True):
            _table(f"{files[0]} in {path}", first, other, pair)
    if out is not None:
        cosines = [np.abs(first.basis @ other.basis.T) for other in loaded[1:]]
        titles = [Path(file).parent.name or Path(file).stem for file in files[1:]]
        write_png(out, matrix_picture(cosines, titles))
        console.result(out)


def _table(title: str, first: Directions, other: Directions, pair) -> None:
    order = pair.cosines.abs().argsort(descending=True).tolist()
    rows = [
        [
            first.called(int(pair.rows[i])),
            other.called(int(pair.others[i])),
            f"{pair.cosines[i]:+.3f}",
        ]
        for i in order
    ]
    console.table(title, ["direction", "is direction", "cosine"], rows)
    again = int((pair.cosines.abs() > FAMILIAR).sum())
    chance = chance_level(len(rows), first.basis.shape[1])
    console.note(
        f"{again} of {len(rows)} with |cosine| above {FAMILIAR:g}; "
        f"mean {pair.cosines.abs().mean():.2f}, of random bases {chance:.2f}"
    )
