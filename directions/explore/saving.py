"""Edits in a run folder, under names that nobody has to think of. Free of torch."""

from pathlib import Path

from directions.edit import Edit
from directions.errors import RunError

SUFFIXES = (".json", ".png", ".mp4")


def free_edit(folder: Path) -> Path:
    """The first of edit-1.json, edit-2.json... that no file of an edit has taken."""
    number = 1
    while any((folder / f"edit-{number}{suffix}").exists() for suffix in SUFFIXES):
        number += 1
    return folder / f"edit-{number}.json"


def save_edit(edit: Edit, folder: Path) -> Path:
    """Save an edit under a free name; raises `RunError` where the folder cannot be written."""
    path = free_edit(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        edit.save(path)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise RunError(f"cannot write to {folder}: {reason}") from None
    return path
