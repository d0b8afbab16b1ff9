"""What `report` does between reading its options and printing its paths."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from cli import console
from cli.opening import Subject, open_subject
from directions.checkpoint import Directions
from directions.errors import DirectionsError, DirectionsFileError, RenderError
from directions.files import whole
from directions.generators.protocol import seeded_latents
from directions.hub import local_path, measures_path
from directions.measures import Measures
from directions.run import FILE

try:
    from directions.report import page
    from directions.report.drawing import png as picture
    from directions.report.matching import Matching, arranged
    from directions.report.palette import LIGHT
    from directions.report.table import table
    from directions.report.walks import walks
except ModuleNotFoundError as error:
    package = str(error.name).partition(".")[0]
    if package not in ("matplotlib", "jinja2"):
        raise
    raise DirectionsError(
        f"report needs {package}; install it with pip install 'directions[report]'"
    ) from None


@dataclass(frozen=True)
class Report:
    """A basis with its measures and its generator."""

    learnt: Directions
    measures: Measures
    path: Path
    subject: Subject
    matchings: Sequence[Matching]
    samples: int
    seed: int
    reach: float
    batch_size: int

    def paths(self, out: Path, png: bool, csv: bool) -> list[Path]:
        """The files that `write` will write."""
        pictures = page.whole(self._content([])) if png else {}
        return [
            out,
            *(_picture_path(out, name) for name in pictures),
            *([out.with_suffix(".csv")] if csv else []),
        ]

    def write(self, out: Path, png: bool, csv: bool) -> Iterator[Path]:
        """Write what was asked for and tell each path when it is there."""
        content = self._content(list(self._walks()))
        yield _written(out, page.page(content).encode())
        if png:
            for name, figure in page.whole(content, LIGHT).items():
                yield _written(_picture_path(out, name), picture(figure, LIGHT.card))
        if csv:
            yield _written(out.with_suffix(".csv"), table(self.measures, self.learnt).encode())

    def _content(self, strips: Sequence[bytes]) -> page.Content:
        return page.Content(
            self.learnt, self.measures, self.path, strips, self.reach, self.samples, self.matchings
        )

    def _walks(self) -> Iterator[bytes]:
        subject = self.subject
        z = seeded_latents(subject.generators[0], self.samples, self.seed).to(subject.device)
        strips = walks(
            subject.generators, subject.basis, z, self.reach,
            slots=subject.slots, batch_size=self.batch_size,
        )  # fmt: skip
        return console.tracked(strips, len(subject.basis), "rendering walks")


def opened(
    file: str,
    others: Sequence[str],
    samples: int,
    seed: int,
    reach: float | None,
    generator: str | None,
    device: str | None,
    batch_size: int,
) -> Report:
    """Open the directions, their measures and their generator; refuse what does not fit."""
    learnt = Directions.load(local_path(file))
    measures = page.own_measures(learnt, Path(file), measures_path(file))
    matchings = [_matching(learnt, measures.ranking, file, other) for other in others]
    subject = open_subject(file, generator, None, None, None, device, seed)
    return Report(
        learnt, measures, Path(file), subject, matchings, samples, seed, reach or subject.reach,
        batch_size,
    )  # fmt: skip


def _matching(learnt: Directions, order: list[int], path: str, other: str) -> Matching:
    theirs = Directions.load(local_path(other))
    if theirs.identity.latent_dim != learnt.identity.latent_dim:
        raise DirectionsFileError(
            f"{other} has {theirs.identity.latent_dim} latent dimensions, {path} has "
            f"{learnt.identity.latent_dim}; only bases of one space can be matched"
        )
    where = Path(other)
    name = where.parent.name if where.name == FILE else where.stem
    return arranged(learnt.basis, theirs.basis, order, name)


def _picture_path(out: Path, name: str) -> Path:
    return out.with_name(f"{out.stem}-{name.replace(' ', '-')}.png")


def _written(path: Path, data: bytes) -> Path:
    try:
        with whole(path) as partial:
            partial.write_bytes(data)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise RenderError(f"{path} could not be written: {reason}") from None
    return path
