import re

import pytest
import torch

from directions.errors import GeneratorError, LabelError, WeightsError
from directions.generators.biggan import sources
from directions.generators.biggan.weights import fingerprint
from directions.generators.open import open_generator


def test_a_local_folder_opens(folder):
    opened = open_generator(str(folder), ["4"], 0.5)
    assert opened.identity.slots == 5 and opened.identity.latent_dim == 8
    assert opened.identity.labels == (4,) and opened.identity.truncation == 0.5
    assert opened.generators[0](torch.zeros(1, 8)).shape == (1, 3, 16, 16)


def test_bin_and_safetensors_have_one_identity(folder, network):
    first = open_generator(str(folder)).identity
    (folder / "model.safetensors").unlink()
    torch.save(network.state_dict(), folder / "pytorch_model.bin")
    assert open_generator(str(folder)).identity == first


def test_legacy_bin_opens(folder, network):
    (folder / "model.safetensors").unlink()
    torch.save(
        network.state_dict(), folder / "pytorch_model.bin", _use_new_zipfile_serialization=False
    )
    open_generator(str(folder))


def test_fingerprint_sees_one_changed_value(network):
    before = fingerprint(network.state_dict())
    with torch.no_grad():
        network.generator.bn.bias[0] += 1e-6
    assert fingerprint(network.state_dict()) != before


def test_any_binds_every_class_to_one_network(folder):
    opened = open_generator(str(folder), ["any"])
    assert len(opened.generators) == 5
    assert len({id(g.network) for g in opened.generators}) == 1
    z = torch.randn(1, 8)
    images = torch.cat([g(z) for g in opened.generators])
    assert (images[0] - images[1]).abs().max() > 1e-4


def fails(source, pattern, error=WeightsError, labels=(), truncation=1.0):
    with pytest.raises(error, match=pattern) as caught:
        open_generator(str(source), labels, truncation)
    assert "\n" not in str(caught.value)


def test_missing_key_is_named(rewrite):
    fails(
        rewrite(lambda t: t.pop("embeddings.weight")),
        r"model\.safetensors lacks embeddings\.weight \(1 keys differ from its config\.json\)$",
    )


def test_unknown_key_is_named(rewrite):
    fails(rewrite(lambda t: t.update(extra=torch.ones(1))), "has an unknown extra")


def test_wrong_shape_is_named(rewrite):
    fails(
        rewrite(lambda t: t.update({"embeddings.weight": torch.ones(8, 4)})),
        r"embeddings\.weight has shape \(8, 4\), its config\.json asks for \(8, 5\)$",
    )


def test_nan_weights_are_named(rewrite):
    fails(
        rewrite(lambda t: t["generator.bn.bias"].fill_(float("nan"))),
        r"generator\.bn\.bias holds values that are not finite$",
    )


def test_truncated_weights(folder):
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:1000])
    fails(folder, "cannot be read as weights")


def test_pickle_with_more_than_tensors(folder):
    (folder / "model.safetensors").unlink()
    torch.save({"a": re.compile("x")}, folder / "pytorch_model.bin")
    fails(folder, "holds more than tensors, or is damaged$")


def test_a_bin_that_is_no_state_dict(folder):
    (folder / "model.safetensors").unlink()
    torch.save([1, 2], folder / "pytorch_model.bin")
    fails(folder, "holds no state dict of tensors$")


def test_folder_without_config(folder):
    (folder / "config.json").unlink()
    fails(folder, r"has no config\.json; a BigGAN-deep folder needs one$")


def test_folder_without_weights(folder):
    (folder / "model.safetensors").unlink()
    fails(folder, "has no weights; put one of model.safetensors, ")


def test_config_that_is_no_json(folder):
    (folder / "config.json").write_text("{")
    fails(folder, "cannot be read as JSON")


def test_config_of_something_else(rewrite):
    fails(rewrite(config=lambda c: c.pop("layers")), "is no BigGAN-deep config: it lacks layers$")


def test_unknown_generator_lists_the_known_ones():
    fails("bigan-deep-128", "^no generator 'bigan-deep-128'; known: objects-64, biggan-deep-128, ")


@pytest.mark.parametrize("truncation", [0.0, -0.5, 1.5, float("nan")])
def test_truncation_out_of_range(folder, truncation):
    fails(
        folder,
        "^truncation must be above 0 and at most 1, got",
        GeneratorError,
        truncation=truncation,
    )


def test_class_out_of_range(folder):
    fails(folder, "^class 5 is out of range for .*; it has classes 0 to 4$", LabelError, ["5"])


def test_cached_download_asks_no_network(tmp_path, folder, monkeypatch):
    from pytorch_pretrained_biggan import file_utils, model

    monkeypatch.setattr(file_utils, "PYTORCH_PRETRAINED_BIGGAN_CACHE", tmp_path / "cache")
    monkeypatch.setattr(file_utils, "cached_path", lambda *a: pytest.fail("network was asked"))
    (tmp_path / "cache").mkdir()
    for table, name in (
        (model.PRETRAINED_CONFIG_ARCHIVE_MAP, "config.json"),
        (model.PRETRAINED_MODEL_ARCHIVE_MAP, "model.safetensors"),
    ):
        url = table["biggan-deep-128"]
        stored = tmp_path / "cache" / file_utils.url_to_filename(url, "etag")
        stored.write_bytes((folder / name).read_bytes())
        note = stored.with_name(stored.name + ".json")
        note.write_text(f'{{"url": "{url}", "etag": "etag"}}')
    config, weights = sources.files_of("biggan-deep-128")
    assert config.is_file() and weights.is_file()


def test_failed_download_says_which_file_to_put_where(tmp_path, monkeypatch):
    from pytorch_pretrained_biggan import file_utils

    def refuse(url):
        raise OSError("no route to host")

    monkeypatch.setattr(file_utils, "PYTORCH_PRETRAINED_BIGGAN_CACHE", tmp_path)
    monkeypatch.setattr(file_utils, "cached_path", refuse)
    fails(
        "biggan-deep-256",
        r"^biggan-deep-256 could not be downloaded \(no route to host\); put config\.json and "
        rf"pytorch_model\.bin into {tmp_path}/biggan-deep-256, or pass --generator FOLDER$",
    )


def test_files_put_by_hand_are_used(tmp_path, folder, monkeypatch):
    from pytorch_pretrained_biggan import file_utils

    monkeypatch.setattr(file_utils, "PYTORCH_PRETRAINED_BIGGAN_CACHE", tmp_path / "cache")
    (tmp_path / "cache").mkdir()
    placed = tmp_path / "cache" / "biggan-deep-512"
    placed.mkdir()
    for name in ("config.json", "model.safetensors"):
        (placed / name).write_bytes((folder / name).read_bytes())
    assert sources.files_of("biggan-deep-512")[1] == placed / "model.safetensors"


def test_hub_is_asked_for_the_local_copy_first(folder, monkeypatch):
    import huggingface_hub

    asked = []

    def download(repository, name, local_files_only=False):
        asked.append((name, local_files_only))
        if not (folder / name).exists():
            from huggingface_hub.errors import EntryNotFoundError

            raise EntryNotFoundError(name)
        return str(folder / name)

    monkeypatch.setattr(huggingface_hub, "hf_hub_download", download)
    assert sources.files_of("someone/biggan")[1] == folder / "model.safetensors"
    assert all(local for _, local in asked)


def test_hub_that_cannot_be_reached(monkeypatch):
    import huggingface_hub

    def download(repository, name, local_files_only=False):
        raise OSError("offline")

    monkeypatch.setattr(huggingface_hub, "hf_hub_download", download)
    fails("someone/biggan", r"^someone/biggan could not be read from the hub \(offline\); ")
