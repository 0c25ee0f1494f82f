"""The lines of a run, a page at a time, as they stand in the file."""

import json
import math
from dataclasses import dataclass
from typing import Any, NamedTuple

import msgspec

from karn_view.cursor import Cursor
from karn_view.lines import Line, split
from karn_view.record import Fault, decode
from karn_view.run import Run
from karn_view.store.store import SEVERITIES
from karn_view.tail import Skipped

READ_BYTES = 1 << 20
LINE_BYTES = 1 << 10
"""A guess at a line's length, so that short pages read little."""
SCAN_BYTES = 64 << 20
"""A search gives up for this page, and says how far it came, after so many bytes."""
PAGE_LINES = 1_000
PAGE_LINES_MOST = 10_000

_strict_object = msgspec.json.Decoder(dict[str, Any])


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which lines of a page somebody wants; everything by default."""

    types: frozenset[str] = frozenset()
    severities: frozenset[str] = frozenset()
    text: str = ""
    limit: int = PAGE_LINES
    scan_bytes: int = SCAN_BYTES

    def says(self, text: str) -> bool:
        """Whether a line of this text is searched for; "" where nobody searches."""
        return self.text.casefold() in text.casefold()

    def takes(self, item: dict[str, Any]) -> bool:
        """Whether a line of this type and severity is wanted."""
        return (not self.types or item.get("type") in self.types) and (
            not self.severities or item.get("severity") in self.severities
        )


class Page(NamedTuple):
    """Some lines in order. ``items`` are ready for JSON; ``end`` says that none follow yet.

    Attributes:
        reset: The cursor that was asked for is of a generation no longer at hand, so the page
            begins at the start of the current one.
        gone: What follows of this generation is no longer at hand: it was replaced or cut off.
    """

    after: Cursor
    cursor: Cursor
    items: list[dict[str, Any]]
    end: bool
    reset: bool
    gone: bool


def read_page(run: Run, after: Cursor, wanted: Wanted) -> Page:
    """Lines that begin at or after a cursor. Reads the file: it may wait as long as the file does.

    Integers stay exact and objects keep their text; values that are not JSON (bare ``NaN``) become
    the strings of the run file format.
    """
    found = run.locate(after)
    start = found or Cursor(run.cursor.generation, 0)
    committed = run.ends.get(start.generation, 0)
    items: list[dict[str, Any]] = []
    offset, gone = start.offset, False
    read_bytes = min(READ_BYTES, max(wanted.limit, 8) * LINE_BYTES)
    while (
        offset < committed
        and len(items) < wanted.limit
        and offset - start.offset < wanted.scan_bytes
    ):
        data = run.tail.read(start.generation, offset, read_bytes)
        if not data:
            gone = True
            break
        if isinstance(data, Skipped):
            known = _known(run, start.generation, data.offset)
            skipped = {"offset": data.offset, **known, "fault": data.reason}
            if wanted.says(data.reason) and wanted.takes(skipped):
                items.append(skipped)
            offset += data.length
            continue
        for line in split(data[: committed - offset], offset):
            if len(items) == wanted.limit:
                break
            offset = line.offset + len(line.data) + 1
            item = _item(run, start.generation, line, wanted)
            if item is not None:
                items.append(item)
    cursor = Cursor(start.generation, offset)
    return Page(start, cursor, items, gone or offset >= committed, found is None, gone)


def _item(run: Run, generation: str, line: Line, wanted: Wanted) -> dict[str, Any] | None:
    text = line.data.decode(errors="replace") if wanted.text else ""
    if not wanted.says(text):
        return None
    item = item_of(run, generation, line)
    return item if item is not None and wanted.takes(item) else None


def item_of(run: Run, generation: str, line: Line) -> dict[str, Any] | None:
    """A line ready for JSON, with what the run knows of it; None for a blank one."""
    content = _content(line)
    if content is None:
        return None
    return {"offset": line.offset, **_known(run, generation, line.offset), **content}


def _known(run: Run, generation: str, offset: int) -> dict[str, Any]:
    """What the run's columns say of the record at an offset."""
    store = run.current.store
    if generation != run.current.id:
        return {}
    row = store.rows_before(offset)
    if row >= len(store) or store.offsets.view[row] != offset:
        return {}
    wall, x = float(store.walls.view[row]), float(store.x.view[row])
    return {
        "type": store.type_of(row),
        "severity": SEVERITIES[store.severities.view[row]],
        "wall": wall if math.isfinite(wall) else None,
        "x": x if math.isfinite(x) else None,
    }


def _content(line: Line) -> dict[str, Any] | None:
    """The line as JSON: its object untouched where it is strict, mended where it is not."""
    try:
        _strict_object.decode(line.data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        decoded = decode(line)
    else:
        return {"record": msgspec.Raw(line.data.strip())}
    match decoded:
        case None:
            return None
        case Fault():
            return {"fault": decoded.reason}
        case str():
            return {"record": {"text": decoded}}
        case _:
            return {"record": msgspec.Raw(json.dumps(strict(decoded)).encode())}


def strict(value: Any) -> Any:
    """A decoded value with its non-finite numbers as the strings that JSON can carry."""
    match value:
        case float() if not math.isfinite(value):
            return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
        case dict():
            return {key: strict(member) for key, member in value.items()}
        case list():
            return [strict(member) for member in value]
        case _:
            return value
