"""From what JSON gives to the dataclasses it stands for, with every type checked."""

import dataclasses
import math
import types
from typing import Any, Union, get_args, get_origin, get_type_hints


def built(kind: Any, plain: Any, where: str) -> Any:
    """Make a value of type `kind` of plain ones.

    Knows numbers, texts, lists, tuples, mappings of texts, dataclasses, and any of these or None.
    Raises `TypeError` in a sentence for the first value that is another, with its place.
    """
    origin, inner = get_origin(kind) or kind, get_args(kind)
    if kind is Any:
        return plain
    if origin in (Union, types.UnionType):
        (one,) = (one for one in inner if one is not type(None))
        return None if plain is None else built(one, plain, where)
    if dataclasses.is_dataclass(kind):
        return _dataclass(kind, _is(plain, dict, where), where)
    if origin is dict:
        found = _is(plain, dict, where)
        return {key: built(inner[1], item, f"{where}.{key}") for key, item in found.items()}
    if origin in (list, tuple):
        found = _is(plain, list, where)
        kinds = inner if origin is tuple else inner * len(found)
        if len(found) != len(kinds):
            raise TypeError(f"{where} has {len(found)} entries, not {len(kinds)}")
        return origin(
            built(one, item, f"{where}[{index}]")
            for index, (one, item) in enumerate(zip(kinds, found, strict=True))
        )
    return _number(plain, where) if kind is float else _is(plain, kind, where)


def _dataclass(kind: Any, plain: dict, where: str) -> Any:
    hints = get_type_hints(kind)
    missing = [
        field.name
        for field in dataclasses.fields(kind)
        if field.name not in plain
        and field.default is dataclasses.MISSING
        and field.default_factory is dataclasses.MISSING
    ]
    wrong = [f"lacks {name}" for name in missing]
    wrong += [f"has an unknown {name}" for name in plain if name not in hints]
    if wrong:
        raise TypeError(f"{where} {wrong[0]}")
    return kind(
        **{name: built(hints[name], item, f"{where}.{name}") for name, item in plain.items()}
    )


def _number(plain: object, where: str) -> float:
    number = float(plain if isinstance(plain, int) and not isinstance(plain, bool)
                   else _is(plain, float, where))  # fmt: skip
    if not math.isfinite(number):
        raise TypeError(f"{where} is {number}, which is no number")
    return number


def _is(plain: Any, kind: type, where: str) -> Any:
    if not isinstance(plain, kind) or (isinstance(plain, bool) and kind is not bool):
        raise TypeError(f"{where} is {type(plain).__name__}, not {kind.__name__}")
    return plain
