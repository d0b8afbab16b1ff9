"""One tab: its history, how it looks at it, and who must know when either changes."""

from collections.abc import Callable, MutableMapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from nicegui import ui

from cli.exploring import Desk
from directions.edit import Point
from directions.explore.state import Action, History, State, acted, redone, settled, undone

FIRST_SHOWN = 8  # sliders, until more are asked for


class View(StrEnum):
    """Which pictures the strip shows."""

    after = "after"
    before = "before"
    both = "both"


@dataclass
class Session:
    """What a tab does. `kept` outlives the page: a reload finds the history where it was."""

    desk: Desk
    kept: MutableMapping[str, Any]
    view: View = View.after
    search: str = ""
    most: int = FIRST_SHOWN
    listeners: list[Callable[[], None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.kept.setdefault("history", History(self.desk.start))

    @property
    def history(self) -> History:
        """The present state, and those before and after it."""
        return self.kept["history"]

    @property
    def state(self) -> State:
        """What the page shows."""
        return self.history.present

    @property
    def wanted(self) -> tuple[Point, ...]:
        """The pictures that must be there, those that change first."""
        edit = self.state.edit
        match self.view:
            case View.after:
                return edit.points
            case View.before:
                return edit.before
            case View.both:
                return (*edit.points, *edit.before)

    def act(self, action: Action) -> None:
        """Act on the state. What cannot be is left: a page may send anything."""
        try:
            self._go(acted(self.history, action))
        except ValueError:
            self.changed()

    def settle(self) -> None:
        """A slider was let go."""
        self.kept["history"] = settled(self.history)

    def undo(self) -> None:
        """One step back."""
        self._go(undone(self.history))

    def redo(self) -> None:
        """One step forth."""
        self._go(redone(self.history))

    def look(self, view: View) -> None:
        """Show the pictures before, after, or both."""
        self.view = view
        self.changed()

    def changed(self) -> None:
        """Tell everyone."""
        for listener in self.listeners:
            listener()

    def _go(self, history: History) -> None:
        self.kept["history"] = history
        self.changed()


def mark(element: ui.element, name: str, on: bool) -> None:
    """Give an element a class of the style sheet, or take it away."""
    element.classes(add=name) if on else element.classes(remove=name)
