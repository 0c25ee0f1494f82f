"""A run file as a linter sees it: what was recognised, and what is odd at which line. No I/O."""

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from karn_view.formats import Axis, Mark, Overrides, Reader
from karn_view.formats.counts import Counts
from karn_view.formats.origin import TEXT
from karn_view.lines import Line
from karn_view.record import Fault, decode
from karn_view.store import Store
from karn_view.store.column import Column

KEPT_PER_KIND = 10_000
"""So many findings of one kind are kept; all are counted."""

_SEQ = re.compile(rb'"seq": ?(\d{1,18})\}\s*$')
_SEQ_WITHIN = 48  # bytes at the end of a line


class Finding(NamedTuple):
    """Something odd.

    Attributes:
        kind: "fault", "non-finite", "seq", "resume", "run", "torn", "format" (no JSON lines),
            "limit" (something was left out) or "unreadable".
        offset: Where its line begins, in bytes.
        line: The number of that line, from 1.
        message: What it is, in a sentence.
    """

    kind: str
    offset: int
    line: int
    message: str


class Metric(NamedTuple):
    """How many values a metric has, and how many of them are NaN or infinite."""

    name: str
    points: int
    non_finite: int


class Report(NamedTuple):
    """Everything there is to say about a file.

    Attributes:
        span: The first and last x; NaN where there is none.
        clocks: The keys of its wall time.
        timed: Rows that have a wall time.
        first_wall: Seconds since 1970 of the first of them, NaN for none; ``last_wall`` likewise.
        torn_bytes: What follows the last LF.
        found: How many findings of each kind there are.
        findings: The first of each kind, in the order of the file.
    """

    format: str
    format_reason: str
    axis: Axis
    span: tuple[float, float]
    clocks: list[str]
    timed: int
    first_wall: float
    last_wall: float
    counts: Counts
    rows: int
    metrics: list[Metric]
    size_bytes: int
    torn_bytes: int
    found: dict[str, int]
    findings: list[Finding]


class Inspection:
    """Takes the committed lines of one file, then reports."""

    def __init__(self, overrides: Overrides) -> None:
        self._reader = Reader(overrides)
        self._store = Store()
        self._starts = Column(np.int64)
        self._end = 0
        self._seq: int | None = None
        self._found: Counter[str] = Counter()
        self._findings: list[Finding] = []

    def take(self, lines: Sequence[Line | Fault], end: int) -> None:
        """Reads the next lines, which end at byte ``end``."""
        self._end = end
        self._starts.extend([line.offset for line in lines])
        self._store.append(self._reader.read(lines))
        for line in lines:
            if isinstance(line, Line):
                self._follow_seq(line)

    def _follow_seq(self, line: Line) -> None:
        match = _SEQ.search(line.data, max(len(line.data) - _SEQ_WITHIN, 0))
        if match is None:
            return
        seq, before = int(match[1]), self._seq
        self._seq = seq
        if before is None or seq == before + 1 or b'"RUN_OPENED"' in line.data:
            return
        if seq > before:
            missing = f"seq goes from {before} to {seq}: {seq - before - 1} lines are missing"
            self._add("seq", line.offset, missing + _accounted_for(line))
        else:
            told = f"seq falls from {before} to {seq}" if seq < before else f"seq {seq} comes twice"
            self._add("seq", line.offset, told)

    def _add(self, kind: str, offset: int, message: str) -> None:
        self._found[kind] += 1
        if self._found[kind] <= KEPT_PER_KIND:
            line = int(np.searchsorted(self._starts.view, offset, "right")) or 1
            self._findings.append(Finding(kind, offset, line, message))

    def report(self, size_bytes: int, torn_bytes: int, trouble: str = "") -> Report:
        """What there is to say; ``trouble`` is why reading ended before the file did."""
        reader, store = self._reader, self._store
        for row in store.faults:
            self._add("fault", row.offset, row.text)
        self._found["fault"] = store.fault_count or self._found["fault"]
        for mark in store.marks:
            self._add(mark.kind, int(store.offsets.view[mark.row]), _told(mark, reader.axis.name))
        for message, offset in self._non_finite():
            self._add("non-finite", offset, message)
        if reader.format == TEXT:
            self._add("format", 0, f"no JSON lines: {reader.format_reason}")
        for note in reader.notes:
            self._add("limit", 0, note)
        if torn_bytes:
            self._add_end("torn", f"{torn_bytes:,} bytes after the last line end")
        if trouble:
            self._add_end("unreadable", trouble)
        x = store.x.view[np.isfinite(store.x.view)]
        return Report(
            reader.format,
            reader.format_reason,
            reader.axis,
            (float(x[0]), float(x[-1])) if len(x) else (math.nan, math.nan),
            reader.clocks,
            int(np.isfinite(store.walls.view).sum()),
            store.first_wall,
            store.last_wall,
            reader.counts,
            len(store),
            [Metric(*summary[:3]) for summary in store.summaries()],
            size_bytes,
            torn_bytes,
            {kind: count for kind, count in self._found.items() if count},
            sorted(self._findings, key=lambda finding: (finding.offset, finding.kind)),
        )

    def _add_end(self, kind: str, message: str) -> None:
        self._found[kind] += 1
        self._findings.append(Finding(kind, self._end, len(self._starts) + 1, message))

    def _non_finite(self) -> Iterator[tuple[str, int]]:
        """A sentence for each metric with NaN or infinity, and where the first one stands."""
        for name, series in self._store.series.items():
            if series.non_finite:
                first = int(np.flatnonzero(~np.isfinite(series.values))[0])
                value = series.values[first]
                count = f"{series.non_finite:,} of {len(series):,}"
                message = f"{count} values of {name} are not finite, the first is {value}"
                yield message, int(self._store.offsets.view[series.rows[first]])


def _told(mark: Mark, axis: str) -> str:
    """Where a resume or another run begins, in words."""
    label = mark.label.removeprefix(f"{mark.kind}: ")
    return f"{axis} {label}" if "→" in label else f"{label} at {axis} {mark.x:.10g}"


def _accounted_for(line: Line) -> str:
    """What the writer itself says of lines that are missing before this one."""
    record: Any = decode(line) if b'"EVENTS_DROPPED"' in line.data else None
    data = record.get("data") if isinstance(record, dict) else None
    if not isinstance(data, dict):
        return ""
    return f"; the writer dropped {data.get('count')}: {data.get('reason')}"
