"""Lines to rows, whatever wrote them. Pure."""

import math
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from karn_view.formats.rows import Axis, Batch, Overrides, Progress, Row
from karn_view.lines import Line
from karn_view.record import Fault, Record, decode

_STEPS = ("step", "global_step", "current_steps", "iteration", "iter", "num_updates", "epoch")
_CLOCKS = ("timestamp", "time", "created_at", "ts")


class Reader:
    """Reads the lines of one generation, in order, in any portions."""

    def __init__(self, overrides: Overrides = Overrides()) -> None:  # noqa: B008  immutable
        self._overrides = overrides
        self._x = math.nan
        self.axis = Axis("step", "the usual name", [], "step")
        self.format = "JSON lines"
        self.format_reason = "each line is a JSON object"
        self.config: dict[str, Any] = {}
        self.progress: Progress | None = None

    def read(self, lines: Iterable[Line | Fault]) -> Batch:
        """The rows of the next lines."""
        return Batch([row for line in lines if (row := self._row(line))], [], None)

    def _row(self, line: Line | Fault) -> Row | None:
        found = line if isinstance(line, Fault) else decode(line)
        if found is None:
            return None
        if isinstance(found, Fault):
            return self._plain(found.offset, "fault", found.reason)
        if isinstance(found, str):
            return self._plain(line.offset, "text", found)
        return self._measured(line.offset, found)

    def _plain(self, offset: int, kind: Any, text: str) -> Row:
        return Row(offset, kind, kind, "", math.nan, self._x, False, [], None, text)

    def _measured(self, offset: int, record: Record) -> Row:
        points = list(_numbers("", record))
        own = next((float(record[k]) for k in _STEPS if _is_number(record.get(k))), math.nan)
        own_x = not math.isnan(own)
        self._x = own if own_x else self._x
        kind: Any = "metric" if points else "text"
        return Row(offset, kind, kind, "", _wall(record), self._x, own_x, points, record, "")


def _numbers(prefix: str, record: Record) -> Iterator[tuple[str, float]]:
    for key, value in record.items():
        if _is_number(value):
            yield prefix + key, value
        elif isinstance(value, dict):
            yield from _numbers(f"{prefix}{key}/", value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _wall(record: Record) -> float:
    for value in (record.get(key) for key in _CLOCKS):
        if isinstance(value, str):
            try:
                return datetime.fromisoformat(value).timestamp()
            except ValueError:
                continue
        if _is_number(value) and 9e8 <= value < 4.2e9:
            return float(value)
    return math.nan
