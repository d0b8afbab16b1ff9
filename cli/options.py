"""Options that several commands share, so that they read and behave alike."""

from pathlib import Path
from typing import Annotated

import typer

from directions.errors import DirectionsError, RunError

File = Annotated[
    str,
    typer.Argument(
        help="A directions file, hub:owner/name[@revision], or a baseline: `random`, `coordinates`."
    ),
]
DirectionsFile = Annotated[
    str, typer.Argument(help="A directions file, or hub:owner/name[@revision].")
]
Generator = Annotated[
    str | None,
    typer.Option(
        "--generator",
        help="objects-64, biggan-deep-128/256/512, a folder, a hub repository, "
        "biggan-pytorch:PATH, or module:factory.",
    ),
]
Classes = Annotated[
    list[str] | None,
    typer.Option("--class", help="Class name or number; may be given again, or `any`."),
]
Truncation = Annotated[
    float | None, typer.Option(help="Truncation of the latents, in (0, 1]. [default: 1]")
]
Device = Annotated[str | None, typer.Option(help="cuda, mps or cpu. [default: the best there is]")]
Reach = Annotated[
    float | None,
    typer.Option(help="How far to walk either way, in units of z. [default: 5]"),
]
Seed = Annotated[int, typer.Option(min=0, help="Everything random follows from this.")]
Slots = Annotated[
    str | None,
    typer.Option(help="Edit only where z enters these places, such as 0-3. [default: all]"),
]
Picked = Annotated[
    str | None, typer.Option("--directions", help="Row numbers, such as 0,3,5-7, or `all`.")
]
Samples = Annotated[int, typer.Option(min=1, help="How many samples to show.")]
BatchSize = Annotated[int, typer.Option(min=1, help="Pictures generated at once.")]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace files that are there.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
Tensorboard = Annotated[bool, typer.Option("--tensorboard", help="Also write TensorBoard events.")]


def slot_range(text: str | None) -> range | None:
    """Read `2` or `0-3`; whether the generator has such slots is not known here."""
    if text is None:
        return None
    first, _, last = text.partition("-")
    try:
        slots = range(int(first), int(last or first) + 1)
    except ValueError:
        slots = range(0)
    if not slots:
        raise typer.BadParameter(f"'{text}' is no range of slots; write 2 or 0-3")
    return slots


def row_numbers(text: str | None, count: int, default: int) -> list[int]:
    """Read `0,3,5-7` or `all`, checked against the number of directions."""
    if text is None:
        return list(range(min(default, count)))
    if text == "all":
        return list(range(count))
    rows: list[int] = []
    for part in text.split(","):
        try:
            rows += slot_range(part) or []
        except typer.BadParameter:
            raise typer.BadParameter(f"'{text}' is no list of directions; write 0,3,5-7") from None
    wrong = [row for row in rows if not 0 <= row < count]
    if wrong:
        raise DirectionsError(f"no direction {wrong[0]}; there are directions 0 to {count - 1}")
    return rows


def device(name: str | None) -> str:
    """The device asked for, or the best there is."""
    import torch

    from cli import console

    found = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if name is None:
        name = next((device for device, there in found.items() if there), "cpu")
        console.note(f"device: {name}")
    kind = name.partition(":")[0]
    if kind not in (*found, "cpu") or not found.get(kind, True):
        usable = ", ".join([device for device, there in found.items() if there] + ["cpu"])
        raise DirectionsError(f"no device '{name}' here; there is {usable}")
    return name


def require_absent(ctx: typer.Context, *names: str) -> None:
    """Refuse options that go without effect because an edit says the same."""
    for parameter in ctx.command.params:
        source = ctx.get_parameter_source(parameter.name or "")
        if parameter.name in names and source is not None and source.name == "COMMANDLINE":
            raise typer.BadParameter(f"the edit says it; leave out {parameter.opts[0]}")


def require_free(paths: list[Path], overwrite: bool) -> None:
    """Refuse to replace files silently."""
    for path in paths:
        if path.exists() and not overwrite:
            raise RunError(f"{path} exists; give another --out, or --overwrite")


def folder(path: Path) -> Path:
    """Make a folder, or say why it cannot be made."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RunError(
            f"cannot write to {path}: {(error.strerror or str(error)).lower()}"
        ) from None
    return path
