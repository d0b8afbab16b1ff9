"""The strip of pictures, and the loop that makes those that are missing."""

import asyncio
import base64
import time
from collections.abc import Sequence

from nicegui import background_tasks, ui

from cli.page.session import Session, View, mark
from directions.edit import Point
from directions.errors import DirectionsError
from directions.explore.state import Pin, Renew

WIDEST = 10  # pictures in a row of the strip
AT_ONCE = 0.05  # seconds of making pictures before looking whether they are still wanted
SLOW = 0.15  # seconds; what takes longer is told, and shown picture by picture


class Tile:
    """A picture with a pin; two pictures where before and after are compared."""

    def __init__(self, session: Session, position: int) -> None:
        self.session, self.position = session, position
        with ui.element("figure").classes("tile") as self.figure:
            self.before, self.after = (
                ui.element("img").classes(f"picture {name}").props(f"draggable=false alt={name}")
                for name in ("before", "after")
            )
            self.pin = ui.button(icon="push_pin", color=None, on_click=self._pin).classes("pin")
            self.pin.props("flat round dense size=sm")
            with self.pin:
                self.tip = ui.tooltip("")

    def _pin(self) -> None:
        pinned = self.position in self.session.state.pinned
        self.session.act(Pin(self.position, not pinned))

    def sync(self) -> None:
        """Take pin and view from the state."""
        state = self.session.state
        pinned, sample = self.position in state.pinned, state.edit.samples[self.position]
        mark(self.pin, "pinned", pinned)
        self.pin.props(f'aria-label="{"unpin" if pinned else "pin"} sample {sample.number}"')
        what = "pinned: stays when samples are drawn" if pinned else "pin it to keep it"
        self.tip.text = f"Sample {sample.number} of seed {sample.seed}; {what}"
        self.before.set_visibility(self.session.view != View.after)
        self.after.set_visibility(self.session.view != View.before)

    def paint(self, before: Point, after: Point) -> None:
        """Show what there is of the two, and mark what is yet to come."""
        for picture, point in ((self.before, before), (self.after, after)):
            png = self.session.desk.studio.pictures.get(point)
            mark(picture, "stale", png is None)
            if png is not None:
                source = f"data:image/png;base64,{base64.b64encode(png).decode()}"
                if picture.props.get("src") != source:
                    picture.props["src"] = source


class Strip:
    """All tiles, what is being done for them, and new samples."""

    def __init__(self, session: Session) -> None:
        self.session, self.busy = session, False
        self.tiles: list[Tile] = []
        with ui.element("section").classes("strip-panel"):
            self.strip = ui.element("div").classes("strip")
            with ui.element("div").classes("strip-foot"):
                self.told = ui.label("Ready").classes("told").props("role=status aria-live=polite")
                views = ui.toggle([str(view) for view in View], value=str(session.view))
                views.on_value_change(lambda e: session.look(View(e.value)))
                views.props("flat dense no-caps").classes("views")
                renew = ui.button("New samples", icon="casino")
                renew.on_click(lambda: session.act(Renew()))
                renew.props("outline dense no-caps").classes("renew")
        session.listeners.append(self.sync)

    def sync(self) -> None:
        """Follow the state: at once where all pictures are known, else as they are made."""
        self._fit(len(self.session.state.edit.samples))
        for tile in self.tiles:
            tile.sync()
        if not self._missing():
            self._paint()
        elif not self.busy:
            background_tasks.create(self._make())

    def _fit(self, count: int) -> None:
        while len(self.tiles) > count:
            self.tiles.pop().figure.delete()
        rows = -(-count // WIDEST)
        self.strip.style(f"--columns: {-(-count // rows)}")
        with self.strip:
            self.tiles += [Tile(self.session, n) for n in range(len(self.tiles), count)]

    def _missing(self) -> Sequence[Point]:
        return self.session.desk.studio.missing(self.session.wanted)

    def _paint(self) -> None:
        edit = self.session.state.edit
        # A page that was just left may have another number of tiles than its tab now has samples.
        for tile, before, after in zip(self.tiles, edit.before, edit.points, strict=False):
            tile.paint(before, after)

    async def _make(self) -> None:
        """Make what is missing, one by one. What is no longer wanted is not made."""
        self.busy, began = True, time.monotonic()
        shown, made = began, 0
        try:
            while (todo := self._missing()) and not self.strip.is_deleted:
                if time.monotonic() - shown > SLOW or not self._is_open(todo[0]):
                    self._paint()
                    self.told.text = self._doing(todo)
                    shown = time.monotonic()
                async with self.session.desk.turn:
                    made += await asyncio.to_thread(self.session.desk.studio.make, todo, AT_ONCE)
            self._paint()
            spent = time.monotonic() - began
            self.told.text = f"{made} {'picture' if made == 1 else 'pictures'} in {_time(spent)}"
        except DirectionsError as error:
            self.told.text = str(error)
        except Exception:
            self.told.text = "This could not be generated; the terminal says why"
            raise
        finally:
            self.busy = False

    def _is_open(self, point: Point) -> bool:
        return point.truncation in self.session.desk.studio.networks

    def _doing(self, todo: Sequence[Point]) -> str:
        if not self._is_open(todo[0]):
            return f"Opening the generator at truncation {todo[0].truncation:g}…"
        wanted = len(set(self.session.wanted))
        return f"Generating picture {wanted - len(todo) + 1} of {wanted}…"


def _time(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"
