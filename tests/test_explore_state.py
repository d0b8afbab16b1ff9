import random
from dataclasses import replace

import pytest

from directions.edit import Edit, Sample
from directions.explore.state import (
    LONGEST_PAST,
    Align,
    Enter,
    Extend,
    History,
    Move,
    Pin,
    Reclass,
    Release,
    Renew,
    Reseed,
    Reset,
    Resize,
    State,
    Truncate,
    acted,
    after,
    redone,
    settled,
    undone,
)

START = State(
    edit=Edit(
        source="a", basis="b", generator="c", weights="d", labels=(1,), truncation=1.0,
        samples=tuple(Sample(0, number) for number in range(4)),
    ),
    reach=5.0,
)  # fmt: skip


def through(*actions, state=START):
    for action in actions:
        state = after(state, action)
    return state


def numbers(state):
    return [(sample.seed, sample.number) for sample in state.edit.samples]


def test_several_directions_move_at_once():
    state = through(Move(2, 1.5), Move(0, -1.0))
    assert state.edit.amounts == {2: 1.5, 0: -1.0} and state.moved == (0, 2)
    assert state.value(2) == 1.5 and state.value(1) == 0


def test_a_direction_at_the_centre_is_no_edit():
    assert through(Move(2, 1.5), Move(2, 0.0)) == START


def test_sliders_end_at_the_reach():
    assert through(Move(0, 80.0)).edit.amounts == {0: 5.0}
    assert through(Move(0, -80.0)).edit.amounts == {0: -5.0}


def test_alignment_takes_the_slider_over_as_its_target():
    state = through(Move(1, 2.0), Align(1, True))
    assert state.edit.aligned == {1: 2.0} and state.edit.amounts == {}
    assert through(Move(1, -1.0), state=state).edit.aligned == {1: -1.0}
    assert through(Align(1, False), state=state) == through(Move(1, 2.0))


def test_alignment_to_the_centre_is_an_edit():
    state = through(Align(1, True))
    assert state.edit.aligned == {1: 0.0} and state.moved == (1,)
    assert through(Align(1, False), state=state) == START


def test_release_puts_one_direction_back_and_reset_all():
    state = through(Move(0, 1.0), Move(1, 1.0), Align(1, True), Align(2, True))
    assert through(Release(1), state=state).moved == (0, 2)
    assert through(Release(0), Release(2), state=state).moved == (1,)
    assert through(Reset(), state=state) == START


def test_reset_leaves_samples_classes_and_reach():
    state = through(Renew(), Pin(1, True), Reclass((2,)), Extend(3.0))
    assert through(Move(0, 1.0), Reset(), state=state) == state


def test_new_samples_are_the_next_of_the_seed():
    assert numbers(through(Renew())) == [(0, 4), (0, 5), (0, 6), (0, 7)]
    assert numbers(through(Renew(), Renew()))[0] == (0, 8)


def test_pinned_samples_stay_where_they_are():
    state = through(Pin(1, True), Renew())
    assert numbers(state) == [(0, 4), (0, 1), (0, 5), (0, 6)]
    assert numbers(through(Pin(1, False), Renew(), state=state))[1] != (0, 1)


def test_another_seed_starts_at_its_first_sample_and_leaves_the_pinned():
    state = through(Pin(0, True), Reseed(7))
    assert numbers(state) == [(0, 0), (7, 0), (7, 1), (7, 2)] and state.seed == 7


def test_no_sample_is_shown_twice_beside_a_pinned_one():
    state = through(Pin(2, True), Renew(), Reseed(0))
    assert numbers(state) == [(0, 0), (0, 1), (0, 2), (0, 3)]
    state = through(Pin(3, True), Reseed(0))
    assert numbers(state) == [(0, 0), (0, 1), (0, 2), (0, 3)]
    state = through(Renew(), Pin(0, True), Reseed(0), Reseed(0))
    assert numbers(state) == [(0, 4), (0, 0), (0, 1), (0, 2)]


def test_a_strip_grows_by_new_samples_and_shrinks_from_its_end():
    assert numbers(through(Resize(6)))[4:] == [(0, 4), (0, 5)]
    state = through(Pin(3, True), Pin(0, True), Resize(2))
    assert numbers(state) == [(0, 0), (0, 1)] and state.pinned == {0}


def test_a_smaller_reach_draws_values_in():
    state = through(Move(0, 4.0), Move(1, -1.0), Align(1, True), Align(2, True), Extend(0.5))
    assert state.edit.amounts == {0: 0.5} and state.edit.aligned == {1: -0.5, 2: 0.0}
    assert state.reach == 0.5


def test_class_truncation_and_slots_go_into_the_edit():
    state = through(Reclass((2, 0)), Truncate(0.4), Enter((1, 3)))
    edit = state.edit
    assert (edit.labels, edit.truncation, edit.slots) == ((2, 0), 0.4, (1, 3))
    assert through(Enter(None), state=state).edit.slots is None


@pytest.mark.parametrize(
    ("action", "told"),
    [
        (Move(0, float("nan")), "a slider stands at a number, not nan"),
        (Pin(4, True), "no sample at 4; there are 4"),
        (Resize(0), "a strip has 1 to 64 samples, got 0"),
        (Resize(65), "a strip has 1 to 64 samples, got 65"),
        (Reclass(()), "a strip needs at least one class"),
        (Truncate(0.0), "truncation must be above 0 and at most 1, got 0"),
        (Extend(0.0), "reach must be above 0 and at most 100, got 0"),
        (Extend(101.0), "reach must be above 0 and at most 100, got 101"),
    ],
)
def test_what_cannot_be_is_refused(action, told):
    with pytest.raises(ValueError, match=f"^{told}$"):
        after(START, action)


ACTIONS = [Move(0, 1.0), Align(1, True), Renew(), Pin(1, True), Resize(6), Reclass((2, 3)),
           Truncate(0.5), Enter((0, 1)), Extend(2.0), Reseed(9)]  # fmt: skip


@pytest.mark.parametrize("action", ACTIONS)
def test_every_action_can_be_undone_and_done_again(action):
    history = acted(History(START), action)
    assert history.present != START
    assert undone(history).present == START
    assert redone(undone(history)).present == history.present


def test_undo_walks_back_through_everything_and_redo_forth():
    history, states = History(START), [START]
    for action in ACTIONS:
        history = acted(history, action)
        states.append(history.present)
    for state in reversed(states[:-1]):
        history = undone(history)
        assert history.present == state
    assert undone(history) == history
    for state in states[1:]:
        history = redone(history)
        assert history.present == state
    assert redone(history) == history


def test_a_drag_is_undone_as_one_step():
    history = History(START)
    for value in (0.1, 0.2, 0.3):
        history = acted(history, Move(0, value))
    assert len(history.past) == 1 and undone(history).present == START


def test_a_slider_that_was_let_go_starts_another_step():
    history = acted(History(START), Move(0, 1.0))
    history = acted(settled(history), Move(0, 2.0))
    assert undone(history).present == through(Move(0, 1.0))


def test_another_slider_starts_another_step():
    history = acted(acted(History(START), Move(0, 1.0)), Move(1, 1.0))
    assert undone(history).present == through(Move(0, 1.0))


def test_a_drag_after_undo_is_a_step_of_its_own():
    history = undone(acted(acted(History(START), Move(1, 1.0)), Move(0, 1.0)))
    history = acted(history, Move(1, 2.0))
    assert undone(history).present == through(Move(1, 1.0))


def test_a_new_action_forgets_what_was_undone():
    history = acted(undone(acted(History(START), Move(0, 1.0))), Renew())
    assert history.future == ()
    dragged = acted(acted(History(START), Move(0, 1.0)), Move(0, 2.0))
    assert dragged.future == ()


def test_what_changes_nothing_is_not_remembered():
    history = acted(History(START), Reset())
    assert history == History(START)


def test_the_past_is_not_endless():
    history = History(START)
    for number in range(LONGEST_PAST + 50):
        history = acted(history, Reseed(number + 1))
    assert len(history.past) == LONGEST_PAST


def test_random_actions_leave_a_state_that_can_be_saved_and_undone(tmp_path):
    rng = random.Random(0)

    def action():
        return rng.choice([
            Move(rng.randrange(5), rng.uniform(-9, 9)), Align(rng.randrange(5), rng.random() < 0.5),
            Release(rng.randrange(5)), Reset(), Renew(), Reseed(rng.randrange(9)),
            Pin(rng.randrange(3), rng.random() < 0.5), Resize(rng.randrange(3, 12)),
            Extend(rng.uniform(1, 9)), Truncate(rng.uniform(0.1, 1)),
        ])  # fmt: skip

    history, seen = History(START), [START]
    for number in range(150):
        history = settled(acted(history, action()))
        if history.present != seen[-1]:
            seen.append(history.present)
        state = history.present
        assert not set(state.edit.amounts) & set(state.edit.aligned)
        assert all(abs(state.value(row)) <= state.reach for row in state.moved)
        assert len(set(state.edit.samples)) == len(state.edit.samples)
        assert max(state.pinned, default=0) < len(state.edit.samples)
        if number % 25 == 0:
            state.edit.save(tmp_path / "edit.json")
            assert Edit.load(tmp_path / "edit.json") == state.edit
    for state in reversed(seen[:-1]):
        history = undone(history)
        assert history.present == state
    assert replace(history.present) == START
