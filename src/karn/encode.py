"""A record as the bytes of its line: one strict JSON object in UTF-8. No I/O.

A record of plain values goes through one call of the standard encoder. Anything that this refuses,
or would write in a form that readers cannot take, is first rebuilt by `karn.plain`. Rebuilding a
plain record changes nothing, so it makes no difference to the bytes which way a record went.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import islice
from typing import Any

from karn.plain import is_plain, plain

LINE_LIMIT_BYTES = 16 * 2**20

_KEPT_BYTES = 1000
_KEPT_KEYS = 100

_dumps = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode


def encode(record: Mapping[str, Any]) -> bytes:
    """Return the record as one JSON object, without the LF that ends its line. Never raises.

    Non-finite numbers become the texts `NaN`, `Infinity` and `-Infinity`; every other value that
    JSON does not know becomes what `karn.plain` makes of it. A record that would be longer than
    `LINE_LIMIT_BYTES` is cut: its small fields stay, the large ones become a note of their size.
    """
    body = _encoded(record)
    return body if len(body) <= LINE_LIMIT_BYTES else _encoded(_cut(record))


def _encoded(record: Mapping[str, Any]) -> bytes:
    try:
        if is_plain(record):
            return _dumps(record).encode()
    except (ValueError, RuntimeError):  # NaN, surrogates, huge integers; changed while being read
        pass
    tree = plain(record)
    return _dumps(tree if isinstance(tree, dict) else {"unencodable": tree}).encode()


def _cut(record: Mapping[str, Any]) -> dict[str, Any]:
    kept = islice(record.items(), _KEPT_KEYS)
    return {str(key)[:_KEPT_BYTES]: _short(value) for key, value in kept}


def _short(value: Any) -> Any:
    size = len(_encoded({"": value}))
    if size <= _KEPT_BYTES:
        return value
    return {"cut_bytes": size} if isinstance(value, Mapping) else f"<cut: {size} bytes>"
