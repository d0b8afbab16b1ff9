"""A learning run and its folder: directions.safetensors, log.jsonl, resume.pt, run.json."""

import json
import os
import time
from collections.abc import Generator as Stream
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import torch

from directions import parallel
from directions.checkpoint import Directions
from directions.config import plain
from directions.errors import RunError
from directions.evaluate import Score, scores
from directions.files import whole
from directions.generators.protocol import Generator
from directions.identity import Identity
from directions.learn import Learner, Step
from directions.names import KeptNames
from directions.solve import ClosedForm

LONGEST_UNSAVED = 60.0  # seconds, however few steps they were
FILE, STATE, LOG, REQUEST = "directions.safetensors", "resume.pt", "log.jsonl", "run.json"


@dataclass(frozen=True)
class Logged:
    """One line of the log, and what a progress bar shows."""

    step: int
    penalty: float
    steps_per_second: float


class Run:
    """A learner with a folder to keep its work in."""

    def __init__(
        self,
        folder: Path,
        generators: Sequence[Generator],
        identity: Identity,
        learner: Learner | ClosedForm,
    ) -> None:
        self.folder, self.path = folder, folder / FILE
        self.generators, self.identity, self.learner = generators, identity, learner
        self.config = learner.config
        self.scores: dict[str, float] = {}
        self.kept_names = KeptNames(self.path)

    def steps(self, save_every: int) -> Stream[Logged, None, None]:
        """Learn, log and save; yields at every step, and saves when it is closed."""
        clock, counted, last = time.monotonic(), self.learner.number, None
        saved = clock
        try:
            for step in self.learner.steps():
                last, now = step, time.monotonic()
                if step.number % save_every == 0 or now - saved > LONGEST_UNSAVED:
                    self.save(step)
                    saved = time.monotonic()
                rate = (step.number - counted) / max(now - clock, 1e-9)
                clock, counted = now, step.number
                line = Logged(step.number, step.penalty.item(), rate)
                if parallel.first():
                    with (self.folder / LOG).open("a") as log:
                        log.write(json.dumps(asdict(line)) + "\n")
                yield line
        finally:
            if last is not None:
                self.save(last, self.learner.reproducibility())

    def save(self, step: Step, reproducibility: Sequence[float] = ()) -> None:
        """Write the artefact and the state to resume from; each whole or not at all.

        Of several processes the first writes.
        """
        if not parallel.first():
            return
        try:
            self.directions(step.basis, step.number, reproducibility).save(self.path)
            with whole(self.folder / STATE) as partial:
                torch.save(self.learner.state(), partial)
        except OSError as error:
            raise RunError(
                f"step {step.number} could not be saved in {self.folder}: "
                f"{(error.strerror or str(error)).lower()}"
            ) from None

    def directions(
        self, basis: torch.Tensor, step: int, reproducibility: Sequence[float]
    ) -> Directions:
        """The artefact as it stands, with the names its file had for rows that are still there."""
        slots, rows = self.learner.slots, basis.detach().cpu().numpy()
        kept = self.kept_names.onto(rows)
        return Directions(
            basis=rows,
            identity=self.identity,
            slots=None if slots is None else (slots.start, slots.stop - 1),
            reach=self.config.reach,
            step=step,
            settings=plain(self.config),
            reproducibility=list(reproducibility),
            scores=self.scores,
            names=kept.names,
            notes=kept.notes,
        )

    def judge(self, samples: int = 512) -> Iterator[Score]:
        """Score the learnt basis and the baselines on held-out latents; stores them at the end."""
        basis = self.learner.basis
        found = {}
        for score in scores(
            self.generators, basis, slots=self.learner.slots, samples=samples,
            batch_size=min(32, self.config.pass_size),
            reach=self.config.reach, epsilon=self.config.epsilon, seed=self.config.seed,
        ):  # fmt: skip
            found[score.name] = score.penalty
            yield score
        self.scores = found
        if parallel.first():
            known = Directions.load(self.path).reproducibility
            self.directions(basis, self.learner.number, known).save(self.path)


def claim(folder: Path, request: dict, overwrite: bool) -> None:
    """Start a run folder with what it takes to open its generator again: the first process's."""
    if not parallel.first():
        return
    if (folder / REQUEST).exists() and not overwrite:
        raise RunError(f"{folder} holds a run; --resume {folder}, another --out, or --overwrite")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in (FILE, STATE, LOG):
            (folder / name).unlink(missing_ok=True)
        with whole(folder / REQUEST) as partial:
            partial.write_text(json.dumps(request, indent=1))
    except OSError as error:
        raise RunError(
            f"cannot write to {folder}: {(error.strerror or str(error)).lower()}"
        ) from None


def read_request(folder: Path) -> dict:
    """Read how a run was started; raises `RunError` if there is none."""
    try:
        return json.loads((folder / REQUEST).read_text())
    except OSError:
        raise RunError(
            f"no run at {folder}; `directions learn --out {folder}` starts one"
        ) from None
    except ValueError:
        raise RunError(f"{folder / REQUEST} is damaged") from None


def read_state(folder: Path) -> dict | None:
    """Read the state to resume from; None if the run was stopped before its first save."""
    path = folder / STATE
    if not path.exists():
        return None
    try:
        return torch.load(path, weights_only=True)
    except Exception:  # unpickling errors have many classes, some of them private
        raise RunError(f"{path} is damaged; delete it to start the run again") from None


def free_folder(name: str, root: Path = Path("outputs")) -> Path:
    """A folder for a new run that does not exist yet: NAME, NAME-2, NAME-3..."""
    name = "".join(c if c.isalnum() or c in "-+." else "-" for c in name)
    number = 1
    while os.path.lexists(path := root / (name if number == 1 else f"{name}-{number}")):
        number += 1
    return path
