"""Where BigGAN-deep weights come from: the package, a folder, the library's cache, a hub.

No request goes out for what is already on this machine.
"""

import json
from pathlib import Path

from directions.errors import WeightsError
from directions.generators.biggan.weights import CONFIG_NAME, WEIGHTS_NAMES, weights_in
from directions.identity import Identity

EMBEDDED = "objects-64"
PRETRAINED = ("biggan-deep-128", "biggan-deep-256", "biggan-deep-512")
EMBEDDED_FOLDER = Path(__file__).parent / "embedded"
FACTORS_NAME = "factors.safetensors"


def files_of(source: str) -> tuple[Path, Path]:
    """Find the config and the weights of a generator by name, folder or hub repository."""
    if source == EMBEDDED:
        return EMBEDDED_FOLDER / CONFIG_NAME, weights_in(EMBEDDED_FOLDER)
    if source in PRETRAINED:
        return _library_files(source)
    if Path(source).is_dir():
        return Path(source) / CONFIG_NAME, weights_in(Path(source))
    if source.count("/") == 1 and not source.startswith((".", "/", "~")):
        return _hub_files(source)
    known = ", ".join((EMBEDDED, *PRETRAINED))
    raise WeightsError(
        f"no generator '{source}'; known: {known}, a folder, a hub repository owner/name, "
        "or package.module:factory"
    )


def _library_files(name: str) -> tuple[Path, Path]:
    """The library's own download and cache, asked only for what the cache does not hold."""
    from pytorch_pretrained_biggan import file_utils, model

    cache = Path(file_utils.PYTORCH_PRETRAINED_BIGGAN_CACHE)
    placed = cache / name
    if (placed / CONFIG_NAME).is_file():
        return placed / CONFIG_NAME, weights_in(placed)
    found = []
    for table in (model.PRETRAINED_CONFIG_ARCHIVE_MAP, model.PRETRAINED_MODEL_ARCHIVE_MAP):
        url = table[name]
        path = _cached(cache, url)
        if path is None:
            try:
                path = Path(file_utils.cached_path(url))
            except Exception as error:  # requests, boto3 and the library raise a dozen kinds
                reason = str(error).splitlines()[0] if str(error) else type(error).__name__
                raise WeightsError(
                    f"{name} could not be downloaded ({reason[:120]}); put {CONFIG_NAME} and "
                    f"{WEIGHTS_NAMES[-1]} into {placed}, or pass --generator FOLDER"
                ) from None
        found.append(path)
    return found[0], found[1]


def _cached(cache: Path, url: str) -> Path | None:
    """Find a file the library downloaded before, by the address it wrote beside it."""
    for note in cache.glob("*.json"):
        try:
            address = json.loads(note.read_text()).get("url")
        except (OSError, ValueError, AttributeError):
            continue
        if address == url and note.with_suffix("").is_file():
            return note.with_suffix("")
    return None


def _hub_files(repository: str) -> tuple[Path, Path]:
    """A repository of the hub: from its cache if it is there, else downloaded."""
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import EntryNotFoundError, LocalEntryNotFoundError

    def fetch(name: str) -> Path:
        try:
            return Path(hf_hub_download(repository, name, local_files_only=True))
        except LocalEntryNotFoundError:
            return Path(hf_hub_download(repository, name))

    try:
        config = fetch(CONFIG_NAME)
        for name in WEIGHTS_NAMES:
            try:
                return config, fetch(name)
            except LocalEntryNotFoundError:
                raise  # the hub cannot be reached: another name would not help
            except EntryNotFoundError:
                continue
    except Exception as error:  # the hub's errors, and those of its HTTP client
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise WeightsError(
            f"{repository} could not be read from the hub ({reason[:160]}); "
            "download it elsewhere and pass --generator FOLDER"
        ) from None
    raise WeightsError(f"{repository} holds none of {', '.join(WEIGHTS_NAMES)}")


def factor_network(identity: Identity):
    """The network that reads known factors off a generator's pictures, or None without one."""
    if identity.generator != EMBEDDED:
        return None
    from directions.metrics.known_factors import FactorNetwork

    return FactorNetwork.load(EMBEDDED_FOLDER / FACTORS_NAME)
