"""What `render --edit` does: the pictures of a saved edit, made again."""

from dataclasses import dataclass
from pathlib import Path

import typer

from cli import console, options
from cli.opening import BASELINES, Subject, open_subject
from directions.checkpoint import Directions
from directions.edit import Edit, Point
from directions.generators.protocol import Generator
from directions.hub import PREFIX, local_path
from directions.measures import basis_digest
from directions.strip import edit_frames, edit_sheet
from directions.video import require_video, write_png, write_video

IN_THE_EDIT = (
    "picked", "plane", "samples", "reach", "classes", "truncation", "slots", "columns",
    "batch_size",
)  # fmt: skip


@dataclass(frozen=True)
class Remake:
    """An edit, and the directions and the generator it belongs to."""

    edit: Edit
    subject: Subject

    def write(self, path: Path, frames: int, fps: int) -> None:
        """Write the picture, or the video from no edit to the edit and back."""
        basis = self.subject.basis
        if path.suffix == ".png":
            write_png(path, edit_sheet(self._generator, basis, self.edit))
            return
        pictures = edit_frames(self._generator, basis, self.edit, frames)
        write_video(path, console.tracked(pictures, frames, f"rendering {path.name}"), fps)

    def _generator(self, point: Point) -> Generator:
        labels = self.edit.labels
        return self.subject.generators[0 if point.label is None else labels.index(point.label)]


def remake(
    ctx: typer.Context,
    path: Path,
    file: str | None,
    out: Path | None,
    overwrite: bool,
) -> None:
    """Make the picture or the video of an edit, with what the edit says in place of options."""
    options.require_absent(ctx, *IN_THE_EDIT)
    out = out or path.with_suffix(".png")
    if out.suffix != ".png":
        require_video(out)
    options.require_free([out], overwrite)
    work = opened(path, file, *(ctx.params[name] for name in ("generator", "device", "seed")))
    options.folder(out.parent)
    work.write(out, ctx.params["frames"], ctx.params["fps"])
    console.result(out)


def opened(
    path: Path, file: str | None, generator: str | None, device: str | None, seed: int
) -> Remake:
    """Open an edit with the directions it was made with: those given, or those beside it."""
    edit = Edit.load(path)
    named = edit.source in BASELINES or edit.source.startswith(PREFIX)
    source = file or (edit.source if named else str(path.parent / edit.source))
    if source not in BASELINES:  # before its classes are looked for in another generator
        learnt = Directions.load(local_path(source))
        edit.require_match(basis_digest(learnt.basis), len(learnt.basis), learnt.identity, path)
    labels = [str(label) for label in edit.labels]
    subject = open_subject(source, generator, labels, edit.truncation, None, device, seed)
    basis = subject.basis.cpu().numpy()
    edit.require_match(basis_digest(basis), len(basis), subject.identity, path)
    return Remake(edit, subject)
