"""What the README says is what the program does."""

import re
import shlex
from pathlib import Path

import pytest
import typer

from cli.main import app

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "README.md").read_text()


def commands():
    """Every `directions ...` command, in a code block or between backticks."""
    blocks = "\n".join(re.findall(r"```bash\n(.*?)```", TEXT, re.S))
    lines = re.split(r"\n|&&|;", blocks) + re.findall(r"`(directions [^`]+)`", TEXT)
    words = [shlex.split(line.replace("do ", "").strip(), comments=True) for line in lines if line]
    return [w[1:] for w in words if w[:1] == ["directions"] and len(w) > 2]


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_every_command_parses(words):
    command, words = typer.main.get_command(app), [w.replace("$seed", "1") for w in words]
    while hasattr(command, "commands"):
        command = command.commands[words.pop(0)]
    command.make_context("directions", words)


def test_pictures_are_there():
    names = re.findall(r"\]\((docs/[^)]+)\)", TEXT)
    assert names and all((ROOT / name).is_file() for name in names)
    assert sum(path.stat().st_size for path in (ROOT / "docs").iterdir()) < 3 * 2**20


def test_no_placeholder_is_left():
    assert not re.findall(r"@[A-Z]+@", TEXT)
