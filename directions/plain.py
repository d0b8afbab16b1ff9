"""Whether what was read from JSON has the types that a dataclass states."""

import dataclasses
import types
from typing import Any, Union, get_args, get_origin, get_type_hints


def require_kind(value: object, kind: Any, where: str) -> None:
    """Raise `TypeError` in a sentence for the first value of another type than `kind`.

    Knows what measures are made of: numbers, texts, lists, tuples, mappings, dataclasses, unions.
    A whole number passes for a float, a truth value for no number.
    """
    origin, inner = get_origin(kind), get_args(kind)
    if kind is Any:
        return
    if origin in (Union, types.UnionType):
        return _require_one_of(value, inner, where)
    outer = origin or kind
    accepted = (int, float) if outer is float else (outer,)
    if not isinstance(value, accepted) or (isinstance(value, bool) and outer is not bool):
        raise TypeError(f"{where} is {type(value).__name__}, not {outer.__name__}")
    if isinstance(value, dict) and inner:
        for key, item in value.items():
            require_kind(item, inner[1], f"{where}.{key}")
    elif isinstance(value, list) and inner:
        for index, item in enumerate(value):
            require_kind(item, inner[0], f"{where}[{index}]")
    elif isinstance(value, tuple):
        for index, (item, one) in enumerate(zip(value, inner, strict=True)):
            require_kind(item, one, f"{where}[{index}]")
    elif dataclasses.is_dataclass(kind):
        for name, hint in get_type_hints(kind).items():
            require_kind(getattr(value, name), hint, f"{where}.{name}")


def _require_one_of(value: object, kinds: tuple[Any, ...], where: str) -> None:
    if value is None and type(None) in kinds:
        return
    (kind,) = (one for one in kinds if one is not type(None))
    require_kind(value, kind, where)
