"""The page as a whole: its bar, strip, sliders and settings, and the server behind it."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from nicegui import app, background_tasks, events, ui
from starlette.middleware.trustedhost import TrustedHostMiddleware

from cli.exploring import LOOPBACK, Desk
from cli.page.saving import Saver
from cli.page.session import Session
from cli.page.settings import Settings
from cli.page.sliders import Sliders
from cli.page.strip import Strip
from directions.explore.state import Reset

STYLE = Path(__file__).with_name("page.css").read_text()
ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" '
    'rx="7" fill="#3f51b5"/><path d="M6 11h20M6 21h20" stroke="#fff" stroke-width="2.4"/>'
    '<circle cx="20" cy="11" r="4" fill="#fff"/><circle cx="12" cy="21" r="4" fill="#fff"/></svg>'
)


def run(desk: Desk, host: str, port: int, ready: Callable[[], None]) -> None:
    """Serve until Ctrl-C; `ready` is called when the page can be opened."""

    async def root() -> None:
        client = ui.context.client
        await client.connected()
        if client.has_socket_connection:  # else who asked was no browser, or has left
            build(Session(desk, app.storage.tab))

    if host in LOOPBACK:  # another site's name that resolves to this machine is not ours
        app.add_middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost", "[::1]"])
    app.on_startup(lambda: background_tasks.create(_announce(host, port, ready)))
    ui.run(
        root, host=host, port=port, title=f"directions: {desk.identity.generator}", favicon=ICON,
        dark=None, tailwind=False, reload=False, show=False, show_welcome_message=False,
        message_history_length=0, timeout_graceful_shutdown=1,
    )  # fmt: skip


async def _announce(host: str, port: int, ready: Callable[[], None]) -> None:
    """Wait until the server listens: it starts up before it does."""
    while True:
        try:
            _, writer = await asyncio.open_connection(host, port)
        except OSError:
            await asyncio.sleep(0.05)
            continue
        writer.close()
        return ready()


def build(session: Session) -> None:
    """Lay the page out for one tab."""
    ui.add_css(STYLE)
    ui.colors(primary="var(--accent)", positive="#2e7d4f", negative="#b3363f")
    _bar(session)
    with ui.element("main").classes("page"):
        Strip(session)
        with ui.element("div").classes("panels"):
            Sliders(session)
            Settings(session)
    session.changed()


def _bar(session: Session) -> None:
    dark = ui.dark_mode(None)
    with ui.element("header").classes("bar"):
        with ui.element("div").classes("title"):
            ui.label(session.desk.identity.generator).classes("what")
            ui.label(str(session.desk.book.path or session.desk.start.edit.source)).classes("where")
        undo = _button("undo", "Undo (Ctrl-Z)", session.undo)
        redo = _button("redo", "Redo (Ctrl-Shift-Z)", session.redo)
        reset = _button("restart_alt", "Put all directions back", lambda: session.act(Reset()))
        _button("contrast", "Light or dark", lambda: _turn(dark))
        Saver(session)
    ui.keyboard(on_key=lambda e: _key(session, e))

    def sync() -> None:
        undo.set_enabled(bool(session.history.past))
        redo.set_enabled(bool(session.history.future))
        reset.set_enabled(bool(session.state.moved))

    session.listeners.append(sync)


def _button(icon: str, what: str, act: Callable[[], object]) -> ui.button:
    """A round button that says what it does."""
    with ui.button(icon=icon, color=None, on_click=act) as button:
        ui.tooltip(what)
    return button.props(f'flat round dense aria-label="{what}"').classes("tool")


def _turn(dark: ui.dark_mode) -> None:
    """From what the system says to dark, to light, and back."""
    dark.value = {None: True, True: False, False: None}[dark.value]


def _key(session: Session, event: events.KeyEventArguments) -> None:
    """Ctrl-Z and Ctrl-Shift-Z, on a Mac with the command key."""
    held = event.modifiers
    if event.action.keydown and (held.ctrl or held.meta) and event.key.name in ("z", "Z"):
        session.redo() if held.shift else session.undo()
