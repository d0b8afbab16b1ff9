"""What `align` does between reading its options and printing its result."""

from dataclasses import dataclass
from pathlib import Path

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

    def images(self, share: float) -> Tensor:
        """The batch before (0), after (1) or between."""
        after = aligned(self.z, self.basis, self.target)
        return batch_images(
            self.subject.generators, self.z, after, share,
            slots=self.subject.slots, batch_size=self.batch_size,
        )  # fmt: skip

    def write(self, paths: list[Path], frames: int, fps: int) -> None:
        """Write the sheet, the video and the latents."""
        sheet, video, latents = paths
        write_png(sheet, alignment_sheet(self.images(0.0), self.images(1.0), self.along))
        pictures = alignment_frames(
            self.subject.generators, self.z, aligned(self.z, self.basis, self.target), frames,
            self.along, slots=self.subject.slots, batch_size=self.batch_size,
        )  # fmt: skip
        write_video(video, console.tracked(pictures, frames, f"rendering {video.name}"), fps)
        save_latents(latents, self.z, self.basis, self.target)

    def spreads(self) -> dict[str, dict[str, float]]:
        """Spread of every known factor before and after; empty where there is no factor network."""
        network = factor_network(self.subject.identity)
        if network is None or len(self.z) < 2:
            return {}
        before, after = (spread(network.factors(self.images(share))) for share in (0.0, 1.0))
        rows = zip(network.settings.factor_names, before.tolist(), after.tolist(), strict=True)
        return {name: {"before": b, "after": a} for name, b, a in rows}

    def report(self, paths: list[Path], json: bool) -> None:
        """Print what was written, and what alignment did to the known factors."""
        spreads = self.spreads()
        if json:
            console.as_json({"files": [str(path) for path in paths], "spread": spreads})
            return
        if spreads:
            rows = [
                [name, f"{v['before']:.3g}", f"{v['after']:.3g}", f"{v['after'] / v['before']:.2f}"]
                for name, v in spreads.items()
            ]
            title = f"Spread of the known factors over {len(self.z)} samples along {self.along}"
            console.table(title, ["factor", "before", "after", "ratio"], rows)
        for path in paths:
            console.result(path)


def opened(
    source: tuple,
    picked: str | None,
    coordinate: int | None,
    target: float,
    samples: int,
    seed: int,
    batch_size: int,
) -> Alignment:
    """Open the batch and choose what to align it along."""
    subject = open_subject(*source)
    if coordinate is not None:
        dim = subject.identity.latent_dim
        if coordinate >= dim:
            raise DirectionsError(f"no coordinate {coordinate}; z has coordinates 0 to {dim - 1}")
        basis = coordinate_basis(dim, dim)[[coordinate]].to(subject.basis)
        name, along = f"align-coordinate-{coordinate}", f"coordinate {coordinate}"
    else:
        rows = options.row_numbers(picked, len(subject.basis), default=1)
        basis, name = subject.basis[rows], f"align-{'-'.join(map(str, rows))}"
        along = ", ".join(map(subject.called, rows))
    z = seeded_latents(subject.generators[0], samples, seed).to(subject.device)
    return Alignment(subject, basis, name, along, target, z, batch_size)
