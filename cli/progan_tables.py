"""Tables of a ProGAN's measures, several runs side by side."""

from collections.abc import Callable, Sequence
from pathlib import Path

from cli import console

Cell = Callable[[dict], str]


def show(found: Sequence[dict]) -> None:
    """Print everything that was measured, with the numbers of samples and the seed."""
    names = names_of(found)
    rows = [[name, *map(cell, found)] for name, cell in _rows(found[0])]
    about = f"seed {found[0]['seed']}; mean and 95 % range"
    console.table(f"Measures of ProGANs, {about}", ["", *names], rows)
    console.note(f"path length by {found[0]['path_length']['distance']}")
    if found[0]["frechet"]:
        console.note(f"features of {found[0]['frechet']['features']}")
    for one, name in zip(found, names, strict=True):
        _components(one, name)
        if one["epsilon_sweep"]:
            _sweep(one["epsilon_sweep"], name)


def names_of(found: Sequence[dict]) -> list[str]:
    """What runs are called: the names of their folders, or all of it where those are the same."""
    short = [Path(one["run"]).name for one in found]
    return short if len(set(short)) == len(short) else [one["run"] for one in found]


def _rows(first: dict) -> list[tuple[str, Cell]]:
    rows: list[tuple[str, Cell]] = [
        ("pictures seen", lambda one: f"{one['images']:,}"),
        (f"path length, {first['path_length']['pairs']:,} pairs",
         lambda one: shown(one["path_length"]["value"])),
    ]  # fmt: skip
    if first["frechet"]:
        rows += _distances(first)
    hessians, active = first["diagonality"], first["activeness"]
    kind = "exact" if hessians["epsilon"] is None else f"epsilon {hessians['epsilon']:g}"
    rows += [
        (f"D, share, {hessians['samples']} samples, {kind}",
         lambda one: shown(one["diagonality"]["share"])),
        ("D_R, mean of ratios", lambda one: shown(one["diagonality"]["mean_of_ratios"])),
        ("D_R, ratio of means", lambda one: shown(one["diagonality"]["ratio_of_means"])),
        (f"active components, {active['samples']} samples, {active['threshold']:.3g} of the most",
         lambda one: f"{one['activeness']['active']} of {len(one['activeness']['components'])}"),
    ]  # fmt: skip
    return rows + (_factors(first["factors"]) if first["factors"] else [])


def _distances(first: dict) -> list[tuple[str, Cell]]:
    standard = "inception" in first["frechet"]["features"]
    names = ("FID", "KID") if standard else ("Fréchet distance", "kernel distance")
    counts = f"{first['frechet']['generated']:,} and {first['frechet']['real']:,} real"
    return [
        (f"{names[0]}, {counts}", lambda one: shown(one["frechet"]["value"])),
        (f"{names[1]}, subsets of {first['kernel']['subset']:,}",
         lambda one: shown(one["kernel"]["value"])),
    ]  # fmt: skip


def _factors(first: dict) -> list[tuple[str, Cell]]:
    def best(name: str) -> Cell:
        def cell(one: dict) -> str:
            found = one["factors"]["best"][name]
            return f"z{found['component']} ({found['share']:.2f} of what it does)"

        return cell

    def score(name: str) -> Cell:
        return lambda one: f"{one['factors'][name]:.3f}"

    scores = ("disentanglement", "completeness", "informativeness", "mutual_information_gap")
    return [
        *((f"{name} is moved most by", best(name)) for name in first["names"]),
        *((f"{name.replace('_', ' ')}, {first['samples']:,} samples", score(name))
          for name in scores),
    ]  # fmt: skip


def _components(one: dict, name: str) -> None:
    """Activeness of every component, and how far it moves every factor: deviations, and shares."""
    active, factors = one["activeness"]["components"], one["factors"]
    known = factors["names"] if factors else []
    order = sorted(range(len(active)), key=lambda i: -active[i][0])
    rows = [
        [f"z{i}", shown(active[i]),
         *(f"{factors['moved'][i][j]:.2f} ({factors['shares'][i][j]:.2f})"
           for j in range(len(known)))]
        for i in order
    ]  # fmt: skip
    if factors:
        read = [f"{factors['r2'][factor]:.3f}" for factor in known]
        rows.append(["R2 of reading", "", *read])
    told = "; factors moved, in deviations, and the share of it" if factors else ""
    console.table(f"Components of {name}{told}", ["", "activeness", *known], rows)


def _sweep(found: dict, name: str) -> None:
    rows = [
        [f"{one['epsilon']:g}", shown(one["error"]), shown(one["share"]),
         shown(one["mean_of_ratios"]), shown(one["ratio_of_means"])]
        for one in found["steps"]
    ]  # fmt: skip
    scores = ("share", "mean_of_ratios", "ratio_of_means")
    rows.append(["exact", "", *(shown(found["exact"][score]) for score in scores)])
    title = f"Steps of the differences on {name}, {found['samples']} samples"
    header = ["epsilon", "error of entries", "D, share", "D_R, mean of ratios", "ratio of means"]
    console.table(title, header, rows)


def shown(value: Sequence[float]) -> str:
    """Mean, and where it may lie."""
    mean, low, high = value
    return f"{mean:.3g} ({low:.3g} to {high:.3g})"
