"""A condition on a field of a record: ``loss>3``, ``data.slot_id=r0c1``, ``message~nan``. Pure."""

import math
import operator
import re
from collections.abc import Callable
from typing import Any, NamedTuple

from karn_view.errors import KarnViewError

_FIELD = re.compile(r"([\w./@:\[\]-]+?)(>=|<=|!=|=|>|<|~)(.+)", re.S)
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}


class Where(NamedTuple):
    """A field and what it must be."""

    path: str
    sign: str
    value: str

    def fits(self, record: dict[str, Any]) -> bool:
        """Whether a record has such a field, at its path, below ``data``, or in any object."""
        found = _at(record, self.path)
        if found is None:
            return self.sign == "!="
        if self.sign == "~":
            return self.value.casefold() in str(found).casefold()
        number, wanted = _number(found), _number(self.value)
        if self.sign in _COMPARE:
            return number is not None and wanted is not None and _COMPARE[self.sign](number, wanted)
        same = _words(found) == self.value or (number is not None and number == wanted)
        return same == (self.sign == "=")


def where(text: str) -> Where:
    """Understands a condition on a field.

    Raises:
        KarnViewError: It is none.
    """
    found = _FIELD.fullmatch(text)
    if found is None:
        raise KarnViewError(
            f"{text[:60]!r} is no condition on a field; one looks like loss>3 or slot_id=r0c1"
        )
    if found[2] in _COMPARE and _number(found[3]) is None:
        raise KarnViewError(f"{found[1][:40]} can be compared with a number only: {text[:60]!r}")
    return Where(found[1], found[2], found[3])


def _at(record: dict[str, Any], path: str) -> Any:
    """A field by its path: from the top, below ``data``, or else of that name in any object."""
    found = _below(record, path)
    if found is None and isinstance(data := record.get("data"), dict):
        found = _below(data, path)
    if found is not None:
        return found
    inner = (value for value in record.values() if isinstance(value, dict))
    return next((got for one in inner if (got := _below(one, path)) is not None), None)


def _below(record: dict[str, Any], path: str) -> Any:
    if path in record:
        return record[path]
    head, dot, rest = path.partition(".")
    inner = record.get(head)
    return _below(inner, rest) if dot and isinstance(inner, dict) else None


def _number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return None


def _words(value: Any) -> str:
    """A value as a person writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return str(value)
