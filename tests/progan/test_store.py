from dataclasses import replace

import pytest
import torch
from safetensors.torch import load_file, save_file

from directions.config import Precision
from directions.errors import GeneratorError, RunError, WeightsError
from directions.generators.open import open_generator
from directions.generators.protocol import Generator
from directions.penalty import require_steady
from directions.progan import store
from directions.progan.bound import bound
from directions.progan.config import (
    WEIGHTS,
    NetworkConfig,
    PenaltyConfig,
    ProGANConfig,
    Reduction,
    config_from,
    plain,
)
from directions.progan.presets import PRESETS
from directions.progan.run import ProGANRun
from directions.progan.store import load_generator, load_state, save_generator, save_state
from directions.progan.trainer import Trainer
from tests.progan.toys import TINY, Squares


@pytest.fixture
def trained(tmp_path):
    """A run of a few steps, in the fade to 8 pixels, and its folder."""
    one = Trainer(Squares(), replace(TINY, images=30))
    run = ProGANRun(tmp_path / "run", one)
    run.folder.mkdir()
    for _ in run.steps(save_every=1e9, log_every=1):
        pass
    return one, run.folder


@pytest.mark.parametrize("name", ["small", "clevr-u/infogan", "edges-shoes/hessian-finetune"])
def test_settings_come_back_from_json(name):
    import json

    config = replace(
        PRESETS[name], penalty=PenaltyConfig(weight=0.1, layers=(1, 2), reduction=Reduction.mean)
    )
    assert config_from(json.loads(json.dumps(plain(config)))) == config


def test_a_generator_on_disk_is_the_averaged_one(trained):
    one, folder = trained
    found = load_generator(folder)
    z = torch.randn(3, 4)
    assert torch.equal(found.network(z, found.stage), one.average(z, one.stage))
    assert found.stage == (8, 1.0) and found.images == 32 and found.config == one.config
    assert not found.network.training
    assert not any(p.requires_grad for p in found.network.parameters())


def test_the_run_logs_a_line_a_step_and_saves_at_the_end(trained):
    one, folder = trained
    assert len((folder / "log.jsonl").read_text().splitlines()) == one.number
    assert load_state(folder).about["images"] == one.images
    assert {path.name for path in folder.iterdir()} == {
        "log.jsonl", "resume.safetensors", "generator.safetensors"
    }  # fmt: skip


def test_a_progan_satisfies_the_protocol_free_and_normalised(trained):
    one, folder = trained
    torch.nn.init.normal_(one.average.synthesis.layers[0].bias)  # or pixel norm hides lengths
    save_generator(one, folder)
    z = torch.randn(3, 4)
    free, whole = open_generator(str(folder)), open_generator(f"{folder}:normalised")
    (off,), (on,) = free.generators, whole.generators
    for generator in (off, on):
        assert isinstance(generator, Generator)
        require_steady(generator, z)
        asked = z.clone().requires_grad_()
        generator(asked).sum().backward()
        assert asked.grad.abs().min() > 0
        assert torch.equal(generator(z[:, None]), generator(z))
    assert (off(2 * z) - off(z)).abs().max() > 1e-4
    torch.testing.assert_close(on(2 * z), on(z))
    lengths = off.sample_latents(5, torch.Generator()).norm(dim=1)
    torch.testing.assert_close(lengths, torch.full((5,), 2.0))  # sqrt(|z|)
    drawn = [g.sample_latents(5, torch.Generator().manual_seed(1)) for g in (off, on)]
    torch.testing.assert_close(off(drawn[0]), on(drawn[1]))
    assert free.identity.weights == whole.identity.weights and len(free.identity.weights) == 64
    assert free.identity.latent_dim == 4 and free.identity.slots == 1


@pytest.mark.parametrize(
    ("wanted", "sentence"),
    [
        ({"labels": ["mug"]}, "has no classes to choose from; leave out --class"),
        ({"truncation": 0.5}, "is a ProGAN, which has no truncation; leave it out"),
        (
            {"precision": Precision.bfloat16},
            "is a ProGAN, which computes in float32; leave out --precision",
        ),
    ],
)  # fmt: skip
def test_what_a_progan_does_not_have_is_refused(trained, wanted, sentence):
    with pytest.raises(GeneratorError) as refused:
        open_generator(str(trained[1]), **wanted)
    assert str(refused.value) == f"{trained[1]} {sentence}"


def test_weights_that_are_not_finite_are_refused(trained):
    one, folder = trained
    next(one.average.parameters()).fill_(float("inf"))
    save_generator(one, folder)
    with pytest.raises(WeightsError) as refused:
        load_generator(folder)
    assert str(refused.value) == f"{folder / WEIGHTS} holds values that are not finite"


@pytest.mark.parametrize("keep", [0, 5, 700, 5000])
def test_a_cut_file_is_refused_in_one_line(trained, keep):
    _, folder = trained
    for name, load, error in (
        (WEIGHTS, load_generator, WeightsError), (store.STATE, load_state, RunError)
    ):  # fmt: skip
        path = folder / name
        path.write_bytes(path.read_bytes()[:keep])
        with pytest.raises(error, match="damaged: ") as refused:
            load(folder)
        assert "\n" not in str(refused.value)


def test_a_file_of_another_format_is_refused(trained):
    _, folder = trained
    save_file(load_file(folder / WEIGHTS), folder / WEIGHTS)
    with pytest.raises(WeightsError) as refused:
        load_generator(folder)
    assert str(refused.value) == (
        f"{folder / WEIGHTS} is no ProGAN, or damaged: "
        "its format is not stated, not directions-progan/1"
    )


def test_a_full_disk_leaves_the_last_save(trained, monkeypatch):
    one, folder = trained
    run = ProGANRun(folder, one)

    def full(tensors, path, header):
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store, "save_file", full)
    one.images += 1
    with pytest.raises(RunError) as refused:
        run.save()
    assert str(refused.value) == f"cannot write to {folder}: no space left on device"
    assert load_state(folder).about["images"] == 32 and not list(folder.glob(".*"))


def test_what_a_killed_process_left_is_cleared_away(trained):
    one, folder = trained
    left = folder / ".resume.123.partial.safetensors"
    left.write_bytes(b"half")
    save_state(one, folder)
    assert not left.exists()


def test_nothing_is_pickled(trained):
    for path in trained[1].glob("*.safetensors"):
        assert load_file(path)


def test_the_papers_settings_are_the_defaults():
    assert ProGANConfig() == PRESETS["clevr-simple/progan-plus"]
    assert ProGANConfig().network == NetworkConfig()


def test_a_folder_that_is_no_progan_belongs_to_others(tmp_path):
    from directions.progan.bound import owns

    assert not owns(str(tmp_path)) and not owns("objects-64") and not owns("module:factory")
    with pytest.raises(WeightsError) as refused:
        bound(str(tmp_path), "cpu")
    told = f"no ProGAN at {tmp_path}; `directions progan train` makes one"
    assert str(refused.value) == told
