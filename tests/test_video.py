import threading
import time
from contextlib import closing

import pytest

from directions.video import ahead


def test_items_come_in_order_and_whole():
    assert list(ahead(range(100), 3)) == list(range(100))
    assert list(ahead([], 3)) == []


def test_a_slow_reader_does_not_gather_items():
    made = []

    def items():
        for number in range(50):
            made.append(number)
            yield number

    with closing(ahead(items(), 4)) as reader:
        assert next(reader) == 0
        time.sleep(0.5)
        assert 2 <= len(made) <= 6  # one read, four ready, one in hand


def test_what_goes_wrong_is_raised_where_it_is_read():
    def items():
        yield 1
        raise ZeroDivisionError("in the thread")

    reader = ahead(items(), 4)
    assert next(reader) == 1
    with pytest.raises(ZeroDivisionError, match="in the thread"):
        next(reader)


def test_making_goes_on_while_the_reader_is_busy():
    begun = threading.Event()

    def items():
        yield 1
        begun.set()
        yield 2

    with closing(ahead(items(), 2)) as reader:
        next(reader)
        assert begun.wait(5)  # no second next() was needed


def test_closing_stops_the_thread():
    def endless():
        while True:
            yield 0

    before = threading.active_count()
    with closing(ahead(endless(), 2)) as reader:
        next(reader)
        assert threading.active_count() == before + 1
    assert threading.active_count() == before
