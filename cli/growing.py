"""What `progan` does between reading its options and printing its result."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import torch
import typer
from torch import Tensor

from cli import console, options
from cli.running import board
from directions import parallel
from directions.errors import DirectionsError, RunError
from directions.generators.protocol import Generator, seeded_latents
from directions.progan.bound import FreeProGAN, bound
from directions.progan.config import ProGANConfig
from directions.progan.pictures import PictureSource
from directions.progan.presets import DEFAULT_WEIGHT, preset
from directions.progan.run import ProGANRun, claim, told
from directions.progan.store import State, begin, load_state, restore
from directions.progan.sweep import EXTENT, activeness, at_value, plane, swept
from directions.progan.trainer import Trainer
from directions.render import Frame, generate, labelled, scale_for, to_frame
from directions.traverse import loop_amounts
from directions.video import write_png, write_video

SIDE_OF_SHEET = 8  # samples in a row and rows of a sheet
STRIP = 9  # pictures in a strip


class Wanted(NamedTuple):
    """What the user asked for: settings that were given, by name, and where they belong."""

    preset: str | None
    network: dict
    penalty: dict
    rest: dict

    def over(self, base: ProGANConfig) -> ProGANConfig:
        """Put what was given over a base; what cannot be is a usage error."""
        try:
            return dataclasses.replace(
                base,
                network=dataclasses.replace(base.network, **self.network),
                penalty=dataclasses.replace(base.penalty, **self.penalty),
                **self.rest,
            )
        except ValueError as error:
            raise typer.BadParameter(str(error)) from None


def given(**values: object) -> dict:
    """The options that the user gave."""
    return {name: value for name, value in values.items() if value is not None}


def layer_numbers(text: str | None) -> tuple[int, ...] | None:
    """Read `1-10` or `1,3,5-7`; whether the network has such layers is not known here."""
    if text is None:
        return None
    try:
        return tuple(n for part in text.split(",") for n in options.slot_range(part) or ())
    except typer.BadParameter:
        raise typer.BadParameter(f"'{text}' is no list of layers; write 1-10 or 2,4") from None


def require_png(path: Path) -> None:
    """Refuse a name whose suffix is no picture's."""
    if path.suffix != ".png":
        raise typer.BadParameter(f"a sheet is a picture; give --out NAME.png, not {path.name}")


def opened(
    data: Path, wanted: Wanted, out: Path | None, resume: Path | None, finetune: Path | None,
    overwrite: bool, device: str,
) -> ProGANRun:  # fmt: skip
    """Open a run: a new one, one that goes on, or one that fine-tunes another."""
    if (out is None) == (resume is None):
        raise typer.BadParameter("give --out for a new run, or --resume for one that is there")
    if resume is not None:
        return _resumed(data, wanted, resume, finetune, device)
    assert out is not None
    if (wanted.preset or "").endswith("-finetune") and finetune is None:
        raise typer.BadParameter(f"{wanted.preset} begins with a run; give --finetune RUN")
    state = load_state(finetune) if finetune else None
    config = (
        wanted.over(preset(wanted.preset or "small")) if state is None else _tuned(wanted, state)
    )
    trainer = Trainer(_pictures(data, config), config, device)
    if state is not None:
        begin(trainer, state)
    claim(out, overwrite)
    net = config.network
    console.note(
        f"{net.resolution} pixels, |z| = {net.latent_dim}, {len(trainer.pictures)} pictures, "
        f"lambda {config.penalty.weight:g}; run in {out}"
    )
    return ProGANRun(out, trainer)


def _resumed(
    data: Path, wanted: Wanted, folder: Path, finetune: Path | None, device: str
) -> ProGANRun:
    state = load_state(folder)
    if (
        wanted.preset
        or wanted.network
        or wanted.penalty
        or finetune
        or wanted.rest.keys() - {"images"}
    ):
        raise typer.BadParameter(
            "--resume goes on with a run's own settings; only --images changes"
        )
    config = wanted.over(state.config)
    trainer = Trainer(_pictures(data, config), config, device)
    restore(trainer, state)
    if trainer.images >= config.images:
        console.note(f"{folder} has seen {trainer.images} pictures; --images N goes further")
    return ProGANRun(folder, trainer)


def _tuned(wanted: Wanted, state: State) -> ProGANConfig:
    """Settings of a fine-tuning: the penalty sets in where the run stopped, rising from zero.

    Without a preset it takes as many pictures again, and rises over half of them.
    """
    seen = state.about["images"]
    if wanted.preset is None:
        images = wanted.rest.get("images", 2 * seen)
        first = {"weight": DEFAULT_WEIGHT, "ramp": max(0, (images - seen) // 2)}
        base = dataclasses.replace(state.config, images=images)
    else:
        base, first = preset(wanted.preset), {}
    config = wanted._replace(penalty=first | wanted.penalty | {"start": seen}).over(base)
    if config.penalty.weight == 0:
        raise typer.BadParameter("fine-tuning needs a penalty; give --hessian-penalty above 0")
    if config.images <= seen:
        raise RunError(f"the run has seen {seen} pictures already; --images must be more")
    return config


def _pictures(data: Path, config: ProGANConfig) -> PictureSource:
    from directions.data.packed import open_pictures

    pictures = open_pictures(data, config.network.resolution)
    if pictures.skipped:
        first = pictures.skipped[0]
        console.note(f"{len(pictures.skipped)} skipped, the first {first.name}: {first.reason}")
    return pictures


class Shown:
    """A run on a progress bar, with sheets of fixed latents as it goes."""

    def __init__(self, run: ProGANRun, sheet_every: int, tensorboard: bool) -> None:
        self.run, self.sheet_every = run, sheet_every
        self.board = board(run.folder) if tensorboard and parallel.first() else None

    def train(self, stopped: list[int], save_every: float) -> bool:
        """Train until the last step, or until `stopped` is not empty; whether it was."""
        trainer = self.run.trainer
        steps, sheets = self.run.steps(save_every), trainer.images // self.sheet_every
        with console.progress() as bar:
            task = bar.add_task("pictures", total=trainer.config.images, note="")
            for line in steps:
                if line is not None:
                    note = f"{line.side} px  D {line.discriminator_loss:.3g}"
                    note += "" if line.penalty is None else f"  HP {line.penalty:.3g}"
                    note += f"  {line.images_per_second:.3g}/s"
                    bar.update(task, completed=line.images, note=note)
                    self._chart(dataclasses.asdict(line))
                if trainer.images // self.sheet_every > sheets:
                    sheets = trainer.images // self.sheet_every
                    self.sheets()
                if parallel.any_of(bool(stopped), trainer.device):
                    steps.close()
                    return True
        self.sheets()
        return False

    def _chart(self, line: dict) -> None:
        if self.board is not None:
            for name in ("discriminator_loss", "generator_loss", "penalty", "images_per_second"):
                if line[name] is not None:
                    self.board.add_scalar(name, line[name], line["images"])

    def sheets(self) -> None:
        """Write samples and strips of fixed latents, drawn by the averaged generator."""
        if not parallel.first():
            return
        trainer = self.run.trainer
        generator = FreeProGAN("", trainer.average, trainer.stage)
        number = f"{trainer.images:09d}"
        with told(self.run.folder):
            write_png(
                self.run.folder / f"samples-{number}.png",
                samples(generator, SIDE_OF_SHEET**2, trainer.config.seed, str(trainer.device)),
            )
            write_png(
                self.run.folder / f"strips-{number}.png",
                Components(generator, trainer.config.seed, str(trainer.device)).sheet(STRIP),
            )


def samples(generator: Generator, count: int, seed: int, device: str) -> Frame:
    """A sheet of samples, eight in a row."""
    z = seeded_latents(generator, count, seed).to(device)
    images = generate([generator], z, [0] * count, 64)
    columns = min(SIDE_OF_SHEET, count)
    blank = images.new_ones(-count % columns, *images.shape[1:])
    return to_frame(torch.cat([images, blank]).unflatten(0, (-1, columns)), _scale(images))


class Components:
    """The components of one generator, as pictures; in their own order until they are ranked."""

    def __init__(self, generator: Generator, seed: int, device: str) -> None:
        self.generator, self.seed, self.device = generator, seed, device
        self.order: Sequence[int] = range(generator.latent_dim)
        self.scores: dict[int, float] = {}

    def rank(self, count: int) -> None:
        """Sort by activeness, measured on `count` samples."""
        z = self.latents(count)
        found = activeness(self.generator, z)
        scores = console.tracked(found, self.generator.latent_dim, "activeness")
        self.scores = {i: each.mean().item() for i, each in enumerate(scores)}
        self.order = sorted(self.scores, key=self.scores.__getitem__, reverse=True)

    def latents(self, count: int) -> Tensor:
        """The first of the fixed latents."""
        return seeded_latents(self.generator, count, self.seed).to(self.device)

    @property
    def names(self) -> list[str]:
        """What stands beside the rows."""
        return [f"z{i}" + (f"  {self.scores[i]:.2g}" if self.scores else "") for i in self.order]

    def sheet(self, columns: int, extent: float = EXTENT) -> Frame:
        """One sample; a row for each component, swept from -extent to extent (Fig. 3)."""
        values = torch.linspace(-extent, extent, columns)
        images = swept(self.generator, self.latents(1), self.order, values)
        return labelled(
            to_frame(images, _scale(images)), self.names, [f"{v:+.1f}" for v in values.tolist()]
        )

    def plane(self, pair: tuple[int, int], columns: int, extent: float) -> Frame:
        """One sample over a grid of two components (Fig. 2 right)."""
        values = torch.linspace(-extent, extent, columns)
        images = plane(self.generator, self.latents(1), pair, values)
        texts = [f"{v:+.1f}" for v in values.tolist()]
        title = f"z{pair[0]} down, z{pair[1]} across"
        return labelled(to_frame(images, _scale(images)), texts, texts, title)

    def write_video(self, path: Path, count: int, frames: int, fps: int, extent: float) -> None:
        """Several samples across; a row for each component, all swept at once."""
        z, values = self.latents(count), loop_amounts(frames, extent)

        def pictures():
            for value in values.tolist():
                images = at_value(self.generator, z, self.order, value)
                frame = to_frame(images, _scale(images))
                yield labelled(frame, self.names, title=f"value {value:+.2f}")

        write_video(path, console.tracked(pictures(), frames, f"rendering {path.name}"), fps)


def components(run: Path, normalised: bool, seed: int, device: str) -> Components:
    """Open a run and rank what its components do."""
    generator, _ = bound(f"{run}:normalised" if normalised else str(run), device)
    return Components(generator, seed, device)


def pair_of(text: str, latent_dim: int) -> tuple[int, int]:
    """Read two components, such as `6,2`."""
    try:
        down, across = (int(part) for part in text.split(","))
    except ValueError:
        raise typer.BadParameter(f"'{text}' is no pair of components; write 6,2") from None
    for component in (down, across):
        if not 0 <= component < latent_dim:
            raise DirectionsError(
                f"no component {component}; there are components 0 to {latent_dim - 1}"
            )
    return down, across


def _scale(images: Tensor) -> int:
    return max(1, scale_for(images.shape[-1]) * 2 // 3)
