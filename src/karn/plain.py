"""Any Python value as plain JSON values: text, numbers, booleans, null, lists, objects. Pure.

The rules are two tables at the end: values that stand for one thing, and values that hold others.
"""

from __future__ import annotations

import json
import math
import re
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from functools import lru_cache
from pathlib import PurePath
from typing import Any
from uuid import UUID

from karn.arrays import opened

DEPTH_LIMIT = 32
CONTAINERS_LIMIT = 50_000
TEXT_LIMIT = 200

_ATOMS = frozenset({str, int, float, bool, type(None)})
_CONTAINERS = frozenset({dict, list, tuple})
_TEXT = frozenset({str})
_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(slots=True)
class Walk:
    """Where a walk through nested values is, and how many containers it may still open.

    Without that number a few values that all hold each other would take longer than any training:
    there are as many ways through them as orders of them.
    """

    above: list[int] = field(default_factory=list)
    left: int = CONTAINERS_LIMIT


Rule = Callable[[Any, Walk], Any]


def is_plain(record: Mapping[str, Any]) -> bool:
    """Tell whether a record is made of nothing but JSON types, with text for keys.

    Such a record is written as it stands, or refused by the strict encoder for one of its atoms.
    `numpy.float64` and other kinds of float are written as floats; other subclasses do not count.
    """
    level, opened = [record], 1
    for _ in range(DEPTH_LIMIT):
        below: list[Any] = []
        for container in level:
            inner = _plain_containers(container)
            if inner is None or opened + len(below) > CONTAINERS_LIMIT:
                return False
            below += inner
        if not below:
            return type(record) is dict and opened <= CONTAINERS_LIMIT
        opened, level = opened + len(below), below
    return False


def _plain_containers(container: Any) -> Sequence[Any] | None:
    """Return the containers right inside a plain one; None when it is not plain."""
    inside = container
    if type(container) is dict:
        if not _TEXT.issuperset(map(type, container)):
            return None
        inside = container.values()
    if _ATOMS.issuperset(map(type, inside)):
        return ()
    odd = set(map(type, inside)) - _ATOMS - _CONTAINERS
    if odd and not all(issubclass(kind, float) for kind in odd):
        return None
    return [item for item in inside if type(item) in _CONTAINERS]


def plain(value: object, walk: Walk | None = None) -> Any:
    """Return the value in JSON types. Never raises.

    Args:
        value: Anything at all.
        walk: The walk that leads here; None at its beginning.
    """
    try:
        return _rule(type(value))(value, walk or Walk())  # type: ignore[arg-type]  # hashable
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
    return lambda value, walk: convert(value)


def _holding(open_up: Rule) -> Rule:
    """Return the rule for what holds other values: it may hold itself, or reach too deep."""

    def rule(value: Any, walk: Walk) -> Any:
        if id(value) in walk.above:
            return "<cycle>"
        if len(walk.above) >= DEPTH_LIMIT:
            return "<too deep>"
        if not walk.left:
            return "<too large>"
        walk.left -= 1
        walk.above.append(id(value))
        try:
            return open_up(value, walk)
        finally:
            walk.above.pop()

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


def _mapping(value: Mapping[Any, Any], walk: Walk) -> dict[str, Any]:
    return _object(list(value.items()), walk)


def _object(pairs: Iterable[tuple[Any, Any]], walk: Walk) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for key, item in pairs:
        out[_free(_key(key), out)] = plain(item, walk)
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


def _tuple(value: tuple[Any, ...], walk: Walk) -> Any:
    if hasattr(value, "_fields"):
        return _object(zip(value._fields, value, strict=False), walk)
    return _list(value, walk)


def _list(value: Iterable[Any], walk: Walk) -> list[Any]:
    return [plain(item, walk) for item in list(value)]


def _set(value: Iterable[Any], walk: Walk) -> list[Any]:
    items = list(value)
    try:
        items.sort()
    except TypeError:  # of several kinds: any order is as good
        pass
    return _list(items, walk)


def _dataclass(value: Any, walk: Walk) -> dict[str, Any]:
    return _object([(field.name, getattr(value, field.name)) for field in fields(value)], walk)


def _array(value: Any, walk: Walk) -> Any:
    return plain(opened(value), walk)


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
