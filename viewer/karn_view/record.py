"""One line to one record, or to the fault that says why not. Pure."""

import json
import re
from typing import Any, NamedTuple

import msgspec

from karn_view.lines import Line

Record = dict[str, Any]

_BOM = b"\xef\xbb\xbf"
_LOOKS_LIKE_AN_OBJECT = re.compile(r'\{\s*["}]')
_SURROGATE_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")
_LONGEST_INTEGER = 400

_fast = msgspec.json.Decoder().decode


class Fault(NamedTuple):
    """A line that could not be read as a record: where it stands, why, and how long it is."""

    offset: int
    reason: str
    length: int


def decode(line: Line) -> Record | Fault | str | None:
    """Reads one line without its LF.

    Returns:
        The object; or a ``Fault`` for a line that begins like an object and is not one; or the
        text of any other line; or None for a blank line. An object is any JSON object Python's
        own ``json`` module accepts, bare ``NaN`` and ``Infinity`` included.
    """
    try:
        value = _fast(line.data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return _decode_odd(line)
    return value if type(value) is dict else _text_of(line.data)


def decode_text(text: str) -> Record | None:
    """The object that ``text`` spells, or None: for lines inside other lines."""
    value = _value_of(text)
    return value if type(value) is dict else None


def decode_list(text: str) -> list[Record]:
    """The objects of the list that ``text`` spells; none when it spells anything else."""
    value = _value_of(text) if text.startswith("[") else None
    if not isinstance(value, list) or not all(type(item) is dict for item in value):
        return []
    return value


def _value_of(text: str) -> Any:
    try:
        return _fast(text)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        pass
    try:
        return _loads(text)
    except (ValueError, RecursionError):
        return None


def is_object_like(text: str) -> bool:
    """Whether ``text`` begins as a JSON object does. ``{'a': 1}``, Python's own, does not."""
    return _LOOKS_LIKE_AN_OBJECT.match(text) is not None


def _decode_odd(line: Line) -> Record | Fault | str | None:
    """What msgspec refuses: tokens, surrogates, byte order marks, NULs, text, nonsense."""
    bare = _bare(line.data)
    if not bare:
        return None
    try:
        value = _loads(bare.decode())
    except UnicodeDecodeError as error:
        return _refuse(line, f"not UTF-8 at byte {error.start}")
    except RecursionError:
        return _refuse(line, "nested too deeply to read")
    except ValueError as error:
        return _refuse(line, f"not JSON: {error}")
    return value if type(value) is dict else _text_of(line.data)


def _loads(text: str) -> Any:
    value = json.loads(text, parse_int=_integer)
    if _SURROGATE_ESCAPE.search(text):
        # A lone surrogate cannot be encoded again, so it becomes "?" here and nowhere later.
        whole = json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")
        return json.loads(whole, parse_int=_integer)
    return value


def _integer(digits: str) -> int | float:
    """An exact integer, or infinity where Python would refuse to convert its digits."""
    return int(digits) if len(digits) <= _LONGEST_INTEGER else float(digits)


def _refuse(line: Line, reason: str) -> Fault | str:
    text = _text_of(line.data)
    return Fault(line.offset, reason, len(line.data)) if is_object_like(text) else text


def _text_of(data: bytes) -> str:
    return _bare(data).decode("utf-8", "replace")


def _bare(data: bytes) -> bytes:
    """Without the byte order mark, NULs, CR and spaces that may surround an object."""
    return data.strip(b"\x00 \t\r\n").removeprefix(_BOM).strip(b"\x00 \t\r\n")
