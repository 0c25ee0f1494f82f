"""Answers and messages as bytes: JSON for text, little-endian columns for curves. Pure."""

import math
from typing import Any

import msgspec
import numpy as np

COLUMNS = ("x", "y", "min", "max", "offset", "wall")
HEADER_UNIT = 8

encode_json = msgspec.json.Encoder(order=None).encode
"""Encodes to bytes. A float that is not finite becomes ``null``, which a browser can read."""


def curves_as_json(curves: list[dict[str, Any]], head: dict[str, Any]) -> bytes:
    """Columns as lists. ``min`` and ``max`` are null where an exact curve has no band."""
    return encode_json({**head, "series": [_curve_as_lists(curve) for curve in curves]})


def _curve_as_lists(curve: dict[str, Any]) -> dict[str, Any]:
    shown = curve["curve"]
    old = curve["superseded"]
    has_extremes = curve["banded"] or not shown.exact
    return {
        "name": curve["name"],
        "points": curve["points"],
        "exact": shown.exact,
        "approximate": curve["approximate"],
        "banded": curve["banded"],
        "x": _finite(shown.x),
        "y": _finite(shown.y),
        "min": _finite(shown.low) if has_extremes else None,
        "max": _finite(shown.high) if has_extremes else None,
        "offset": curve["offsets"].tolist(),
        "non_finite": curve["non_finite"],
        "superseded": {"x": _finite(old.x), "y": _finite(old.y)} if len(old.x) else None,
    }


def curves_as_binary(curves: list[dict[str, Any]], head: dict[str, Any]) -> bytes:
    """A JSON header behind its length, then ``COLUMNS`` of each curve as float64.

    The header's length is four bytes; header and length together fill a multiple of eight bytes,
    so that a browser can lay typed arrays over the rest without a copy. A curve with ``superseded``
    n in the header is followed by that branch's x and y.
    """
    header = {
        **head,
        "series": [
            {
                "name": curve["name"],
                "points": curve["points"],
                "exact": curve["curve"].exact,
                "approximate": curve["approximate"],
                "banded": curve["banded"],
                "n": len(curve["curve"].x),
                "columns": COLUMNS,
                "non_finite": curve["non_finite"],
                "superseded": len(curve["superseded"].x),
            }
            for curve in curves
        ],
    }
    text = encode_json(header)
    text += b" " * (-(len(text) + 4) % HEADER_UNIT)
    parts = [len(text).to_bytes(4, "little"), text]
    for curve in curves:
        shown, old = curve["curve"], curve["superseded"]
        columns = (shown.x, shown.y, shown.low, shown.high, curve["offsets"], curve["walls"])
        parts += [np.ascontiguousarray(column, "<f8").tobytes() for column in columns]
        parts += [np.ascontiguousarray(column, "<f8").tobytes() for column in (old.x, old.y)]
    return b"".join(parts)


def _finite(values: np.ndarray[Any, Any]) -> list[float | None]:
    return [value if math.isfinite(value) else None for value in values.tolist()]
