"""Running commands as a user would, on a screen so wide that no message is broken."""

import re
from pathlib import Path

from typer.testing import CliRunner

from cli.main import app
from directions.errors import DirectionsError


def invoke(*arguments):
    """Run `directions` with these arguments, whatever comes of it."""
    wide = {"COLUMNS": "300", "TERMINAL_WIDTH": "300"}
    return CliRunner().invoke(app, [str(argument) for argument in arguments], env=wide)


def finished(*arguments):
    """Run `directions` with these arguments, which must do."""
    done = invoke(*arguments)
    assert done.exit_code == 0, done.output
    return done


def assert_refused(sentence, *arguments):
    """These arguments get one line, in which * stands for anything; no file here changes."""
    before = _files()
    done = invoke(*arguments)
    assert isinstance(done.exception, DirectionsError), done.output
    told = str(done.exception)
    assert re.fullmatch(".*".join(map(re.escape, sentence.split("*"))), told), told
    assert _files() == before


def _files():
    return {path: path.is_file() and path.read_bytes() for path in Path().rglob("*")}
