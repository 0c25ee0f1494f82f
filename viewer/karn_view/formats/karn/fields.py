"""Reads one field of a telemetry event as the type it ought to have. Pure.

Events come from many writers and versions: a number may be a string, an object may be null, a name
may be unprintable. Each function gives the value in its proper type, or says that there is none.
"""

from typing import Any

Data = dict[str, Any]

LARGEST_EXACT = 2**53
"""Whole numbers from here on are seeds and hashes, not counts, and floats cannot hold them."""

_LONGEST_NUMBER = 64
_EMPTY: Data = {}


def number(value: object) -> float | None:
    """A float, NaN and infinities included; numeric strings count, booleans do not."""
    if type(value) is float:
        return value
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, int) or (isinstance(value, str) and _may_be_number(value)):
        return _float(value)
    return None


def whole(value: object) -> int | None:
    """An int that a float holds exactly: `2.0` is 2, `2.5` is no whole number."""
    if value is None:
        return None
    if type(value) is int:
        return value if -LARGEST_EXACT < value < LARGEST_EXACT else None
    found = number(value)
    if found is None or not found.is_integer() or abs(found) >= LARGEST_EXACT:
        return None
    return int(found)


def text(value: object, limit: int = 300) -> str | None:
    """A non-empty string of at most `limit` characters that UTF-8 can carry."""
    if not isinstance(value, str) or not value:
        return None
    short = value if len(value) <= limit else value[: limit - 1] + "…"
    return short if short.isascii() else short.encode("utf-8", "replace").decode("utf-8")


def flag(value: object) -> bool | None:
    """True or False as they are; anything else is not a flag."""
    return value if isinstance(value, bool) else None


def mapping(value: object) -> Data:
    """The object, or an empty one. Read it only."""
    return value if isinstance(value, dict) else _EMPTY


def items(value: object) -> list[Any]:
    """The array, or an empty one."""
    return value if isinstance(value, list) else []


def first(data: Data, *names: str) -> object:
    """The first present value under these names: the newest name first, its older aliases after."""
    for name in names:
        value = data.get(name)
        if value is not None:
            return value
    return None


def _may_be_number(value: str) -> bool:
    return len(value) <= _LONGEST_NUMBER and "_" not in value


def _float(value: int | str) -> float | None:
    try:
        return float(value)
    except (ValueError, OverflowError):
        return None
