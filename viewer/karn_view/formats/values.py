"""Numbers that were written as text or in lists. Pure."""

import math
import re
from typing import Any, NamedTuple

from karn_view.formats.words import is_duration_name, is_never_a_number

LONGEST = 40
"""Longer text spells no number."""
LIST_MOST = 8
"""A list of more numbers has no series of its own for each."""
NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_PERCENT = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+))\s*%")
_FRACTION = re.compile(r"(\d+)\s*/\s*(\d+)")
_CLOCK_TIME = re.compile(r"(?:(\d+) days?, )?(?:(\d+):)?(\d{1,2}):(\d\d(?:\.\d+)?)")
_UNITS_TIME = re.compile(
    r"(?:(\d+)\s*d(?:ays?)?)?\s*(?:(\d+)\s*h(?:ours?)?)?\s*(?:(\d+)\s*m(?:in)?)?"
    r"\s*(?:(\d+(?:\.\d+)?)\s*s(?:ec)?)?"
)
_NON_FINITE = {"nan": math.nan, "inf": math.inf, "infinity": math.inf}
_GAPS = frozenset({"", "null", "none", "n/a", "-"})


class Spelled(NamedTuple):
    """A number found in text, and its unit: "", "%" or "s"."""

    value: float
    unit: str


class Share(NamedTuple):
    """A position among a total: "5/400"."""

    position: float
    total: float


def are_numbers(values: list[Any]) -> bool:
    """Whether all are, none of them a boolean."""
    return {int, float}.issuperset(map(type, values))


def finite_size(value: float) -> float:
    """An integer as a float, infinite when no float is large enough."""
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def is_gap(text: str) -> bool:
    """Whether the text says that there is no value."""
    return text.strip().lower() in _GAPS


def spelled(name: str, text: str) -> Spelled | Share | None:
    """The number that ``text`` spells under ``name``, or None when it is only text."""
    text = text.strip()
    if not text or len(text) > LONGEST or is_never_a_number(name):
        return None
    if NUMBER.fullmatch(text):
        return Spelled(float(text), "")
    if (value := _NON_FINITE.get(text.lower().lstrip("+-"))) is not None:
        return Spelled(-value if text[0] == "-" else value, "")
    if match := _PERCENT.fullmatch(text):
        return Spelled(float(match[1]), "%")
    if match := _FRACTION.fullmatch(text):
        return Share(float(match[1]), float(match[2]))
    return _duration(text) if is_duration_name(name) else None


def _duration(text: str) -> Spelled | None:
    """Seconds, from "1 day, 2:03:04", "0:05", "1h 2m 3s" or "11s"."""
    match = _CLOCK_TIME.fullmatch(text) or _UNITS_TIME.fullmatch(text)
    if match is None or not any(match.groups()):
        return None
    days, hours, minutes, seconds = (float(part or 0) for part in match.groups())
    return Spelled(((days * 24 + hours) * 60 + minutes) * 60 + seconds, "s")
