"""What `explore` does between reading its options and serving its page."""

import asyncio
import importlib.util
import socket
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from cli import console
from cli.opening import BASELINES, Subject, open_subject
from directions.checkpoint import Directions
from directions.edit import Edit, Sample
from directions.errors import EditError, PageError
from directions.explore.book import Book
from directions.explore.state import State
from directions.explore.studio import Studio
from directions.generators.open import Opened, open_generator
from directions.hub import PREFIX, local_path, measures_path
from directions.identity import Identity
from directions.measures import basis_digest

LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass
class Desk:
    """All that the page works on: one for all tabs, but for what each of them does."""

    studio: Studio
    book: Book
    start: State
    identity: Identity  # of the generator with all its classes
    folder: Path  # where edits are saved
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)  # one picture is made at a time


def require_page() -> None:
    """Say what to install where the page's library is missing."""
    if importlib.util.find_spec("nicegui") is None:
        raise PageError("the page needs nicegui; install it with pip install 'directions[explore]'")


def free_port(host: str, port: int) -> int:
    """The port, or any for 0; raises `PageError` if it cannot be listened on."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            return probe.getsockname()[1]
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise PageError(
            f"cannot serve on {host}:{port}: {reason}; "
            "give another --host or --port, or --port 0 for a free one"
        ) from None


def opened(source: tuple, edit: Path | None, samples: int, reach: float | None) -> Desk:
    """Open the directions, all classes of their generator, and what the page starts with."""
    subject = open_subject(*source)
    book = _book(source[0], subject)
    basis = subject.basis.cpu().numpy()
    if book.complaint:
        console.note(f"directions in their own order: {book.complaint}")
    studio = Studio(subject.basis, partial(_network, subject))
    known = source[0] if source[0].startswith(PREFIX) else Path(source[0]).name
    start = _fresh(subject, known, samples, source[-1])
    identity = studio.network(start.truncation).identity
    if edit is not None:
        start = _saved(edit, start, len(basis), identity)
    values = (*start.amounts.values(), *start.aligned.values())
    state = State(
        edit=start, reach=max(reach or subject.reach, *map(abs, values), 0), seed=source[-1]
    )
    return Desk(studio, book, state, identity, subject.folder)


def _book(file: str, subject: Subject) -> Book:
    """The rows of what is open; only a file on this machine takes names."""
    if file in BASELINES:
        basis = subject.basis.cpu().numpy()
        return Book(Directions(basis=basis, identity=subject.identity), None)
    learnt, mine = Directions.load(local_path(file)), not file.startswith(PREFIX)
    return Book.of(learnt, Path(file) if mine else None, measures_path(file))


def _network(subject: Subject, truncation: float | None) -> Opened:
    """The subject's generator with all its classes."""
    labels = ["any"] if subject.identity.labels else []
    kept = 1.0 if truncation is None else truncation
    return open_generator(subject.identity.generator, labels, kept, subject.device)


def _fresh(subject: Subject, source: str, samples: int, seed: int) -> Edit:
    identity, slots = subject.identity, subject.slots
    return Edit(
        source=source,
        basis=basis_digest(subject.basis.cpu().numpy()),
        generator=identity.generator,
        weights=identity.weights,
        samples=tuple(Sample(seed, number) for number in range(samples)),
        labels=identity.labels,
        truncation=identity.truncation,
        slots=None if slots is None else (slots.start, slots.stop - 1),
    )


def _saved(path: Path, fresh: Edit, rows: int, identity: Identity) -> Edit:
    """An edit from a file, if it belongs to what is open."""
    edit = Edit.load(path)
    edit.require_match(fresh.basis, rows, identity, path)
    if unknown := set(edit.labels) - set(identity.labels):
        raise EditError(
            f"{path} shows class {min(unknown)}; {identity.generator} has classes 0 to "
            f"{len(identity.labels) - 1}"
        )
    return replace(edit, source=fresh.source, labels=edit.labels or fresh.labels)


def serve(desk: Desk, host: str, port: int) -> None:
    """Serve the page until Ctrl-C."""
    from cli.page import page

    address = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    if host not in LOOPBACK:
        console.note(f"{address} is open to everyone who can reach this machine")
    with suppress(KeyboardInterrupt):
        page.run(desk, host, port, ready=lambda: console.result(address))
