"""What `render` does between reading its options and printing its paths."""

from dataclasses import dataclass
from pathlib import Path

import torch
import typer
from torch import Tensor

from cli import console, options
from cli.opening import Subject, open_subject
from directions.generators.protocol import seeded_latents
from directions.render import plane_sheet, walk_frames, walk_sheet
from directions.traverse import loop_amounts
from directions.video import require_video, write_png, write_video


@dataclass(frozen=True)
class Show:
    """The rows, the samples and how far they walk."""

    subject: Subject
    rows: list[int]
    plane: bool
    reach: float
    z: Tensor
    batch_size: int

    @property
    def basis(self) -> Tensor:
        """The directions that are shown."""
        return self.subject.basis[self.rows]

    @property
    def names(self) -> list[str]:
        """What stands beside the rows."""
        return [self.subject.called(row) for row in self.rows]

    def paths(self, out: Path | None) -> list[Path]:
        """The files to write: the one asked for, or a video and a sheet."""
        if out is None:
            names = ["plane.png"] if self.plane else ["walk.mp4", "walk.png"]
            return [self.subject.folder / name for name in names]
        if self.plane and out.suffix != ".png":
            raise typer.BadParameter("a grid over two directions is a picture; give --out NAME.png")
        if out.suffix != ".png":
            require_video(out)
        return [out]

    def write_sheet(self, path: Path, columns: int) -> None:
        """Amounts across, directions down; or a grid over two directions."""
        amounts = torch.linspace(-self.reach, self.reach, columns).to(self.z)
        sheet = plane_sheet if self.plane else walk_sheet
        subject = self.subject
        picture = sheet(
            subject.generators[:1], self.basis, self.z[:1], amounts, self.names,
            slots=subject.slots, batch_size=self.batch_size,
        )  # fmt: skip
        write_png(path, picture)

    def write_video(self, path: Path, frames: int, fps: int) -> None:
        """A loop from the centre to both sides."""
        amounts = loop_amounts(frames, self.reach).to(self.z)
        pictures = walk_frames(
            self.subject.generators, self.basis, self.z, amounts, self.names,
            slots=self.subject.slots, batch_size=self.batch_size,
        )  # fmt: skip
        write_video(path, console.tracked(pictures, frames, f"rendering {path.name}"), fps)


def opened(
    source: tuple,
    picked: str | None,
    plane: str | None,
    reach: float | None,
    samples: int,
    seed: int,
    batch_size: int,
) -> Show:
    """Open what is shown and choose its rows."""
    subject = open_subject(*source)
    rows = options.row_numbers(plane or picked, len(subject.basis), default=8)
    if plane and len(rows) != 2:
        raise typer.BadParameter(f"a grid takes two directions, got {len(rows)}")
    z = seeded_latents(subject.generators[0], samples, seed).to(subject.device)
    return Show(subject, rows, bool(plane), reach or subject.reach, z, batch_size)
