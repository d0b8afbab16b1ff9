"""What `learn` does between reading its options and printing its result."""

import dataclasses
from pathlib import Path

import torch
import typer
from rich.progress import Progress

from cli import console, options
from directions import parallel
from directions import run as runs
from directions.checkpoint import ORTHONORMAL, Directions
from directions.config import (
    Config,
    Precision,
    SolveConfig,
    Solver,
    Start,
    SubSpace,
    closed_form_for,
    config_from,
    plain,
)
from directions.errors import DirectionsError, DirectionsFileError
from directions.evaluate import RANDOM_BASES
from directions.generators.biggan.sources import EMBEDDED
from directions.generators.open import open_generator
from directions.generators.protocol import Generator
from directions.hub import local_path
from directions.learn import Learner
from directions.solve import ClosedForm
from directions.spaces import slots_of
from directions.views import compiled, seen
from directions.walk import search_axes


@dataclasses.dataclass(frozen=True)
class Request:
    """What the user asked for."""

    generator: str | None
    classes: list[str] | None
    truncation: float | None
    slots: str | None
    search_space: SubSpace | None
    start: str
    given: dict
    device: str
    precision: Precision
    solver: Solver
    compile: bool


class ShownRun(runs.Run):
    """A run with a progress bar."""

    def learn(self, bar: Progress, save_every: int, tensorboard: bool, stopped: list[int]) -> bool:
        """Learn until the last step, or until `stopped` is not empty; whether it was."""
        chart = board(self.folder) if tensorboard and parallel.first() else None
        begun = self.learner.number
        unit = "latents" if isinstance(self.config, SolveConfig) else "steps"
        task = bar.add_task("learning", total=self.config.steps, completed=begun, note="")
        steps = self.steps(save_every)
        for line in steps:
            told = f"penalty {line.penalty:.4g}  {line.steps_per_second:.2g} {unit}/s"
            bar.update(task, completed=line.step, note=told)
            if chart is not None:
                chart.add_scalar("penalty", line.penalty, line.step)
            if parallel.any_of(bool(stopped), self.learner.device):
                steps.close()
                return True
        return False

    def judged(self, bar: Progress, samples: int) -> dict[str, float]:
        """Score the basis beside its baselines."""
        task = bar.add_task("held-out latents", total=RANDOM_BASES + 2, note="")
        for score in self.judge(samples):
            bar.update(task, advance=1, note=f"{score.name} {score.penalty:.4g}")
        return self.scores


def started(request: Request, out: Path | None, overwrite: bool) -> ShownRun:
    """Open the generator and claim a folder for a new run."""
    source = request.generator or EMBEDDED
    truncation = 1.0 if request.truncation is None else request.truncation
    opened = open_generator(
        source, request.classes or (), truncation, request.device, request.precision
    )
    slots = options.slot_range(request.slots)
    if request.search_space:
        slots = slots_of(request.search_space, opened.generators[0])
    axes = search_axes(opened.generators[0], slots)
    base = opened.learn_config if request.solver == Solver.adam else closed_form_for(len(axes))
    first = _first_basis(request.start, axes)
    config = _settings(base, request, first)
    views = _views(opened.generators, config, request.device, request.compile)
    learner = _learner(views, config, slots, first, request.device)
    folder = out or runs.free_folder(opened.identity.name)
    settings = plain(config)
    asked = {
        "generator": source, "labels": opened.identity.labels, "truncation": truncation,
        "slots": None if slots is None else f"{slots.start}-{slots.stop - 1}",
        "solver": str(request.solver), "config": settings,
    }  # fmt: skip
    runs.claim(folder, asked, overwrite)
    rows = config.directions or len(axes)
    console.note(f"{opened.identity.name}: {rows} directions, run in {folder}")
    return ShownRun(folder, views, opened.identity, learner)


def resumed(folder: Path, steps: int | None, device: str, compile_first: bool) -> ShownRun:
    """Open a run again where its last save left it."""
    asked, state = runs.read_request(folder), runs.read_state(folder)
    config = config_from(asked["config"], Solver(asked.get("solver", Solver.adam)))
    if steps is not None:
        config = dataclasses.replace(config, steps=steps)
    labels = [str(label) for label in asked["labels"]]
    opened = open_generator(
        asked["generator"], labels, asked["truncation"] or 1.0, device, config.precision
    )
    slots = options.slot_range(asked["slots"])
    views = _views(opened.generators, config, device, compile_first)
    learner = _learner(views, config, slots, None, device)
    if state is not None:
        Directions.load(folder / runs.FILE).require_match(opened.identity, folder / runs.FILE)
        learner.load_state(state)
    if learner.number >= config.steps:
        console.note(f"{folder} is at step {learner.number} already; --steps N goes further")
    return ShownRun(folder, views, opened.identity, learner)


def _views(
    generators: list[Generator], config: Config, device: str, compile_first: bool
) -> list[Generator]:
    """What the solver asks: the generators as the penalty looks at them."""
    views = [seen(one, config.penalise, device) for one in generators]
    return [compiled(one, device) for one in views] if compile_first else views


def _learner(
    generators: list[Generator],
    config: Config,
    slots: range | None,
    start: torch.Tensor | None,
    device: str,
) -> Learner | ClosedForm:
    if isinstance(config, SolveConfig):
        return ClosedForm(generators, config, slots=slots, device=device)
    return Learner(generators, config, slots=slots, start=start, device=device)


def _settings(base: Config, request: Request, first: torch.Tensor | None) -> Config:
    """Put what was asked for over the defaults; what the solver does not have is refused."""
    given = request.given | {"precision": request.precision}
    if request.start != Start.random:
        given["start"] = Start(request.start) if request.start in set(Start) else Start.random
    if first is not None:
        given["directions"] = len(first)
    known = {field.name for field in dataclasses.fields(base)}
    other = next(solver for solver in Solver if solver != request.solver)
    for name in given:
        if name not in known:
            option = name.replace("_", "-")
            raise typer.BadParameter(
                f"--{option} does not go with --solver {request.solver}; it needs --solver {other}"
            )
    try:
        return dataclasses.replace(base, **given)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def report(scores: dict[str, float]) -> None:
    """Print the penalty of the basis beside its baselines."""
    random = torch.tensor([v for k, v in scores.items() if k.startswith("random")])
    share = 100 * (scores["learnt"] / random.mean().item() - 1)
    rows = [
        ["learnt", f"{scores['learnt']:.4g}", f"{share:+.1f} %"],
        ["coordinates", f"{scores['coordinates']:.4g}", ""],
        [
            f"random, {len(random)} bases",
            f"{random.mean():.4g} ± {random.std():.2g}",
            f"{random.min():.4g} to {random.max():.4g}",
        ],
    ]
    title = "Hessian Penalty on held-out latents"
    console.table(title, ["basis", "penalty", "against random"], rows)


def _first_basis(start: str, axes: torch.Tensor) -> torch.Tensor | None:
    if start in set(Start):
        return None
    basis = torch.from_numpy(Directions.load(local_path(start)).basis)
    if basis.shape[1] != axes.shape[1]:
        raise DirectionsFileError(
            f"{start} has {basis.shape[1]} latent dimensions, the generator has {axes.shape[1]}"
        )
    if (basis - basis @ axes.T @ axes).abs().max() > ORTHONORMAL:
        raise DirectionsFileError(
            f"{start} has directions outside the {len(axes)} dimensions that are searched; "
            "leave out --slots and --search-space, or start elsewhere"
        )
    return basis


def board(folder: Path):
    """Open a TensorBoard writer in a run's folder."""
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError:
        raise DirectionsError(
            "--tensorboard needs tensorboard; install it with pip install 'directions[tensorboard]'"
        ) from None
    return SummaryWriter(str(folder / "tensorboard"))
