"""Figure 3: components swept from -2 to 2, the most active first, with the penalty and without."""

from collections.abc import Sequence

import numpy as np
import torch

from directions.generators.protocol import seeded_latents
from directions.progan.bound import bound
from directions.progan.sweep import EXTENT, component_sheet
from directions.render import PAPER_COLOUR, Frame
from directions.study.folder import Study
from directions.study.plan import METHODS, Run
from directions.study.values import Values
from directions.study.verdicts import AGAINST

COMPARED = (AGAINST, "hessian")
COLUMNS = 9
GAP = 16  # pixels between two panels
SEED = 0  # of the sample that is shown


def sheets_of(results: Values) -> dict[str, list[Run]]:
    """Which runs stand side by side for a data set: those of the lowest seed that has any."""
    shown = [run for run in results if run.method in COMPARED]
    seeds: dict[str, int] = {}
    for run in shown:
        seeds[run.data] = min(run.seed, seeds.get(run.data, run.seed))
    return {
        data: sorted(
            (run for run in shown if (run.data, run.seed) == (data, seed)),
            key=lambda run: COMPARED.index(run.method),
        )
        for data, seed in seeds.items()
    }


def sheet_of(study: Study, runs: Sequence[Run], results: Values) -> Frame:
    """Draw the chosen snapshots of some runs side by side."""
    panels = [_panel(study, run, results[run]) for run in runs]
    height = max(panel.shape[0] for panel in panels)
    padded = [
        np.pad(p, ((0, height - p.shape[0]), (0, GAP), (0, 0)), constant_values=PAPER_COLOUR[0])
        for p in panels
    ]
    return np.concatenate(padded, axis=1)


def _panel(study: Study, run: Run, result: dict) -> Frame:
    generator, _ = bound(str(study.snapshot(run, result["chosen"])), "cpu")
    scores = [mean for mean, *_ in result["measures"]["activeness"]["components"]]
    order = sorted(range(len(scores)), key=scores.__getitem__, reverse=True)
    names = [f"z{i}  {scores[i]:.2g}" for i in order]
    z, values = seeded_latents(generator, 1, SEED), torch.linspace(-EXTENT, EXTENT, COLUMNS)
    title = f"{METHODS[run.method].title}, seed {run.seed}"
    return component_sheet(generator, z, order, names, values, title)
