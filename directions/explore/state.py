"""What the page shows, and what every action makes of it. Pure, and free of torch.

    (State, Action) --after--> State          (History, Action) --acted--> History

A direction has one value, which is an amount to move by or, where it is aligned, the coordinate
that all samples are brought to.
"""

import math
from collections.abc import Hashable
from dataclasses import dataclass, replace
from typing import NamedTuple

from directions.edit import MOST_SAMPLES, Edit, Sample

FARTHEST = 100.0  # the largest reach that can be asked for, in units of z
LONGEST_PAST = 200  # steps that can be undone


@dataclass(frozen=True, kw_only=True)
class State:
    """What undo brings back: the edit, how far sliders go, and which samples stay."""

    edit: Edit
    reach: float
    seed: int = 0
    pinned: frozenset[int] = frozenset()  # positions in the strip

    def value(self, row: int) -> float:
        """Where the slider of a direction stands."""
        return self.edit.aligned.get(row, self.edit.amounts.get(row, 0.0))

    @property
    def moved(self) -> tuple[int, ...]:
        """The rows that do something, by number."""
        return tuple(sorted({*self.edit.amounts, *self.edit.aligned}))


class Move(NamedTuple):
    """Put the slider of a direction somewhere."""

    row: int
    value: float


class Align(NamedTuple):
    """Bring all samples to the slider's coordinate along a direction, or move them by it again."""

    row: int
    on: bool


class Release(NamedTuple):
    """Put one direction back."""

    row: int


class Reset(NamedTuple):
    """Put all directions back."""


class Renew(NamedTuple):
    """Draw the next samples of the seed for all that are not pinned."""


class Reseed(NamedTuple):
    """Draw the first samples of another seed for all that are not pinned."""

    seed: int


class Pin(NamedTuple):
    """Keep the sample at a position when others are drawn, or let it go."""

    position: int
    on: bool


class Resize(NamedTuple):
    """Show so many samples."""

    samples: int


class Reclass(NamedTuple):
    """Show other classes; several take turns along the strip."""

    labels: tuple[int, ...]


class Truncate(NamedTuple):
    """Draw and generate at another truncation."""

    truncation: float


class Enter(NamedTuple):
    """Edit only where z enters the slots from the first to the last; None for all."""

    slots: tuple[int, int] | None


class Extend(NamedTuple):
    """Let sliders go so far; values beyond are drawn in."""

    reach: float


Action = (
    Move | Align | Release | Reset | Renew | Reseed | Pin | Resize | Reclass | Truncate
    | Enter | Extend
)  # fmt: skip


def after(state: State, action: Action) -> State:
    """The state that an action leads to; raises ValueError for an action that cannot be."""
    edit = state.edit
    match action:
        case Move(row, value):
            return replace(state, edit=_with_value(edit, row, _within(value, state.reach)))
        case Align(row, on):
            return replace(state, edit=_with_alignment(edit, row, on, state.value(row)))
        case Release(row):
            return replace(
                state, edit=_with_value(_with_alignment(edit, row, False, 0.0), row, 0.0)
            )
        case Reset():
            return replace(state, edit=replace(edit, amounts={}, aligned={}))
        case Renew():
            return _redrawn(state, state.seed, _next_number(state))
        case Reseed(seed):
            return _redrawn(replace(state, seed=seed), seed, 0)
        case Pin(position, on):
            if position >= len(edit.samples):
                raise ValueError(f"no sample at {position}; there are {len(edit.samples)}")
            pinned = state.pinned | {position} if on else state.pinned - {position}
            return replace(state, pinned=pinned)
        case Resize(count):
            return _resized(state, count)
        case Reclass(labels):
            if not labels:
                raise ValueError("a strip needs at least one class")
            return replace(state, edit=replace(edit, labels=labels))
        case Truncate(truncation):
            if not 0 < truncation <= 1:
                raise ValueError(f"truncation must be above 0 and at most 1, got {truncation:g}")
            return replace(state, edit=replace(edit, truncation=truncation))
        case Enter(slots):
            return replace(state, edit=replace(edit, slots=slots))
        case Extend(reach):
            return _extended(state, reach)


def _within(value: float, reach: float) -> float:
    if not math.isfinite(value):
        raise ValueError(f"a slider stands at a number, not {value}")
    return max(-reach, min(reach, value))


def _with_value(edit: Edit, row: int, value: float) -> Edit:
    if row in edit.aligned:
        return replace(edit, aligned=edit.aligned | {row: value})
    amounts = {other: amount for other, amount in edit.amounts.items() if other != row}
    return replace(edit, amounts=amounts | ({row: value} if value else {}))


def _with_alignment(edit: Edit, row: int, on: bool, value: float) -> Edit:
    amounts, aligned = (
        {other: one for other, one in rows.items() if other != row}
        for rows in (edit.amounts, edit.aligned)
    )
    if on:
        return replace(edit, amounts=amounts, aligned=aligned | {row: value})
    return replace(edit, amounts=amounts | ({row: value} if value else {}), aligned=aligned)


def _next_number(state: State) -> int:
    return 1 + max((s.number for s in state.edit.samples if s.seed == state.seed), default=-1)


def _redrawn(state: State, seed: int, number: int) -> State:
    """New samples from `number` on, around the pinned ones, which are not drawn a second time."""
    kept = {state.edit.samples[position] for position in state.pinned}
    samples = []
    for position, sample in enumerate(state.edit.samples):
        if position not in state.pinned:
            while (sample := Sample(seed, number)) in kept:
                number += 1
            number += 1
        samples.append(sample)
    return replace(state, edit=replace(state.edit, samples=tuple(samples)))


def _resized(state: State, count: int) -> State:
    if not 1 <= count <= MOST_SAMPLES:
        raise ValueError(f"a strip has 1 to {MOST_SAMPLES} samples, got {count}")
    first = _next_number(state)
    more = (Sample(state.seed, first + index) for index in range(count - len(state.edit.samples)))
    samples = (*state.edit.samples[:count], *more)
    pinned = frozenset(position for position in state.pinned if position < count)
    return replace(state, edit=replace(state.edit, samples=samples), pinned=pinned)


def _extended(state: State, reach: float) -> State:
    if not 0 < reach <= FARTHEST:
        raise ValueError(f"reach must be above 0 and at most {FARTHEST:g}, got {reach:g}")
    amounts, aligned = (
        {row: _within(value, reach) for row, value in rows.items()}
        for rows in (state.edit.amounts, state.edit.aligned)
    )
    edit = replace(state.edit, amounts=amounts, aligned=aligned)
    return replace(state, edit=edit, reach=reach)


class History(NamedTuple):
    """The present state, and those before and after it."""

    present: State
    past: tuple[State, ...] = ()
    future: tuple[State, ...] = ()
    dragged: Hashable = None  # the slider that is being moved: its steps are undone as one


def acted(history: History, action: Action) -> History:
    """Act, and remember what was before. An action that changes nothing is not remembered."""
    state = after(history.present, action)
    if state == history.present:
        return history
    drag = (Move, action.row) if isinstance(action, Move) else None
    if drag is not None and drag == history.dragged:
        return history._replace(present=state, future=())
    past = (*history.past, history.present)[-LONGEST_PAST:]
    return History(state, past, (), drag)


def settled(history: History) -> History:
    """A slider was let go: what follows is undone by itself."""
    return history._replace(dragged=None)


def undone(history: History) -> History:
    """One step back, if there is one."""
    if not history.past:
        return history
    *past, state = history.past
    return History(state, tuple(past), (history.present, *history.future))


def redone(history: History) -> History:
    """One step forth, if there is one."""
    if not history.future:
        return history
    state, *future = history.future
    return History(state, (*history.past, history.present), tuple(future))
