"""A training run and its folder: generator.safetensors, resume.safetensors, log.jsonl."""

import json
import time
from collections.abc import Generator as Stream
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from directions import parallel
from directions.errors import RunError
from directions.progan.config import WEIGHTS
from directions.progan.store import STATE, save_generator, save_state
from directions.progan.trainer import Trainer, TrainStep

LOG = "log.jsonl"


@dataclass(frozen=True)
class Logged:
    """One line of the log, and what a progress bar shows."""

    step: int
    images: int
    side: int
    blend: float
    discriminator_loss: float
    generator_loss: float
    penalty: float | None
    weight: float
    skipped: int
    images_per_second: float


class ProGANRun:
    """A trainer with a folder to keep its work in."""

    def __init__(self, folder: Path, trainer: Trainer) -> None:
        self.folder, self.trainer = folder, trainer

    def steps(self, save_every: float, log_every: int = 20) -> Stream[Logged | None, None, None]:
        """Train, log and save; yields every step, with a line of the log or without.

        The log has the first step, every `log_every`th and the last. Saves every `save_every`
        seconds and when it is closed, as it is after the last step.
        """
        clock, counted = time.monotonic(), self.trainer.images
        saved, unsaved, first = clock, False, True
        try:
            for step in self.trainer.steps():
                unsaved, line = True, None
                last = step.images >= self.trainer.config.images
                if first or last or step.number % log_every == 0:
                    now = time.monotonic()
                    line = _line(step, (step.images - counted) / max(now - clock, 1e-9))
                    clock, counted, first = now, step.images, False
                    self._log(line)
                # All processes save at the same step, or none does: the first one's clock decides.
                if parallel.any_of(
                    parallel.first() and time.monotonic() - saved > save_every, self.trainer.device
                ):
                    self.save()
                    saved, unsaved = time.monotonic(), False
                yield line
        finally:
            if unsaved:
                self.save()

    def save(self) -> None:
        """Write what to resume from, then the generator; each whole or not at all.

        Of several processes the first writes.
        """
        if not parallel.first():
            return
        with told(self.folder):
            save_state(self.trainer, self.folder)
            save_generator(self.trainer, self.folder)

    def _log(self, line: Logged) -> None:
        if parallel.first():
            with told(self.folder), (self.folder / LOG).open("a") as log:
                log.write(json.dumps(asdict(line)) + "\n")


def claim(folder: Path, overwrite: bool) -> None:
    """Start a run's folder: the first process's work. Raises `RunError` if it holds a run."""
    if not parallel.first():
        return
    if any((folder / name).exists() for name in (STATE, WEIGHTS)) and not overwrite:
        raise RunError(f"{folder} holds a run; --resume {folder}, another --out, or --overwrite")
    with told(folder):
        folder.mkdir(parents=True, exist_ok=True)
        for name in (STATE, WEIGHTS, LOG):
            (folder / name).unlink(missing_ok=True)


@contextmanager
def told(folder: Path) -> Iterator[None]:
    """Turn the system's refusal to write into a sentence."""
    try:
        yield
    except OSError as error:
        raise RunError(
            f"cannot write to {folder}: {(error.strerror or str(error)).lower()}"
        ) from None


def _line(step: TrainStep, rate: float) -> Logged:
    return Logged(
        step.number, step.images, step.stage.side, step.stage.blend,
        step.discriminator_loss.item(), step.generator_loss.item(),
        None if step.penalty is None else step.penalty.item(),
        step.weight, step.skipped, rate,
    )  # fmt: skip
