"""Answers and messages as bytes: JSON for text, little-endian columns for curves. Pure."""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
import numpy as np

COLUMNS = ("x", "y", "min", "max", "offset", "wall")
HEADER_UNIT = 8
PIECE = 4_096
PART_BYTES = 256 << 10
"""Of a long message so much is sent in one turn of the event loop."""

Encoded = bytes | list[bytes]
"""A message, whole or in parts that are sent one after another."""

_encoder = msgspec.json.Encoder(order=None)
encode_json = _encoder.encode
"""Encodes to bytes. A float that is not finite becomes ``null``, which a browser can read."""


def each(items: Iterable[Any]) -> list[msgspec.Raw]:
    """Items that are encoded one by one.

    A single call for thousands of them would keep the interpreter from the event loop all the time.
    """
    return [msgspec.Raw(encode_json(item)) for item in items]


def in_parts(head: dict[str, Any], name: str, items: Iterable[Any]) -> list[bytes]:
    """A message in parts, its last value the ``items``, each let go once it is in.

    To put megabytes together keeps the interpreter from the event loop for 10 ms.
    """
    parts, part = [], bytearray(encode_json({**head, name: []})[:-2])
    comma = b""
    for item in items:
        part += comma
        _encoder.encode_into(item, part, -1)
        comma = b","
        if len(part) >= PART_BYTES:
            parts.append(bytes(part))
            part.clear()
    return [*parts, bytes(part) + b"]}"]


def parts_of(message: Encoded) -> Sequence[bytes | memoryview]:
    """What of a message is sent at a time; one part at least."""
    if isinstance(message, list):
        return message
    view = memoryview(message)
    return [view[at : at + PART_BYTES] for at in range(0, len(view) or 1, PART_BYTES)]


def curves_as_json(curves: list[dict[str, Any]], head: dict[str, Any]) -> bytes:
    """Columns as lists. ``min`` and ``max`` are null where each point stands for itself."""
    return encode_json({**head, "series": each(map(_curve_as_lists, curves))})


def _curve_as_lists(curve: dict[str, Any]) -> dict[str, Any]:
    shown = curve["curve"]
    old = curve["superseded"]
    has_extremes = curve["banded"] or not shown.exact or bool((shown.low < shown.high).any())
    return {
        "name": curve["name"],
        "points": curve["points"],
        "exact": shown.exact,
        "approximate": curve["approximate"],
        "banded": curve["banded"],
        "x": _numbers(shown.x),
        "y": _numbers(shown.y),
        "min": _numbers(shown.low) if has_extremes else None,
        "max": _numbers(shown.high) if has_extremes else None,
        "offset": _numbers(curve["offsets"]),
        "non_finite": curve["non_finite"],
        "superseded": {"x": _numbers(old.x), "y": _numbers(old.y)} if len(old.x) else None,
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


def _numbers(values: np.ndarray[Any, Any]) -> msgspec.Raw:
    """A column as a list, encoded in pieces; what is not finite becomes ``null``."""
    pieces = [values[at : at + PIECE].tolist() for at in range(0, len(values), PIECE)]
    return msgspec.Raw(b"[" + b",".join(encode_json(piece)[1:-1] for piece in pieces) + b"]")
