"""Processes that work for another one, and do not outlive it."""

import os
from multiprocessing import parent_process
from multiprocessing.connection import wait
from threading import Thread


def end_with_parent() -> None:
    """Leave when the main process is killed: its workers would wait for more work for ever."""
    parent = parent_process()
    assert parent is not None  # only workers run this

    def watch() -> None:
        wait([parent.sentinel])
        os._exit(1)

    Thread(target=watch, daemon=True).start()
