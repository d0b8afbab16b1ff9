"""What `biggan` does between reading its options and printing its result."""

import dataclasses
import json
from pathlib import Path

import torch
from safetensors.torch import save_file

from cli import console, options
from directions.errors import RunError
from directions.files import whole
from directions.generators.biggan.sources import EMBEDDED, EMBEDDED_FOLDER, FACTORS_NAME
from directions.generators.biggan.training.config import BigGANTrainConfig
from directions.generators.biggan.training.trainer import Trainer
from directions.generators.open import open_generator
from directions.generators.protocol import seeded_latents
from directions.metrics.factor_training import judged, new_network
from directions.metrics.factor_training import train_factors as training
from directions.metrics.known_factors import FactorNetwork, recognised_share, spread_ratios
from directions.render import generate, labelled, to_frame
from directions.scenes.factors import FACTOR_NAMES
from directions.scenes.store import CLASS_NAMES, load_scenes
from directions.video import write_png

STATE, CONFIG, WEIGHTS = "resume.pt", "config.json", "model.safetensors"
SHEET_COLUMNS = 8


def train(
    scenes: Path,
    out: Path,
    steps: int,
    latent_dim: int,
    seed: int,
    save_every: int,
    sheet_every: int,
) -> None:
    """Train from the beginning or from the last save, and write the library's files."""
    found = load_scenes(scenes)
    config = BigGANTrainConfig(steps=steps, latent_dim=latent_dim, seed=seed)
    trainer = Trainer(torch.from_numpy(found.pictures), torch.from_numpy(found.labels), config)
    options.folder(out)
    if (out / STATE).exists():
        trainer.load_state(torch.load(out / STATE, weights_only=True))
        console.note(f"going on from step {trainer.number}")
    with console.progress() as bar:
        task = bar.add_task("training", total=steps, completed=trainer.number, note="")
        for step in trainer.steps():
            bar.update(task, completed=step.number)
            if step.number % 100 == 0:
                losses = {
                    "step": step.number,
                    "generator": step.generator_loss.item(),
                    "discriminator": step.discriminator_loss.item(),
                }
                with (out / "log.jsonl").open("a") as log:
                    log.write(json.dumps(losses) + "\n")
                bar.update(task, note=f"discriminator {losses['discriminator']:.3f}")
            if step.number % save_every == 0 or step.number == steps:
                _save(trainer, out)
            if step.number % sheet_every == 0:
                _write_network(trainer, out, range(50, 51))
                _sheet(str(out), out / f"sheet-{step.number:06d}.png", seed)
    console.note("filling in the statistics of every truncation")
    _write_network(trainer, out, range(51))
    _sheet(str(out), out / "sheet.png", seed)


def train_factors(scenes: Path, out: Path, steps: int, seed: int) -> None:
    """Train the factor network, judge it on pictures it has not seen, and write it."""
    found = load_scenes(scenes)
    data = [torch.from_numpy(part) for part in (found.pictures, found.labels, found.factors)]
    network = new_network(CLASS_NAMES, FACTOR_NAMES, data[2], seed)
    with console.progress() as bar:
        task = bar.add_task("training", total=steps, note="")
        for step in training(network, *data, steps=steps, seed=seed):
            bar.update(task, completed=step.number, note=f"loss {step.loss:.4f}")
    judged(network, *data).save(out)
    rows = [[n, f"{r:.3f}"] for n, r in zip(FACTOR_NAMES, network.settings.r2, strict=True)]
    rows.append(["class accuracy", f"{network.settings.accuracy:.4f}"])
    console.table("Factor network on held-out renders", ["factor", "R2"], rows)


def measure(
    generator: str | None,
    path: Path | None,
    samples: int,
    sheet: Path | None,
    seed: int,
    as_json: bool,
) -> None:
    """Print class accuracy and the spread of the factors, class by class."""
    source = generator or EMBEDDED
    network = FactorNetwork.load(path or EMBEDDED_FOLDER / FACTORS_NAME)
    opened = open_generator(source, ["any"])
    if opened.identity.label_names != network.settings.class_names:
        raise RunError(f"{source} does not make the classes that the factor network knows")
    result, everything, shares = {}, [], []
    for label, one in zip(opened.identity.labels, opened.generators, strict=True):
        images = generate([one], seeded_latents(one, samples, seed), [0] * samples, 64)
        ratios = dict(zip(FACTOR_NAMES, spread_ratios(network, images).tolist(), strict=True))
        shares.append(recognised_share(network, images, label))
        result[opened.identity.label_names[label]] = {"recognised": shares[-1], **ratios}
        everything.append(images)
    ratios = spread_ratios(network, torch.cat(everything)).tolist()
    result["all"] = {"recognised": sum(shares) / len(shares)} | dict(
        zip(FACTOR_NAMES, ratios, strict=True)
    )
    if as_json:
        console.as_json({"samples": samples, "seed": seed, **result})
    else:
        rows = [
            [measure, *(f"{values[measure]:.3f}" for values in result.values())]
            for measure in result["all"]
        ]
        title = f"{source}, {samples} pictures a class: recognised, and spread over that of renders"
        console.table(title, ["", *result], rows)
    if sheet is not None:
        _sheet(source, sheet, seed)
        console.result(sheet)


def _save(trainer: Trainer, out: Path) -> None:
    try:
        with whole(out / STATE) as partial:
            torch.save(trainer.state(), partial)
    except OSError as error:
        raise RunError(f"cannot save to {out}: {error.strerror}") from None


def _write_network(trainer: Trainer, out: Path, rows: range) -> None:
    network = trainer.averaged_network(rows)
    tensors = {name: tensor.contiguous() for name, tensor in network.state_dict().items()}
    config = {**network.config.to_dict(), "class_names": CLASS_NAMES}
    with whole(out / CONFIG) as partial:
        partial.write_text(json.dumps(config, indent=1))
    with whole(out / WEIGHTS) as partial:
        save_file(tensors, partial, {"training": json.dumps(dataclasses.asdict(trainer.config))})


def _sheet(source: str, path: Path, seed: int) -> None:
    """A row of samples for every class, from the same latents."""
    opened = open_generator(source, ["any"])
    z = seeded_latents(opened.generators[0], SHEET_COLUMNS, seed)
    rows = [generate([one], z, [0] * len(z), len(z)) for one in opened.generators]
    picture = to_frame(torch.stack(rows), 2)
    write_png(path, labelled(picture, opened.identity.label_names))
