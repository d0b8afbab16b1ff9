"""What is not a slider of a direction: samples, classes, truncation, slots, reach."""

from collections.abc import Callable

from nicegui import ui

from cli.page.session import Session
from directions.edit import MOST_SAMPLES
from directions.explore.state import (
    FARTHEST,
    Enter,
    Extend,
    Reclass,
    Reseed,
    Resize,
    State,
    Truncate,
)

LARGEST_SEED = 2**31 - 1
MANY = 20  # classes; above, they are looked for by typing


class Settings:
    """The controls beside the sliders; those that the generator has no use for are left out."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.syncs: list[Callable[[], object]] = []
        identity = session.desk.identity
        with ui.element("section").classes("panel settings"):
            ui.label("Settings").classes("panel-title")
            if identity.labels:
                self._classes()
            with ui.element("div").classes("pair"):
                self._number("Seed", 0, LARGEST_SEED, 1, self._seed, lambda s: s.seed)
                self._number("Samples", 1, MOST_SAMPLES, 1, self._samples,
                             lambda s: len(s.edit.samples))  # fmt: skip
            self._number("Reach, in σ", 0.5, FARTHEST, 0.5, self._reach, lambda s: s.reach)
            if identity.truncation is not None:
                self._truncation()
            if identity.slots > 1:
                self._slots(identity.slots)
        session.listeners.append(self.sync)

    def sync(self) -> None:
        """Take everything from the state."""
        for sync in self.syncs:
            sync()

    def _number(
        self,
        label: str,
        low: float,
        high: float,
        step: float,
        act: Callable[[float | None], None],
        value: Callable[[State], float],
    ) -> None:
        number = ui.number(label, min=low, max=high, step=step, value=value(self.session.state))
        number.props("outlined dense debounce=300")
        number.on_value_change(lambda e: act(e.value))
        self.syncs.append(lambda: number.set_value(value(self.session.state)))

    def _seed(self, value: float | None) -> None:
        if value is not None and value != self.session.state.seed:
            self.session.act(Reseed(int(min(max(value, 0), LARGEST_SEED))))

    def _samples(self, value: float | None) -> None:
        if value is not None:
            self.session.act(Resize(int(value)))

    def _reach(self, value: float | None) -> None:
        if value is not None:
            self.session.act(Extend(float(value)))

    def _classes(self) -> None:
        identity = self.session.desk.identity
        names = dict(zip(identity.labels, identity.label_names, strict=True))
        chosen = ui.select(
            names, label="Class", multiple=True, value=self._labels(), with_input=len(names) > MANY
        )
        chosen.props("outlined dense use-chips")
        chosen.on_value_change(lambda e: self._reclass(e.value))
        self.syncs.append(lambda: chosen.set_value(self._labels()))

    def _labels(self) -> list[int]:
        return list(self.session.state.edit.labels)

    def _reclass(self, labels: list[int]) -> None:
        self.session.act(Reclass(tuple(labels)))

    def _truncation(self) -> None:
        told = self._captioned("Truncation", "lower is more typical, and more alike")
        slider = ui.slider(min=0.05, max=1, step=0.05).props("aria-label=truncation")
        slider.on("change", lambda e: self.session.act(Truncate(round(float(e.args), 2))))

        def sync() -> None:
            slider.value = self.session.state.edit.truncation
            told.text = f"{slider.value:g}"

        self.syncs.append(sync)

    def _slots(self, count: int) -> None:
        told = self._captioned("Slots", "where in the network z is edited")
        last = count - 1
        chosen = ui.range(min=0, max=last, value={"min": 0, "max": last})
        chosen.props("markers snap aria-label=slots")
        chosen.on("change", lambda e: self._enter(e.args, last))

        def sync() -> None:
            slots = self.session.state.edit.slots
            first, final = slots or (0, last)
            chosen.value = {"min": first, "max": final}
            told.text = "all" if slots is None else f"{first} to {final} of 0 to {last}"

        self.syncs.append(sync)

    def _enter(self, chosen: dict[str, float], last: int) -> None:
        slots = int(chosen["min"]), int(chosen["max"])
        self.session.act(Enter(None if slots == (0, last) else slots))

    def _captioned(self, name: str, tip: str) -> ui.label:
        with ui.element("div").classes("caption"):
            with ui.label(name):
                ui.tooltip(tip[0].upper() + tip[1:])
            return ui.label("").classes("value")
