"""Held-out penalty against generator passes: Adam at several learning rates, and the closed form.

python benchmarks/solvers.py FOLDER [CLASS ...]    classes car, chair and lamp unless given

A pass is one image forward or one image backward. Every line is written as soon as it is
measured, to FOLDER/solvers.jsonl; what is there is not measured again. Last come a table and,
in FOLDER/solvers.png, a plot.
"""

import json
import math
import sys
from collections.abc import Iterator
from pathlib import Path

from PIL import Image, ImageDraw
from rich.console import Console
from rich.table import Table
from torch import Tensor

from directions.config import LearnConfig, SolveConfig
from directions.evaluate import held_out_penalty, scores
from directions.generators.open import open_generator
from directions.generators.protocol import Generator
from directions.learn import Learner
from directions.solve import ClosedForm

SEEDS, SAMPLES = (0, 1, 2), 512
RATES = (0.003, 0.01, 0.03, 0.1)  # of the first class and seed; the others have the best
ADAM_STEPS, ADAM_POINTS, BATCH, PROBES = 800, (50, 100, 200, 400, 600, 800), 16, 2
CLOSED_POINTS = (1, 2, 4, 8, 20, 40)


def adam(generators: list[Generator], rate: float, seed: int) -> Iterator[tuple[int, Tensor]]:
    """Passes so far and the basis, at every point of the curve."""
    config = LearnConfig(steps=ADAM_STEPS, batch_size=BATCH, learning_rate=rate, seed=seed)
    for step in Learner(generators, config).steps():
        if step.number in ADAM_POINTS:
            yield step.number * BATCH * 2 * PROBES * 2, step.basis


def closed_form(generators: list[Generator], seed: int) -> Iterator[tuple[int, Tensor]]:
    """Passes so far and the basis, at every point of the curve."""
    dim = generators[0].latent_dim
    solver = ClosedForm(generators, SolveConfig(steps=CLOSED_POINTS[-1], seed=seed))
    for step in solver.steps():
        if step.number in CLOSED_POINTS:
            yield step.number * (dim**2 + dim + 1), step.basis


class Book:
    """Lines measured so far."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lines = [json.loads(line) for line in path.read_text().splitlines()]

    def curve(self, label: str, solver: str, seed: int) -> list[dict]:
        """All points of one curve, in order."""
        key = (label, solver, seed)
        return [one for one in self.lines if (one["class"], one["solver"], one["seed"]) == key]

    def measure(
        self, generators: list[Generator], label: str, solver: str, seed: int,
        points: Iterator[tuple[int, Tensor]], count: int,
    ) -> None:  # fmt: skip
        """Fill one curve, if it is not complete."""
        if len(self.curve(label, solver, seed)) >= count:
            return
        self.lines = [one for one in self.lines if one not in self.curve(label, solver, seed)]
        for passes, basis in points:
            penalty = held_out_penalty(generators, basis, samples=SAMPLES)
            line = {"class": label, "solver": solver, "seed": seed}
            self.lines.append(line | {"passes": passes, "penalty": round(penalty, 3)})
            self.path.write_text("".join(json.dumps(one) + "\n" for one in self.lines))


def rate_of(solver: str) -> float:
    """The learning rate in a curve's name."""
    return float(solver.removeprefix("adam "))


def fill(book: Book, labels: list[str]) -> str:
    """Measure all curves; returns the best of Adam's."""
    best = ""
    for label in labels:
        generators = open_generator(labels=[label]).generators
        for seed in SEEDS:
            points = closed_form(generators, seed)
            book.measure(generators, label, "closed form", seed, points, len(CLOSED_POINTS))
            names = [best] if best else [f"adam {rate:g}" for rate in RATES]
            for name in names:
                points = adam(generators, rate_of(name), seed)
                book.measure(generators, label, name, seed, points, len(ADAM_POINTS))
            best = best or min(names, key=lambda n: lowest(book.curve(labels[0], n, SEEDS[0])))
        if not any(one["solver"] == "random" for one in book.lines if one["class"] == label):
            basis = Learner(generators, LearnConfig(steps=1)).matrix.detach()
            found = [s.penalty for s in scores(generators, basis, samples=SAMPLES)][2:]
            mean = sum(found) / len(found)
            book.lines.append({"class": label, "solver": "random", "seed": 0, "passes": 0,
                               "penalty": round(mean, 3)})  # fmt: skip
            book.path.write_text("".join(json.dumps(one) + "\n" for one in book.lines))
    return best


def lowest(curve: list[dict]) -> float:
    """The least penalty that a curve reaches anywhere."""
    return min(one["penalty"] for one in curve)


def report(book: Book, labels: list[str], best: str) -> None:
    """Print for every class and seed what each solver reaches and after how many passes."""
    table = Table("class", "seed", "random", "Adam's lowest", "passes", "closed form", "passes",
                  "to be within 5 %")  # fmt: skip
    for label in labels:
        random = book.curve(label, "random", 0)[0]["penalty"]
        for seed in SEEDS:
            theirs, ours = book.curve(label, best, seed), book.curve(label, "closed form", seed)
            low = min(theirs, key=lambda one: one["penalty"])
            near = [one for one in ours if one["penalty"] <= 1.05 * low["penalty"]]
            times = f"1/{low['passes'] / near[0]['passes']:.0f} of Adam's" if near else "never"
            last = ours[-1]
            table.add_row(label, str(seed), f"{random:.1f}", f"{low['penalty']:.1f}",
                          f"{low['passes']:,}", f"{last['penalty']:.1f}", f"{last['passes']:,}",
                          times)  # fmt: skip
    Console(width=110).print(f"Adam is '{best}', the best of {', '.join(map(str, RATES))}", table)
    for rate in RATES:
        name = f"adam {rate:g}"
        points = [one["penalty"] for one in book.curve(labels[0], name, SEEDS[0])]
        print(f"{labels[0]}, seed {SEEDS[0]}, {name}: {points} after {ADAM_POINTS} steps")


def main() -> None:
    """Measure, print, plot."""
    folder, labels = Path(sys.argv[1]), sys.argv[2:] or ["car", "chair", "lamp"]
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "solvers.jsonl"
    path.touch()
    book = Book(path)
    best = fill(book, labels)
    report(book, labels, best)
    plot(book, labels, best, folder / "solvers.png")


def plot(book: Book, labels: list[str], best: str, path: Path) -> None:
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
            share = (math.log10(passes) - 2) / 3.1  # from 100 to 125,000
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
        draw.line([place(100, random), place(125_000, random)], fill="#999999")
        draw.text((left + 6, place(100, random)[1] + 2), "random bases", fill="#777777")
        for name, colour in (("closed form", "#c0392b"), (best, "#2c5fa8")):
            for seed in SEEDS:
                curve = [place(p["passes"], p["penalty"]) for p in book.curve(label, name, seed)]
                draw.line(curve, fill=colour, width=2)
        draw.text((left + 6, bottom - 32), "closed form", fill="#c0392b")
        draw.text((left + 6, bottom - 18), best, fill="#2c5fa8")
        draw.text((left + 90, bottom + 22), "passes", fill="black")
    sheet.save(path)


if __name__ == "__main__":
    main()
