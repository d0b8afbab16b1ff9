"""What `measure` and `compare` do between reading their options and printing their tables."""

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
import typer

from cli import console
from cli.opening import BASELINES, open_subject
from cli.opening import Subject as Opened
from directions.checkpoint import Directions
from directions.config import MOST_DIMENSIONS_FOR_EVERY_OUTPUT, MeasureConfig
from directions.errors import DirectionsFileError, RunError
from directions.generators.biggan.sources import factor_network
from directions.generators.open import open_generator
from directions.generators.protocol import Generator
from directions.hub import local_path, measures_path
from directions.measures import NAME, Interval, Measures
from directions.measuring import Measurement, Subject
from directions.metrics.matching import matched


@dataclass(frozen=True)
class Work:
    """A basis that is ready to be measured, and the file that its measures belong in."""

    subject: Subject
    config: MeasureConfig
    path: Path
    called: Callable[[int], str]

    def measured(self) -> Measures:
        """Measure, with a bar."""
        measurement = Measurement(self.subject, self.config)
        with console.progress() as bar:
            task = bar.add_task("measuring", total=measurement.total, note="")
            for piece in measurement.steps():
                bar.update(task, advance=1, note=piece)
        return measurement.result()


def opened(source: tuple, against: Sequence[str], counts: dict) -> Work:
    """Open a basis and all that it is measured with."""
    found = open_subject(*source)
    dim = found.identity.latent_dim
    given = {name: value for name, value in counts.items() if value is not None}
    if "hessian_samples" not in given and dim > MOST_DIMENSIONS_FOR_EVERY_OUTPUT:
        given["hessian_samples"] = 0
    try:
        config = MeasureConfig(reach=found.reach, **given)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    subject = Subject(
        basis=found.basis,
        generators=found.generators,
        name=found.identity.name,
        labels=found.identity.labels,
        slots=found.slots,
        reproducibility=_agreed(source[0], found, against),
        factors=factor_network(found.identity),
        others=_others(found, config.classes_beside),
    )
    path = found.folder / NAME if source[0] in BASELINES else measures_path(source[0])
    return Work(subject, config, path, found.called)


def save(found: Measures, path: Path) -> None:
    """Write the JSON, or say why it could not be written."""
    try:
        found.save(path)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise RunError(f"measured, but {path} could not be written: {reason}") from None


def _agreed(file: str, found: Opened, against: Sequence[str]) -> list[float]:
    """How well every row is found again: in other runs if given, else in the halves of its own."""
    if not against:
        return [] if file in BASELINES else Directions.load(local_path(file)).reproducibility
    cosines = torch.zeros(len(found.basis))
    for path in against:
        other = torch.from_numpy(Directions.load(local_path(path)).basis)
        if other.shape[1] != found.basis.shape[1]:
            raise DirectionsFileError(
                f"{path} has {other.shape[1]} latent dimensions, {file} has {found.basis.shape[1]}"
            )
        pairs = matched(found.basis.cpu(), other)
        cosines[pairs.rows] += pairs.cosines.abs() / len(against)
    return cosines.tolist()


def _others(found: Opened, count: int) -> dict[str, Generator]:
    """A few other classes of the same network, spread over all that there are."""
    identity = found.identity
    if not identity.labels or not count:
        return {}
    everything = open_generator(
        identity.generator, ["any"], identity.truncation or 1.0, found.device
    )
    rest = [i for i in everything.identity.labels if i not in identity.labels]
    chosen = rest[:: max(1, -(-len(rest) // count))][:count]
    return {everything.identity.label_names[i]: everything.generators[i] for i in chosen}


def _shown(value: Interval) -> str:
    return f"{value.mean:.3g} ({value.low:.3g} to {value.high:.3g})"


def report(found: Measures, called: Callable[[int], str], path: Path, json: bool) -> None:
    """Print the measures: of the whole basis, then of its directions, the best first."""
    if json:
        console.as_json(dataclasses.asdict(found))
        return
    _report_basis(found, called)
    header = ["", "score", "effect", "of random", "again", "reach", "known factor", "what moves"]
    best = {row: name for name, (row, _) in found.factor_shares.items()}
    rows = []
    for number in found.ranking:
        row = found.rows[number]
        rows.append(
            [
                called(number), f"{row.score:.3f}", f"{row.effect.mean:.3f}",
                f"{row.effect_ratio:.2f}",
                "" if row.reproducibility is None else f"{row.reproducibility:.2f}",
                "" if row.reach is None else f"{row.reach:.1f}",
                best.get(number, ""), row.description,
            ]
        )  # fmt: skip
    console.table("Directions, the best first", header, rows)
    console.note(f"score: {found.formula}")
    console.result(path)


def _report_basis(found: Measures, called: Callable[[int], str]) -> None:
    random = [value.mean for name, value in found.penalty.items() if name.startswith("random")]
    rows = [
        ["penalty", _shown(found.penalty["learnt"]), f"{found.penalty['coordinates'].mean:.3g}",
         f"{sum(random) / len(random):.3g}"]
    ]  # fmt: skip
    for name in ("share", "mean_of_ratios", "ratio_of_means"):
        if name in found.diagonality:
            values = [
                found.diagonality.get(f"{kind}{name}") for kind in ("", "coordinates ", "random ")
            ]
            shown = ["" if value is None else _shown(value) for value in values]
            rows.append([f"diagonality, {name.replace('_', ' ')}", *shown])
    for name, value in found.disentanglement.items():
        if not name.startswith("random "):
            other = found.disentanglement[f"random {name}"]
            rows.append([name, f"{value:.3f}", "", f"{other:.3f}"])
    console.table(found.generator, ["of the basis", "learnt", "coordinates", "random"], rows)
    if found.factor_shares:
        shares = [[name, called(r), f"{s:.2f}"] for name, (r, s) in found.factor_shares.items()]
        title = "Known factors: the direction that moves each most, and its share on it"
        console.table(title, ["factor", "direction", "share"], shares)
