"""ProGANs on disk: safetensors with their settings inside; nothing is unpickled.

generator.safetensors   the averaged generator: the file to keep
resume.safetensors      both networks, the average, Adam's moments, counters, random numbers
"""

import json
from pathlib import Path
from typing import NamedTuple

from jaxtyping import Shaped
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from directions.errors import RunError, WeightsError
from directions.files import whole
from directions.progan.config import WEIGHTS, ProGANConfig, config_from, plain
from directions.progan.generator import Generator
from directions.progan.growth import Stage
from directions.progan.trainer import Trainer

FORMAT, STATE_FORMAT = "directions-progan/1", "directions-progan-state/1"
STATE = "resume.safetensors"
MOMENTS = ("step", "exp_avg", "exp_avg_sq")
Tensors = dict[str, Shaped[Tensor, "..."]]


class Trained(NamedTuple):
    """An averaged generator, evaluated and frozen, and how it came about."""

    network: Generator
    config: ProGANConfig
    stage: Stage
    images: int  # pictures it was trained on
    tensors: Tensors


def save_generator(trainer: Trainer, folder: Path) -> None:
    """Write the averaged generator, whole or not at all."""
    about = {
        "config": plain(trainer.config), "images": trainer.images, "stage": tuple(trainer.stage)
    }  # fmt: skip
    tensors = {name: value.cpu() for name, value in trainer.average.state_dict().items()}
    _write(folder / WEIGHTS, tensors, {"format": FORMAT, "progan": json.dumps(about)})


def load_generator(folder: Path) -> Trained:
    """Read what `save_generator` wrote; raises `WeightsError` in a sentence for anything else."""
    path = folder / WEIGHTS
    if not path.is_file():
        raise WeightsError(f"no ProGAN at {folder}; `directions progan train` makes one")
    try:
        tensors, about = _read(path, FORMAT, "progan")
        config = config_from(about["config"])
        side, blend = about["stage"]
        network = Generator(config.network)
        network.load_state_dict(tensors)
    except _DAMAGED as error:
        raise WeightsError(f"{path} is no ProGAN, or damaged: {_first_line(error)}") from None
    if not all(value.isfinite().all() for value in tensors.values()):
        raise WeightsError(f"{path} holds values that are not finite")
    network.eval().requires_grad_(False)
    return Trained(network, config, Stage(side, blend), about["images"], tensors)


def images_seen(folder: Path) -> int:
    """Pictures that a folder's generator was trained on, without reading it; 0 if it has none."""
    path = folder / WEIGHTS
    if not path.is_file():
        return 0
    try:
        with safe_open(path, framework="pt") as file:
            return json.loads((file.metadata() or {})["progan"])["images"]
    except _DAMAGED as error:
        raise WeightsError(f"{path} is no ProGAN, or damaged: {_first_line(error)}") from None


def save_state(trainer: Trainer, folder: Path) -> None:
    """Write all that the next step depends on, whole or not at all."""
    tensors: Tensors = {"rng": trainer.rng.get_state()}
    for name, network in {**trainer.networks, "average": trainer.average}.items():
        tensors |= {f"{name}.{key}": value for key, value in network.state_dict().items()}
    for name, network in trainer.networks.items():
        for key, parameter in network.named_parameters():
            found = trainer.adams[name].state.get(parameter, {})
            tensors |= {f"adam.{name}.{key}.{moment}": found[moment] for moment in found}
    about = {
        "config": plain(trainer.config), "number": trainer.number, "images": trainer.images,
        "skipped": trainer.skipped, "phase": trainer.phase, "epoch": trainer.shuffle.epoch,
        "position": trainer.shuffle.position, "pictures": len(trainer.pictures),
    }  # fmt: skip
    tensors = {name: value.detach().cpu() for name, value in tensors.items()}
    _write(folder / STATE, tensors, {"format": STATE_FORMAT, "state": json.dumps(about)})


class State(NamedTuple):
    """What `save_state` wrote."""

    tensors: Tensors
    about: dict
    config: ProGANConfig


def load_state(folder: Path) -> State:
    """Read a run's state; raises `RunError` if there is none or it is damaged."""
    path = folder / STATE
    if not path.is_file():
        raise RunError(f"no run at {folder}; `directions progan train --out {folder}` starts one")
    try:
        tensors, about = _read(path, STATE_FORMAT, "state")
        return State(tensors, about, config_from(about["config"]))
    except _DAMAGED as error:
        raise RunError(f"{path} is no state of a run, or damaged: {_first_line(error)}") from None


def restore(trainer: Trainer, state: State) -> None:
    """Go on from a state: the steps that follow equal those of an uninterrupted run.

    Raises `RunError` for networks of another shape, or another number of pictures.
    """
    count, here = state.about["pictures"], len(trainer.pictures)
    if count != here:
        raise RunError(f"the run was started on {count} pictures, not on {here}")
    begin(trainer, state)
    for name, network in trainer.networks.items():
        for key, parameter in network.named_parameters():
            names = {moment: f"adam.{name}.{key}.{moment}" for moment in MOMENTS}
            if names["step"] in state.tensors:
                trainer.adams[name].state[parameter] = {
                    # Adam keeps its counters on the CPU.
                    m: state.tensors[n].to("cpu" if m == "step" else trainer.device)
                    for m, n in names.items()
                }
    trainer.rng.set_state(state.tensors["rng"])
    trainer.shuffle.move(state.about["epoch"], state.about["position"])
    trainer.skipped = state.about["skipped"]


def begin(trainer: Trainer, state: State) -> None:
    """Take over networks, average and counters, as fine-tuning does: fresh moments and draws."""
    ours, theirs = trainer.config.network, state.config.network
    for field in ("latent_dim", "resolution", "width", "most_channels", "codes"):
        a, b = getattr(ours, field), getattr(theirs, field)
        if a != b:
            raise RunError(f"the run has {field} {b}, {a} was asked for; its networks do not fit")
    for name, network in {**trainer.networks, "average": trainer.average}.items():
        head = f"{name}."
        network.load_state_dict(
            {k.removeprefix(head): v for k, v in state.tensors.items() if k.startswith(head)}
        )
    trainer.number, trainer.images = state.about["number"], state.about["images"]
    side, fading = state.about["phase"]
    trainer.phase = (side, fading)


_DAMAGED = (SafetensorError, OSError, KeyError, TypeError, ValueError, RuntimeError, AttributeError)


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]


def _read(path: Path, expected: str, key: str) -> tuple[Tensors, dict]:
    with safe_open(path, framework="pt") as file:
        header = file.metadata() or {}
        found = header.get("format", "not stated")
        if found != expected:
            raise ValueError(f"its format is {found}, not {expected}")
        names = file.keys()
        return {name: file.get_tensor(name) for name in names}, json.loads(header[key])


def _write(path: Path, tensors: Tensors, header: dict[str, str]) -> None:
    for left in path.parent.glob(f".{path.stem}.*.partial{path.suffix}"):
        left.unlink(missing_ok=True)  # of a process that was killed while it wrote
    with whole(path) as partial:
        save_file({n: t.contiguous() for n, t in tensors.items()}, partial, header)
