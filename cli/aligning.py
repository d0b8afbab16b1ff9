"""What `align` does between reading its options and printing its result."""

from dataclasses import dataclass
from pathlib import Path

import typer
from torch import Tensor

from cli import console, options
from cli.opening import Subject, open_subject
from directions.alignment import alignment_frames, alignment_sheet, batch_images, save_latents
from directions.basis import coordinate_basis
from directions.errors import DirectionsError
from directions.generators.biggan.sources import factor_network
from directions.generators.protocol import seeded_latents
from directions.metrics.known_factors import spread
from directions.traverse import aligned
from directions.video import write_png, write_video

CLOSEST = "closest"  # the coordinate that a direction has most of, as z11 is to the paper's


@dataclass(frozen=True)
class Alignment:
    """A batch, the directions it is aligned along, and what that is called."""

    subject: Subject
    basis: Tensor
    name: str
    along: str
    target: float
    z: Tensor
    batch_size: int
    beside: int | None = None  # a coordinate that the batch is aligned along as well

    def batches(self) -> dict[str, Tensor]:
        """The pictures before and after, and after aligning along the coordinate instead."""
        ways = {"before": self.z, "after": aligned(self.z, self.basis, self.target)}
        if self.beside is not None:
            axis = _axis(self.beside, self.basis)
            ways[f"along z{self.beside}"] = aligned(self.z, axis, self.target)
        return {
            name: batch_images(
                self.subject.generators, self.z, after, 1.0,
                slots=self.subject.slots, batch_size=self.batch_size,
            )
            for name, after in ways.items()
        }  # fmt: skip

    def write(self, batches: dict[str, Tensor], paths: list[Path], frames: int, fps: int) -> None:
        """Write the sheet, the video and the latents."""
        sheet, video, latents = paths
        write_png(sheet, alignment_sheet(batches, self.along))
        pictures = alignment_frames(
            self.subject.generators, self.z, aligned(self.z, self.basis, self.target), frames,
            self.along, slots=self.subject.slots, batch_size=self.batch_size,
        )  # fmt: skip
        write_video(video, console.tracked(pictures, frames, f"rendering {video.name}"), fps)
        save_latents(latents, self.z, self.basis, self.target)

    def spreads(self, batches: dict[str, Tensor]) -> dict[str, dict[str, float]]:
        """Spread of every known factor in every batch; empty where there is no factor network."""
        network = factor_network(self.subject.identity)
        if network is None or len(self.z) < 2:
            return {}
        spreads = {name: spread(network.factors(images)) for name, images in batches.items()}
        return {
            factor: {name: found[index].item() for name, found in spreads.items()}
            for index, factor in enumerate(network.settings.factor_names)
        }

    def report(self, batches: dict[str, Tensor], paths: list[Path], json: bool) -> None:
        """Print what was written, and what alignment did to the known factors."""
        spreads = self.spreads(batches)
        if json:
            console.as_json({"files": [str(path) for path in paths], "spread": spreads})
            return
        if spreads:
            after = list(batches)[1:]
            rows = [
                [factor, *(f"{found[name]:.3g}" for name in batches),
                 *(f"{found[name] / found['before']:.2f}" for name in after)]
                for factor, found in spreads.items()
            ]  # fmt: skip
            ratios = ["ratio", *(f"ratio {name}" for name in after[1:])]
            title = f"Spread of the known factors over {len(self.z)} samples along {self.along}"
            console.table(title, ["factor", *batches, *ratios], rows)
        for path in paths:
            console.result(path)


def _axis(coordinate: int, like: Tensor) -> Tensor:
    """One coordinate axis of z, as a basis of one row."""
    dim = like.shape[1]
    return coordinate_basis(dim, dim)[[coordinate]].to(like)


def opened(
    source: tuple,
    picked: str | None,
    coordinate: int | None,
    beside: str | None,
    target: float,
    samples: int,
    seed: int,
    batch_size: int,
) -> Alignment:
    """Open the batch and choose what to align it along."""
    subject = open_subject(*source)
    if coordinate is not None:
        basis = _axis(_existing(coordinate, subject), subject.basis)
        name, along = f"align-coordinate-{coordinate}", f"coordinate {coordinate}"
    else:
        rows = options.row_numbers(picked, len(subject.basis), default=1)
        basis, name = subject.basis[rows], f"align-{'-'.join(map(str, rows))}"
        along = ", ".join(map(subject.called, rows))
    other = None if beside is None else _beside(beside, basis, subject)
    z = seeded_latents(subject.generators[0], samples, seed).to(subject.device)
    return Alignment(subject, basis, name, along, target, z, batch_size, other)


def _existing(coordinate: int, subject: Subject) -> int:
    dim = subject.identity.latent_dim
    if not 0 <= coordinate < dim:
        raise DirectionsError(f"no coordinate {coordinate}; z has coordinates 0 to {dim - 1}")
    return coordinate


def _beside(text: str, basis: Tensor, subject: Subject) -> int:
    """Read the coordinate to compare with: its number, or the one closest to a direction."""
    if text == CLOSEST:
        if len(basis) > 1:
            raise typer.BadParameter("several directions have no closest coordinate; give a number")
        return int(basis[0].abs().argmax())
    if not text.isdigit():
        raise typer.BadParameter(f"'{text}' is no coordinate; give a number, or {CLOSEST}")
    return _existing(int(text), subject)
