"""Wall time, recognised by its value. Pure.

A name proves nothing: ``time`` holds seconds since 1970 in one library and seconds an iteration
in the next.
"""

import math
import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from karn_view.formats.rows import Floats
from karn_view.formats.words import plain

# Best first among clocks of equal precision.
_NAMES = (
    "@timestamp timestamp ts time timeus timems timens createdat datetime date asctime walltime "
    "unixtime epochtime loggedat timeunixnano at sourcerealtimetimestamp realtimetimestamp"
)
_ORDER = {name: order for order, name in enumerate(_NAMES.split())}

EARLIEST_S, LATEST_S = 9e8, 4.2e9  # 1998 to 2103
_SCALES = (1.0, 1e3, 1e6, 1e9)
_MOMENT = re.compile(r"time|date|(?:_at|_ts|When)$", re.I)
_SECONDS = re.compile(r"\d{9,19}(?:\.\d+)?")
_UTC = ("+00:00", "Z")
_ISO_LENGTHS = (19, *range(21, 27))  # seconds, with up to six digits of a second
_LOOSE = re.compile(
    r"(\d{4})[-/](\d\d)[-/](\d\d)[T _](\d\d)[:\-](\d\d)[:\-](\d\d)(?:[.,](\d{1,9}))?"
    r"\s*(Z|[+-]\d\d:?\d\d)?"
)


def is_clock_name(name: str) -> bool:
    """Whether wall time is often found under this name."""
    return plain(name) in _ORDER


def is_moment_name(name: str) -> bool:
    """Whether text under this name may be wall time; numbers would be durations too often."""
    return _MOMENT.search(name) is not None


def preference(name: str, value: object) -> tuple[int, int]:
    """Sorts clocks of one record, the finest first."""
    return (-_digits(value), _ORDER.get(plain(name), len(_ORDER)))


def wall_time_s(value: object) -> float:
    """Seconds since 1970, or NaN when the value is no wall time.

    Numbers count as seconds, milli-, micro- or nanoseconds by their size; text is ISO 8601 or
    near it. Text without a zone is local time, as ``logging`` and Ray write it.
    """
    if isinstance(value, str):
        return _from_text(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _from_number(value)
    return math.nan


def wall_times_s(values: Sequence[Any]) -> Floats:
    """`wall_time_s` of many values of one type."""
    if values and isinstance(values[0], str):
        walls = utc_times_s(values)
        return np.array([*map(wall_time_s, values)]) if walls is None else walls
    numbers, walls = np.array(values, np.float64), np.full(len(values), np.nan)
    for scale in reversed(_SCALES):
        fits = (numbers >= EARLIEST_S * scale) & (numbers < LATEST_S * scale)
        walls[fits] = numbers[fits] / scale
    return walls


def utc_times_s(texts: Sequence[Any]) -> Floats | None:
    """Seconds of ISO texts in UTC, all written alike; None for others, which take ten times longer.

    Source: numpy's datetime64 reads ISO 8601 without a zone.
    """
    length, together = len(texts[0]), "".join(texts)
    zone = next((zone for zone in _UTC if texts[0].endswith(zone)), "")
    begin = length - len(zone)
    is_alike = begin in _ISO_LENGTHS and set(map(len, texts)) == {length} and "\0" not in together
    if not zone or not is_alike:
        return None
    try:
        rows = np.frombuffer(together.encode("ascii"), f"S{begin},S{len(zone)}")
        moments = rows["f0"].astype("datetime64[us]")
    except ValueError:
        return None
    is_utc = (rows["f1"] == zone.encode()).all()
    return np.asarray(moments.astype(np.int64) / 1e6) if is_utc else None


def _from_number(value: float) -> float:
    if EARLIEST_S <= value < LATEST_S:
        return float(value)
    for scale in _SCALES[1:]:
        if EARLIEST_S * scale <= value < LATEST_S * scale:
            return value / scale
    return math.nan


def _from_text(text: str) -> float:
    if text[:9].isdecimal():
        return _from_number(float(text)) if _SECONDS.fullmatch(text) else math.nan
    try:
        return datetime.fromisoformat(text).timestamp() if len(text) > 12 else math.nan
    except (ValueError, OverflowError, OSError):
        return _from_loose_text(text)


def _from_loose_text(text: str) -> float:
    match = _LOOSE.fullmatch(text.strip())
    if match is None:
        return math.nan
    *date, fraction, zone = match.groups()
    try:
        moment = datetime.fromisoformat("{}-{}-{}T{}:{}:{}".format(*date) + (zone or ""))
        return (moment + timedelta(seconds=float(f"0.{fraction or 0}"))).timestamp()
    except (ValueError, OverflowError, OSError):
        return math.nan


def _digits(value: object) -> int:
    """How many digits of a second the value tells."""
    if isinstance(value, str):
        fraction = re.search(r"[.,](\d+)", value)
        return len(fraction[1]) if fraction else 0
    if isinstance(value, float):
        return 0 if value.is_integer() else 6
    if isinstance(value, int):
        return next((3 * n for n, s in enumerate(_SCALES) if value < LATEST_S * s), 0)
    return 0
