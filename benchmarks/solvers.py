"""Held-out penalty against generator passes and seconds: Adam in several settings, closed form.

python benchmarks/solvers.py FOLDER [CLASS ...]    classes car, chair and lamp unless given

A pass is one image forward or one image backward. Every line is written as soon as it is
measured, to FOLDER/solvers.jsonl; what is there is not measured again, and several processes may
fill one folder, a class each. Last come a table and, in FOLDER/solvers.png, a plot.
"""

import dataclasses
import json
import math
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from PIL import Image, ImageDraw
from rich.console import Console
from rich.table import Table
from torch import Tensor

from directions.config import LearnConfig, SolveConfig, Start
from directions.evaluate import held_out_penalty, scores
from directions.generators.open import open_generator
from directions.generators.protocol import Generator
from directions.learn import Learner
from directions.solve import ClosedForm

SEEDS, SAMPLES = (0, 1, 2), 2048
ADAM = "adam 0.003"
SWEEP = {  # of car's first seed; all other curves are ADAM's
    "adam 0.003": LearnConfig(batch_size=16, learning_rate=0.003),
    "adam 0.01": LearnConfig(batch_size=16, learning_rate=0.01),
    "adam 0.03": LearnConfig(batch_size=16, learning_rate=0.03),
    "adam 0.01, batch 96": LearnConfig(batch_size=96, micro_batch=16, learning_rate=0.01),
    "adam 0.01, coordinates": LearnConfig(
        batch_size=16, learning_rate=0.01, start=Start.coordinates
    ),
}
ADAM_PASSES = (12_800, 25_600, 51_200, 102_400, 153_600, 204_800)
CLOSED_POINTS = (1, 4, 16, 32, 64)


class Point(NamedTuple):
    """Where a curve has got to; `seconds` is without the judging."""

    passes: int
    seconds: float
    basis: Tensor


def adam(generators: list[Generator], config: LearnConfig, seed: int) -> Iterator[Point]:
    """Descend, stopping at every point of the curve."""
    a_step = config.batch_size * 2 * config.probes * 2
    config = dataclasses.replace(config, steps=ADAM_PASSES[-1] // a_step, seed=seed)
    wanted, clock, spent = list(ADAM_PASSES), time.perf_counter(), 0.0
    for step in Learner(generators, config).steps():
        if (step.number + 1) * a_step > wanted[0]:
            wanted.pop(0)
            spent += time.perf_counter() - clock
            yield Point(step.number * a_step, spent, step.basis)
            clock = time.perf_counter()


def closed_form(generators: list[Generator], seed: int) -> Iterator[Point]:
    """Solve, stopping at every point of the curve."""
    dim, clock, spent = generators[0].latent_dim, time.perf_counter(), 0.0
    solver = ClosedForm(generators, SolveConfig(steps=CLOSED_POINTS[-1], seed=seed))
    for step in solver.steps():
        if step.number in CLOSED_POINTS:
            spent += time.perf_counter() - clock
            yield Point(step.number * (dim**2 + dim + 1), spent, step.basis)
            clock = time.perf_counter()


class Book:
    """Lines measured so far, on disk as soon as they are."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.touch()

    @property
    def lines(self) -> list[dict]:
        """All of them; what was measured again counts as it was last."""
        found = {}
        for text in self.path.read_text().splitlines():
            line = json.loads(text)
            found[line["class"], line["solver"], line["seed"], line["passes"]] = line
        return list(found.values())

    def curve(self, label: str, solver: str, seed: int) -> list[dict]:
        """All points of one curve, in order."""
        key = (label, solver, seed)
        found = [one for one in self.lines if (one["class"], one["solver"], one["seed"]) == key]
        return sorted(found, key=lambda one: one["passes"])

    def measure(
        self, generators: list[Generator], label: str, solver: str, seed: int,
        points: Iterator[Point], count: int,
    ) -> None:  # fmt: skip
        """Fill one curve, if it is not complete."""
        if len(self.curve(label, solver, seed)) >= count:
            return
        for passes, seconds, basis in points:
            penalty = held_out_penalty(generators, basis, samples=SAMPLES)
            self.add(label, solver, seed, passes, seconds, penalty)

    def add(
        self, label: str, solver: str, seed: int, passes: int, seconds: float, penalty: float
    ) -> None:
        """Keep one line."""
        line = {"class": label, "solver": solver, "seed": seed, "passes": passes}
        line |= {"seconds": round(seconds, 1), "penalty": round(penalty, 3)}
        with self.path.open("a") as file:
            file.write(json.dumps(line) + "\n")


def fill(book: Book, labels: list[str]) -> None:
    """Measure all curves, the closed form's first."""
    opened = {label: open_generator(labels=[label]).generators for label in labels}
    for label, generators in opened.items():
        for seed in SEEDS:
            points = closed_form(generators, seed)
            book.measure(generators, label, "closed form", seed, points, len(CLOSED_POINTS))
        if not book.curve(label, "random", 0):
            basis = Learner(generators, LearnConfig(steps=1)).matrix.detach()
            found = [s.penalty for s in scores(generators, basis, samples=SAMPLES)][2:]
            book.add(label, "random", 0, 0, 0.0, sum(found) / len(found))
    curves = [(label, ADAM, seed) for label in opened for seed in SEEDS]
    curves += [("car", name, 0) for name in SWEEP if name != ADAM and "car" in opened]
    for label, name, seed in curves:
        points = adam(opened[label], SWEEP[name], seed)
        book.measure(opened[label], label, name, seed, points, len(ADAM_PASSES))


def lowest(curve: list[dict]) -> float:
    """The least penalty that a curve reaches anywhere."""
    return min(one["penalty"] for one in curve)


def report(book: Book, labels: list[str]) -> None:
    """Print for every class and seed what each solver reaches, after how much."""
    table = Table("class", "seed", "random", "Adam's lowest", "passes", "seconds", "closed form",
                  "passes", "seconds", "at Adam's lowest of all")  # fmt: skip
    for label in labels:
        random = book.curve(label, "random", 0)[0]["penalty"]
        theirs = [one for one in book.lines if one["class"] == label and "adam" in one["solver"]]
        goal = min(theirs, key=lambda one: one["penalty"])
        for seed in SEEDS:
            low = min(book.curve(label, ADAM, seed), key=lambda one: one["penalty"])
            ours = book.curve(label, "closed form", seed)
            there = [one for one in ours if one["penalty"] <= goal["penalty"]]
            last = ours[-1]
            times = f"1/{goal['passes'] / there[0]['passes']:.0f} of its passes" if there else "no"
            table.add_row(label, str(seed), f"{random:.1f}", f"{low['penalty']:.1f}",
                          f"{low['passes']:,}", f"{low['seconds']:.0f}", f"{last['penalty']:.1f}",
                          f"{last['passes']:,}", f"{last['seconds']:.0f}", times)  # fmt: skip
    Console(width=120).print(table)
    for name in SWEEP if "car" in labels else ():
        points = [one["penalty"] for one in book.curve("car", name, 0)]
        print(f"car, seed 0, {name}: {points} after {ADAM_PASSES} passes")


def main() -> None:
    """Measure, print, plot."""
    folder, labels = Path(sys.argv[1]), sys.argv[2:] or ["car", "chair", "lamp"]
    folder.mkdir(parents=True, exist_ok=True)
    book = Book(folder / "solvers.jsonl")
    fill(book, labels)
    report(book, labels)
    plot(book, labels, folder / "solvers.png")


def plot(book: Book, labels: list[str], path: Path) -> None:
    """One panel for each class: penalty against passes on a logarithmic axis."""
    width, height, margin = 330, 260, 44
    sheet = Image.new("RGB", (width * len(labels), height), "white")
    draw = ImageDraw.Draw(sheet)
    ticks = [100, 1_000, 10_000, 100_000]
    for number, label in enumerate(labels):
        random = book.curve(label, "random", 0)[0]["penalty"]
        left, right = number * width + margin, (number + 1) * width - 14
        top, bottom = 26, height - margin

        def place(passes: float, penalty: float, left=left, right=right, top=top, bottom=bottom,
                  most=random * 1.1) -> tuple[float, float]:  # fmt: skip
            share = (math.log10(passes) - 2) / 3.4  # from 100 to 250,000
            return left + share * (right - left), bottom - penalty / most * (bottom - top)

        draw.rectangle([left, top, right, bottom], outline="#bbbbbb")
        draw.text((left, 8), label, fill="black")
        for tick in ticks:
            x, _ = place(tick, 0)
            draw.line([x, bottom, x, bottom + 4], fill="black")
            draw.text((x - 12, bottom + 6), f"{tick:,}", fill="black")
        for value in (0, 10, 20, 30, 40, 50, 60):
            if value < random * 1.1:
                _, y = place(100, value)
                draw.text((left - 22, y - 6), str(value), fill="black")
        draw.line([place(100, random), place(250_000, random)], fill="#999999")
        draw.text((left + 6, place(100, random)[1] + 2), "random bases", fill="#777777")
        for name, colour in (("closed form", "#c0392b"), (ADAM, "#2c5fa8")):
            for seed in SEEDS:
                curve = [place(p["passes"], p["penalty"]) for p in book.curve(label, name, seed)]
                draw.line(curve, fill=colour, width=2)
        draw.text((left + 6, bottom - 32), "closed form", fill="#c0392b")
        draw.text((left + 6, bottom - 18), ADAM, fill="#2c5fa8")
        draw.text((left + 90, bottom + 22), "passes", fill="black")
    sheet.save(path)


if __name__ == "__main__":
    main()
