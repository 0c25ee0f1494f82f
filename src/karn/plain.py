"""Any Python value as plain JSON values: text, numbers, booleans, null, lists, objects. Pure.

The rules are two tables at the end: values that stand for one thing, and values that hold others.
"""

from __future__ import annotations

import json
import math
import re
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from functools import lru_cache
from pathlib import PurePath
from typing import Any
from uuid import UUID

from karn.arrays import opened

Ancestors = tuple[int, ...]
Rule = Callable[[Any, Ancestors], Any]

DEPTH_LIMIT = 32
TEXT_LIMIT = 200

_ATOMS = frozenset({str, int, float, bool, type(None)})
_CONTAINERS = frozenset({dict, list, tuple})
_SURROGATE = re.compile("[\ud800-\udfff]")


def is_plain(value: Any, depth: int = DEPTH_LIMIT) -> bool:
    """Tell whether a container is made of nothing but JSON types, with text for keys.

    Such a value is written as it stands, or refused by the strict encoder for one of its atoms.
    `numpy.float64` and other kinds of float are written as floats; other subclasses do not count.
    """
    inside = value
    if type(value) is dict:
        if not {str}.issuperset(map(type, value)):
            return False
        inside = value.values()
    kinds = set(map(type, inside)) - _ATOMS
    if not kinds:
        return True
    if depth == 1 or not all(kind in _CONTAINERS or issubclass(kind, float) for kind in kinds):
        return False
    return all(is_plain(item, depth - 1) for item in inside if type(item) in _CONTAINERS)


def plain(value: object, above: Ancestors = ()) -> Any:
    """Return the value in JSON types. Never raises.

    Args:
        value: Anything at all.
        above: The ids of the containers that hold it, outermost first.
    """
    try:
        return _rule(type(value))(value, above)  # type: ignore[arg-type]  # a type is hashable
    except Exception:  # noqa: BLE001  # the value's own code failed: say what it was
        return _described(value)


@lru_cache(maxsize=1000)
def _rule(kind: type) -> Rule:
    """Return what makes a value of this type plain."""
    for base, convert in _STANDS:
        if issubclass(kind, base):
            return _standing(convert)
    for base, open_up in _HOLDS:
        if issubclass(kind, base):
            return _holding(open_up)
    if is_dataclass(kind):
        return _holding(_dataclass)
    if hasattr(kind, "tolist"):
        return _holding(_array)
    return _standing(str if kind.__name__.lower().endswith("dtype") else _described)


def _standing(convert: Callable[[Any], Any]) -> Rule:
    return lambda value, above: convert(value)


def _holding(open_up: Rule) -> Rule:
    """Return the rule for what holds other values: it may hold itself, or reach too deep."""

    def rule(value: Any, above: Ancestors) -> Any:
        if id(value) in above:
            return "<cycle>"
        if len(above) >= DEPTH_LIMIT:
            return "<too deep>"
        return open_up(value, (*above, id(value)))

    return rule


def _described(value: Any) -> str:
    try:
        return _text(repr(value)[:TEXT_LIMIT])
    except Exception:  # noqa: BLE001  # its __repr__ failed as well
        return f"<unencodable {type(value).__name__}>"


def iso(moment: datetime) -> str:
    """Return a time in ISO 8601 with its offset; a naive one is taken as local time."""
    if moment.tzinfo is None:
        moment = moment.astimezone()
    return moment.isoformat(timespec="microseconds")


def _text(value: str) -> str:
    """Return exact text, with U+FFFD for lone surrogates: UTF-8 has no bytes for them."""
    return _SURROGATE.sub("\ufffd", str.__str__(value))


def _integer(value: int) -> int | str:
    try:
        int.__repr__(value)
    except ValueError:  # beyond sys.get_int_max_str_digits()
        return hex(value)
    return int(value)


def _number(value: float) -> float | str:
    if math.isfinite(value):
        return float(value)
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def _name(value: Enum) -> str:
    return value.name or str(value)  # an unnamed combination of flags has no name


def _decimal(value: Decimal) -> float | int | str:
    if not value.is_finite():
        return str(value) if value.is_nan() else _number(float(value))
    if value == value.to_integral_value() and abs(value.adjusted()) < TEXT_LIMIT:
        return int(value)
    return float(value) if Decimal(float(value)) == value else str(value)


def _bytes(value: bytes | bytearray | memoryview) -> str:
    try:
        return bytes(value).decode()
    except UnicodeDecodeError:
        return f"<{len(bytes(value))} bytes>"


def _mapping(value: Mapping[Any, Any], inner: Ancestors) -> dict[str, Any]:
    return _object(list(value.items()), inner)


def _object(pairs: Iterable[tuple[Any, Any]], inner: Ancestors) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for key, item in pairs:
        out[_free(_key(key), out)] = plain(item, inner)
    return out


def _key(key: Any) -> str:
    if isinstance(key, str):
        return _text(key)
    value = plain(key)
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    return value if isinstance(value, str) else _described(key if type(key) is tuple else value)


def _free(name: str, taken: Mapping[str, Any]) -> str:
    """Return the name, or the first of `name#2`, `name#3`, ... that is not taken."""
    free, count = name, 1
    while free in taken:
        count += 1
        free = f"{name}#{count}"
    return free


def _tuple(value: tuple[Any, ...], inner: Ancestors) -> Any:
    if hasattr(value, "_fields"):
        return _object(zip(value._fields, value, strict=False), inner)
    return _list(value, inner)


def _list(value: Iterable[Any], inner: Ancestors) -> list[Any]:
    return [plain(item, inner) for item in list(value)]


def _set(value: Iterable[Any], inner: Ancestors) -> list[Any]:
    items = list(value)
    try:
        items.sort()
    except TypeError:  # of several kinds: any order is as good
        pass
    return _list(items, inner)


def _dataclass(value: Any, inner: Ancestors) -> dict[str, Any]:
    return _object([(field.name, getattr(value, field.name)) for field in fields(value)], inner)


def _array(value: Any, inner: Ancestors) -> Any:
    return plain(opened(value), inner)


_STANDS: tuple[tuple[Any, Callable[[Any], Any]], ...] = (
    ((bool, type(None)), lambda value: value),
    (str, _text),
    (int, _integer),
    (float, _number),
    (Enum, _name),
    (datetime, iso),
    ((date, time), lambda value: value.isoformat()),
    (timedelta, timedelta.total_seconds),
    (Decimal, _decimal),
    ((bytes, bytearray, memoryview), _bytes),
    ((UUID, PurePath, complex, Fraction), lambda value: _text(str(value))),
)

_HOLDS: tuple[tuple[Any, Rule], ...] = (
    (Mapping, _mapping),
    (tuple, _tuple),
    ((list, deque), _list),
    ((set, frozenset), _set),
)
