"""The columns of one generation of a run: a row for each record, a series for each metric. Pure."""

import math
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from karn_view.formats.rows import Batch, Floats, Mark, Row
from karn_view.store import measured
from karn_view.store.climbs import Climbs, climbs_of
from karn_view.store.column import Allocate, Column, anonymous
from karn_view.store.measured import Measured, Rows
from karn_view.store.parts import NONE, Parts
from karn_view.store.pyramid import Places
from karn_view.store.scale import Scale
from karn_view.store.series import SETTLED, MetricSummary, Series
from karn_view.store.thin import Curve

FAULTS_KEPT = 10_000
TOGETHER = 16
"""So many blocks of points wait to be settled, as most of what that costs is that of a call."""
SEVERITIES = ("", "debug", "info", "warning", "error", "critical")
AXES = ("step", "wall", "relative")
BY = "by:"
"""Before the name of a metric that is to be the axis."""


class Store:
    """Appended to by one thread; read by others under the lock of the run that owns it.

    Attributes:
        series: Metrics by name, in the order they first appeared.
        faults: The first ``FAULTS_KEPT`` rows that could not be read; ``fault_count`` counts all.
        marks: Resumes and new runs within the file, in the order of rows.
        revision: Grows whenever points that were already handed out may have changed.
        first_wall: Seconds since 1970 of the first row that has a clock; NaN where none has.
        last_wall: And of the last one.
    """

    def __init__(self, allocate: Allocate = anonymous) -> None:
        self._allocate = allocate
        self.offsets = Column(np.int64, allocate)
        self.walls = Column(np.float64, allocate)
        self.x = Column(np.float64, allocate)
        self.types = Column(np.int32, allocate)
        self.severities = Column(np.int8, allocate)
        self.series: dict[str, Series] = {}
        self.type_names: list[str] = []
        self._type_codes: dict[str, int] = {}
        self.faults: list[Row] = []
        self.fault_count = 0
        self.marks: list[Mark] = []
        self.revision = 0
        self.first_wall = self.last_wall = math.nan

    def __len__(self) -> int:
        return len(self.offsets)

    @property
    def records(self) -> int:
        """Rows that could be read."""
        return len(self) - self.fault_count

    def append(self, batch: Batch) -> None:
        """Adds a batch; costs some 100 ns a value."""
        if batch.rekeyed is not None:
            self._rekey(batch.rekeyed)
        first, at = len(self), batch.places()
        self._append_rows(batch, at)
        self._append_points(batch, first + at, first)
        if batch.marks:
            self.marks.extend(batch.marks)
            self.revision += 1

    def _rekey(self, x: list[float]) -> None:
        self.x = Column(np.float64, self._allocate)
        self.x.extend(x)
        self.marks = []
        self.revision += 1
        for series in self.series.values():
            series.measured.climbs.pop("step", None)

    def _append_rows(self, batch: Batch, at: Rows) -> None:
        rows, sheets = batch.rows, batch.sheets

        def append(column: Column, of_rows: list[Any], of_sheets: list[Any]) -> None:
            new = column.room(batch.size)
            new[at] = of_rows
            for sheet, values in zip(sheets, of_sheets, strict=True):
                new[slice(None) if len(sheet.at) == len(new) else sheet.at] = values

        code = self._type_code
        append(self.offsets, [row.offset for row in rows], [sheet.offsets for sheet in sheets])
        append(self.walls, [row.wall for row in rows], [sheet.walls for sheet in sheets])
        append(self.x, [row.x for row in rows], [sheet.x for sheet in sheets])
        append(self.types, [code(row.type) for row in rows], [code(s.type) for s in sheets])
        append(
            self.severities,
            [_severity_code(row.severity) for row in rows],
            [_severity_code(sheet.severity) for sheet in sheets],
        )
        self._note_walls(self.walls.view[len(self) - batch.size :])
        faults = [row for row in rows if row.kind == "fault"]
        self.fault_count += len(faults)
        self.faults.extend(faults[: max(FAULTS_KEPT - len(self.faults), 0)])

    def _note_walls(self, walls: Floats) -> None:
        last = _first_finite(walls[::-1])
        if not math.isnan(last):
            self.last_wall = last
        if math.isnan(self.first_wall):
            self.first_wall = _first_finite(walls)

    def type_of(self, row: int) -> str:
        """The type that a row's reader gave it."""
        return self.type_names[int(self.types.view[row])]

    def _type_code(self, name: str) -> int:
        code = self._type_codes.setdefault(name, len(self.type_names))
        if code == len(self.type_names):
            self.type_names.append(name)
        return code

    def _append_points(self, batch: Batch, at: Rows, first: int) -> None:
        grouped: dict[str, tuple[list[int], list[float]]] = defaultdict(lambda: ([], []))
        for row, index in zip(batch.rows, at.tolist(), strict=True):
            for name, value in row.points:
                rows, values = grouped[name]
                rows.append(index)
                values.append(value)
        pieces = {name: [(np.array(r), np.array(v))] for name, (r, v) in grouped.items()}
        for sheet in batch.sheets:
            placed = first + sheet.at
            for name, column in zip(sheet.names, sheet.values.T, strict=True):
                pieces.setdefault(name, []).append((placed, column))
        new = [name for name in pieces if name not in self.series]
        unmeasured = Measured(len(new), self._allocate)
        self.series.update((name, Series(name, unmeasured, self._allocate)) for name in new)
        grown = [(self.series[name], *_in_order(parts)) for name, parts in pieces.items()]
        measured.extend((series, rows) for series, rows, _ in grown)
        for series, _, column in grown:
            series.extend(column)
        self._append_bands(batch, at)
        for series, _, _ in grown:
            if len(series) - series.settled >= TOGETHER * SETTLED:
                series.settle()
                for axis in AXES:
                    self._climbs(series, axis)

    def _append_bands(self, batch: Batch, at: Rows) -> None:
        told: dict[str, tuple[list[int], list[tuple[float, float]]]] = defaultdict(lambda: ([], []))
        for row, index in zip(batch.rows, at.tolist(), strict=True):
            for name, band in row.points.bands.items():
                rows, bands = told[name]
                rows.append(index)
                bands.append(band)
        for name, (rows, bands) in told.items():
            if name in self.series:
                self.series[name].widen(rows, bands)

    def summaries(self) -> list[MetricSummary]:
        x = self.x.view
        return [series.summary(x) for series in self.series.values()]

    def has(self, name: str, axis: str = "step") -> bool:
        """Whether there are points of a metric and, if that is one too, of its axis."""
        return name in self.series and (
            not axis.startswith(BY) or axis.removeprefix(BY) in self.series
        )

    def axis(self, name: str) -> Floats:
        """The column that one of ``AXES`` means: a value for each row.

        ``relative`` is seconds since the first row that has a clock.
        """
        if name == "step":
            return self.x.view
        walls: Floats = self.walls.view
        return walls - self.first_wall if name == "relative" else walls

    def rows_before(self, offset: int) -> int:
        """How many rows begin before this byte."""
        return int(np.searchsorted(self.offsets.view, offset, "left"))

    def scale(self, series: Series, axis: str) -> Scale:
        """An axis as a metric sees it: one of ``AXES``, or a metric behind ``BY``.

        A row in which that one was not measured carries its last value.
        """
        if axis.startswith(BY):
            other = self.series[axis.removeprefix(BY)]
            is_together = other.measured is series.measured
            return Scale(other.values, None if is_together else series.rows, other.rows)
        column = self.x.view if axis == "step" else self.walls.view
        zero = self.first_wall if axis == "relative" else 0.0
        return Scale(column, series.rows, zero=zero)

    def limit(self, until: int | None) -> int:
        """How many rows there were when the file ended at a byte, or are now."""
        return len(self) if until is None else self.rows_before(until)

    def branches(self, series: Series, axis: str, limit: int) -> tuple[Parts, Parts]:
        """The points of a metric's current branch, and those that resumes replaced.

        A resume replaces what it overlaps: points that an earlier attempt wrote at or beyond the
        resume's x. Of the rows before ``limit`` alone. As the stretches along which an axis never
        falls, in the order in which they were written.
        """
        rows, scale = _before(series.rows, limit), self.scale(series, axis)
        parts = self._climbs(series, axis).until(len(rows))
        marks = [mark for mark in self.marks if mark.row < limit]
        if not marks:
            return climbs_of(np.arange(len(rows)), scale) if parts is None else parts, NONE
        begun = np.array([mark.row for mark in marks])
        lowest_later = np.minimum.accumulate([math.inf, *(mark.x for mark in marks[::-1])])[::-1]
        steps, ways = self.scale(series, "step"), self._climbs(series, "step").until(len(rows))

        def end(places: Places) -> Floats:
            """The x from which on points were replaced."""
            return lowest_later[np.searchsorted(begun, rows[places], "right")]

        if parts is None or ways is None:
            places = np.arange(len(rows))
            kept = steps.at(places) < end(places)
            return climbs_of(places[kept], scale), climbs_of(places[~kept], scale)
        turns = np.searchsorted(rows, begun)
        ways = ways.split(turns)
        replaced = steps.search(end(ways.starts), *ways)
        parts = parts.split(np.concatenate((turns, *ways, replaced)))
        kept = steps.at(parts.starts) < end(parts.starts)
        return parts.picked(kept), parts.picked(~kept)

    def _climbs(self, series: Series, axis: str) -> Climbs:
        """Where a metric never falls back along an axis, up to its last point."""
        climbs = series.measured.climbs.setdefault(axis, Climbs())
        climbs.extend(self.scale(series, axis), len(series))
        return climbs

    def places(self, name: str, axis: str, until: int | None = None) -> tuple[Places, Places]:
        """Where the points of a metric's current branch stand, and those that resumes replaced.

        As of when the file ended at a byte; without those that have no x.
        """
        current, old = self.branches(self.series[name], axis, self.limit(until))
        return current.places(), old.places()

    def curve(self, name: str, axis: str, until: int | None = None) -> Curve:
        """All points of a metric's current branch."""
        series = self.series[name]
        return series.exact(self.places(name, axis, until)[0], self.scale(series, axis))

    def points_between(
        self, first: int, end: int
    ) -> Iterator[tuple[str, int, NDArray[np.int64], Floats]]:
        """Metrics measured from row ``first`` up to ``end``.

        Yields:
            Name, index of its first point there, rows and values. Rows of metrics that always were
            measured together are the same object: a search gives the interpreter away and takes it
            back at once, and thousands of them, one for each, let nobody else have it.
        """
        found: dict[Measured, tuple[int, Rows]] = {}
        for name, series in self.series.items():
            if series.measured not in found:
                start, stop = np.searchsorted(series.rows, (first, end), "left").tolist()
                found[series.measured] = start, series.rows[start:stop]
            start, rows = found[series.measured]
            if len(rows):
                yield name, start, rows, series.values[start : start + len(rows)]


def _before(rows: Rows, limit: int) -> Rows:
    return rows[: np.searchsorted(rows, limit, "left")]


def _in_order(parts: list[tuple[Rows, Floats]]) -> tuple[Rows, Floats]:
    """Points that came in several pieces, in the order of their rows."""
    if len(parts) == 1:
        return parts[0]
    rows, values = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    order = np.argsort(rows, kind="stable")
    return rows[order], values[order]


def _severity_code(severity: str) -> int:
    return SEVERITIES.index(severity) if severity in SEVERITIES else 0


def _first_finite(values: Floats) -> float:
    """Looks at ever more values, as it most likely is the first."""
    start, end = 0, 1
    while start < len(values):
        finite = values[start:end][np.isfinite(values[start:end])]
        if len(finite):
            return float(finite[0])
        start, end = end, 16 * end
    return math.nan
