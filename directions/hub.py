"""Sharing: a directions file in a repository of the hub, and `hub:owner/name` in place of a path.

    FILE --push--> owner/name: directions.safetensors, README.md, measures, report.html, pictures
    hub:owner/name[@revision] --local_path--> directions.safetensors in the hub's cache

A revision that is a commit is fetched once and never asked for again; a branch or a tag is asked
for, and taken from the cache where the hub cannot be reached. Nothing else of a repository is
read, and nothing in it is executed. Free of torch.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from directions import measures
from directions.card import card
from directions.checkpoint import Directions
from directions.errors import HubError

PREFIX = "hub:"
FILE_NAME, CARD_NAME, REPORT_NAME = "directions.safetensors", "README.md", "report.html"
PICTURES = (".png", ".gif", ".webp")
_WORD = r"[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?"
_NAME = re.compile(rf"({_WORD}/{_WORD})(?:@([\w./-]+))?", re.ASCII)


class Shared(NamedTuple):
    """A repository of the hub, and the branch, tag or commit of it that is meant."""

    repository: str
    revision: str | None = None

    @classmethod
    def parsed(cls, name: str) -> "Shared":
        """Read `owner/name[@revision]`, with or without the prefix; raises `HubError`."""
        found = _NAME.fullmatch(name.removeprefix(PREFIX))
        if found is None:
            raise HubError(
                f"'{name}' is no name on the hub; write owner/name or owner/name@revision"
            )
        return cls(found[1], found[2])

    def __str__(self) -> str:
        return self.repository if self.revision is None else f"{self.repository}@{self.revision}"


def local_path(file: str) -> Path:
    """The path that a FILE argument names; what is on the hub is fetched into its cache.

    Raises `HubError` for a name of the hub that cannot be had.
    """
    if not file.startswith(PREFIX):
        return Path(file)
    shared = Shared.parsed(file)
    from huggingface_hub import hf_hub_download  # half a second, for those who need it

    with _told(shared, "could not be read from"):
        return Path(hf_hub_download(shared.repository, FILE_NAME, revision=shared.revision))


def results_folder(file: str) -> Path:
    """Where what is made of a FILE goes by default: beside it, or under `outputs` if shared."""
    if not file.startswith(PREFIX):
        return Path(file).parent
    return Path("outputs") / Shared.parsed(file).repository.replace("/", "-")


def companions(path: Path) -> list[Path]:
    """The report and the pictures that lie beside a directions file, by name."""
    beside = sorted(path.parent.glob("[!.]*"))
    return [one for one in beside if one.name == REPORT_NAME or one.suffix in PICTURES]


def push(path: Path, name: str, *, private: bool = False) -> str:
    """Put a directions file, its companions and a card into a repository, as one commit.

    The repository is made if there is none. Returns `hub:owner/name@commit`, which always names
    these very bytes; raises `DirectionsFileError` or `HubError`.
    """
    shared = Shared.parsed(name)
    if shared.revision is not None:
        raise HubError(f"a push makes a new revision; leave out '@{shared.revision}'")
    directions, beside = Directions.load(path), companions(path)
    text = card(directions, shared.repository, [one.name for one in beside])
    from huggingface_hub import CommitOperationAdd, HfApi

    files: dict[str, Path | bytes] = {FILE_NAME: path, CARD_NAME: text.encode()}
    files |= {one.name: one for one in beside}
    if measures.beside(path).is_file():
        files[measures.NAME] = measures.beside(path)
    with _told(shared, "could not be pushed to"):
        api = HfApi()
        api.create_repo(shared.repository, private=private, exist_ok=True)
        made = api.create_commit(
            shared.repository,
            [CommitOperationAdd(where, what) for where, what in files.items()],
            commit_message=f"Directions of {directions.identity.name}",
        )
    return f"{PREFIX}{shared.repository}@{made.oid}"


def measures_path(file: str) -> Path:
    """Where the measures of a FILE argument lie: beside it, or where results of it go."""
    if not file.startswith(PREFIX):
        return measures.beside(Path(file))
    return results_folder(file) / measures.NAME


@contextmanager
def _told(shared: Shared, failed: str) -> Iterator[None]:
    """Turn what the hub or the way to it refuses into one sentence."""
    try:
        yield
    except Exception as error:  # the hub's errors, and those of its HTTP client
        raise HubError(_sentence(error, shared, failed)) from None


def _sentence(error: Exception, shared: Shared, failed: str) -> str:
    from huggingface_hub import errors

    if isinstance(error, RuntimeError) and isinstance(error.__cause__, Exception):
        error = error.__cause__  # an upload's own error, which hides why
    status = getattr(getattr(error, "response", None), "status_code", None)
    if isinstance(error, errors.LocalEntryNotFoundError):
        return f"{shared} is not in the cache, and the hub could not be reached"
    if isinstance(error, errors.EntryNotFoundError):
        return f"{shared} holds no {FILE_NAME}; `directions push` puts one there"
    if isinstance(error, errors.RevisionNotFoundError):
        return f"{shared.repository} has no revision {shared.revision}"
    if isinstance(error, errors.RepositoryNotFoundError):
        return (
            f"no repository {shared.repository} on the hub, or it is private; "
            "`hf auth login` stores a token that may see it"
        )
    if status in (401, 403):
        return (
            f"the hub refused the token for {shared.repository} ({status}); "
            "`hf auth login` stores another, HF_TOKEN goes before it"
        )
    reason = str(error).splitlines()[0] if str(error) else type(error).__name__
    return f"{shared} {failed} the hub: {reason[:160]}"
