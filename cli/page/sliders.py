"""The sliders: a row for every direction that is shown, the best first."""

from collections.abc import Callable

from nicegui import ui

from cli.page.session import FIRST_SHOWN, Session, mark
from directions.errors import DirectionsError
from directions.explore.book import shown
from directions.explore.state import Align, Move, Release
from directions.names import LONGEST_NAME, LONGEST_NOTE

STEPS = 200  # of a slider, from one end to the other


class Smooth(ui.slider):
    """A slider that moves at once in the browser, without waiting for an answer."""

    LOOPBACK = False


class Row:
    """One direction: its name, slider, value, and whether samples are aligned along it."""

    def __init__(self, session: Session, row: int, rename: Callable[[int], None]) -> None:
        self.session, self.row = session, row
        with ui.element("div").classes("direction") as self.element:
            self.element.props(f'data-row={row} role=group aria-label="direction {row}"')
            with ui.element("div").classes("who"):
                ui.label(str(row)).classes("number")
                with ui.element("div").classes("names"):
                    self.name = ui.label("").classes("name")
                    self.what = ui.label("").classes("what")
                if session.desk.book.path is not None:
                    pencil = ui.button(icon="edit", color=None, on_click=lambda: rename(row))
                    pencil.classes("quiet").props(
                        f'flat round dense size=sm aria-label="name direction {row}"'
                    )
            with ui.element("div").classes("how"):
                self.slider = Smooth(min=-1, max=1, step=0.01, value=0)
                self.slider.on_value_change(lambda e: session.act(Move(row, e.value or 0.0)))
                self.slider.on("change", lambda e: self._let_go(e.args))
                self.slider.props(f'aria-label="amount of direction {row}"')
                self.value = ui.label("").classes("value")
                self.align = ui.switch("align").props("dense").classes("align")
                self.align.on_value_change(lambda e: session.act(Align(row, bool(e.value))))
                with self.align:
                    ui.tooltip("Bring all samples to one coordinate: the slider's")
                self.back = ui.button(icon="close", color=None).classes("quiet back")
                self.back.on_click(lambda: session.act(Release(row)))
                self.back.props(f'flat round dense size=sm aria-label="put back direction {row}"')

    def _let_go(self, value: float) -> None:
        """A drag ends here; its last step may be told only after its end."""
        self.session.act(Move(self.row, float(value)))
        self.session.settle()

    def sync(self) -> None:
        """Take everything from the state and the names."""
        state, book = self.session.state, self.session.desk.book
        value, aligned = state.value(self.row), self.row in state.edit.aligned
        if self.slider.props["max"] != state.reach:
            self.slider.props.update(min=-state.reach, max=state.reach, markers=state.reach)
            self.slider.props["step"] = 2 * state.reach / STEPS
        self.slider.value = value
        self.value.text = f"{value:+.2f}" if value or aligned else "0"
        self.align.value = aligned
        low, high = sorted((0.0, value / state.reach))
        self.element.style(f"--low: {50 + 50 * low:g}%; --high: {50 + 50 * high:g}%")
        mark(self.element, "on", value != 0 or aligned)
        self.name.text = book.name(self.row) or "unnamed"
        mark(self.name, "quiet", not book.name(self.row))
        self.what.text = book.note(self.row) or book.description(self.row)


class Sliders:
    """The rows, what is looked for, and how many are shown."""

    def __init__(self, session: Session) -> None:
        self.session, self.rows = session, []
        with ui.element("section").classes("panel directions"):
            with ui.element("div").classes("panel-head"):
                ui.label("Directions").classes("panel-title")
                search = ui.input(placeholder="number or name", value=session.search)
                search.props("dense outlined clearable debounce=150 aria-label=search")
                search.classes("search").on_value_change(lambda e: self._search(e.value or ""))
            self.list = ui.element("div").classes("list")
            self.nothing = ui.label("No direction has that number or name.").classes("nothing")
            self.more = ui.button("", on_click=self._more).classes("more")
            self.more.props("flat dense no-caps")
        self._dialog()
        session.listeners.append(self.sync)

    def sync(self) -> None:
        """Show the rows that should be, as the state has them."""
        session, book = self.session, self.session.desk.book
        found = book.found(session.search)
        rows = shown(found, () if session.search else session.state.moved, session.most)
        if rows != [one.row for one in self.rows]:
            self.list.clear()
            with self.list:
                self.rows = [Row(session, row, self._rename) for row in rows]
        for one in self.rows:
            one.sync()
        self.nothing.set_visibility(not rows)
        self.more.set_visibility(len(found) > FIRST_SHOWN)
        all_shown = len(rows) >= len(found)
        self.more.text = f"Show {FIRST_SHOWN}" if all_shown else f"Show all {len(found)}"

    def _search(self, text: str) -> None:
        self.session.search = text
        self.sync()

    def _more(self) -> None:
        everything = len(self.session.desk.book.order)
        self.session.most = FIRST_SHOWN if self.session.most == everything else everything
        self.sync()

    def _dialog(self) -> None:
        with ui.dialog() as self.dialog, ui.card().classes("naming"):
            self.title = ui.label("").classes("panel-title")
            self.name = ui.input("Name").props(f"outlined dense autofocus maxlength={LONGEST_NAME}")
            self.note = ui.input("Note").props(f"outlined dense maxlength={LONGEST_NOTE}")
            for text in (self.name, self.note):
                text.on("keydown.enter", self._keep)
            with ui.element("div").classes("naming-foot"):
                ui.button("Cancel", on_click=self.dialog.close).props("flat no-caps")
                ui.button("Save name", on_click=self._keep).props("unelevated no-caps")

    def _rename(self, row: int) -> None:
        book = self.session.desk.book
        self.named, self.title.text = row, f"Direction {row}"
        self.name.value, self.note.value = book.name(row), book.note(row)
        self.dialog.open()

    def _keep(self) -> None:
        desk = self.session.desk
        try:
            desk.book = desk.book.renamed(self.named, self.name.value or "", self.note.value or "")
        except DirectionsError as error:
            ui.notify(str(error), type="negative")
            return
        self.dialog.close()
        self.session.changed()
