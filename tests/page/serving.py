"""The page's server in a process of its own."""

import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

BROWSER = Path("/usr/bin/chromium")
SAMPLES = 3


@contextmanager
def serving(folder, *arguments, end=signal.SIGTERM):
    """A server in a process of its own; gives its address and, at the end, checks what it said."""
    env = {name: value for name, value in os.environ.items() if name != "PYTEST_CURRENT_TEST"}
    log = folder / "server.log"
    with log.open("w") as said:
        server = subprocess.Popen(
            [sys.executable, "-m", "cli", "explore", *map(str, arguments), "--port", "0",
             "--device", "cpu"],
            stdout=subprocess.PIPE, stderr=said, text=True, cwd=folder, env=env,
        )  # fmt: skip
    try:
        assert server.stdout is not None
        address = server.stdout.readline().strip()
        assert address.startswith("http://127.0.0.1:"), log.read_text()
        yield address
    finally:
        server.send_signal(end)
        code = server.wait(timeout=30)
        server.stdout.close()
    assert log.read_text() == "" and code == (0 if end == signal.SIGINT else -end)
