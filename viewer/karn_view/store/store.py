"""The columns of one generation of a run: a row for each record, a series for each metric. Pure."""

import math
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from karn_view.formats.rows import Batch, Floats, Mark, Row
from karn_view.store import measured
from karn_view.store.band import Band
from karn_view.store.column import Allocate, Column, anonymous
from karn_view.store.measured import Measured, Rows
from karn_view.store.scale import Scale
from karn_view.store.series import SETTLED, MetricSummary, Series
from karn_view.store.thin import Curve, ordered

FAULTS_KEPT = 10_000
TOGETHER = 4
"""So many blocks of points wait to be settled, as most of what that costs is that of a call."""
SEVERITIES = ("", "debug", "info", "warning", "error", "critical")
AXES = ("step", "wall", "relative")
BY = "by:"
"""Before the name of a metric that is to be the axis."""


class Store:
    """Appended to by one thread; read by others under the lock of the run that owns it.

    Attributes:
        series: Metrics by name, in the order they first appeared.
        bands: What values are means of, by metric: the least and the largest ones as series of
            equal rows.
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
        self.bands: dict[str, Band] = {}
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
            series.unbend("step")

    def _append_rows(self, batch: Batch, at: Rows) -> None:
        rows, sheets = batch.rows, batch.sheets

        def append(column: Column, of_rows: list[Any], of_sheets: list[Any]) -> None:
            new = column.room(batch.size)
            new[at] = of_rows
            for sheet, values in zip(sheets, of_sheets, strict=True):
                new[sheet.at] = values

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
        self._note_walls(self.walls.view[-batch.size :] if batch.size else self.walls.view[:0])
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
        self._append_bands(batch, at)
        new = [name for name in pieces if name not in self.series]
        unmeasured = Measured(len(new), self._allocate)
        self.series.update((name, Series(name, unmeasured, self._allocate)) for name in new)
        grown = [(self.series[name], *_in_order(parts)) for name, parts in pieces.items()]
        measured.extend((series, rows) for series, rows, _ in grown)
        for series, _, column in grown:
            series.extend(column)
            if len(series) - series.settled >= TOGETHER * SETTLED:
                self._settle(series)

    def _settle(self, series: Series) -> None:
        series.settle()
        for axis in AXES:
            series.is_straight(axis, self.scale(series, axis, len(self)))

    def _append_bands(self, batch: Batch, at: Rows) -> None:
        for row, index in zip(batch.rows, at.tolist(), strict=True):
            for name, band in row.points.bands.items():
                if name not in self.bands:
                    self.bands[name] = Band.empty(name, self._allocate)
                sides = self.bands[name]
                sides.low.measured.extend(np.array([index]))
                for side, value in zip(sides, band, strict=True):
                    side.extend(np.array([value]))

    def summaries(self) -> list[MetricSummary]:
        x = self.x.view
        return [series.summary(x) for series in self.series.values()]

    def has(self, name: str, axis: str = "step") -> bool:
        """Whether there are points of a metric and, if that is one too, of its axis."""
        return name in self.series and (
            not axis.startswith(BY) or axis.removeprefix(BY) in self.series
        )

    def axis(self, name: str) -> Floats:
        """The column that one of ``AXES`` means, or a metric behind ``BY``: a value for each row.

        ``relative`` is seconds since the first row that has a clock. A row in which the metric was
        not measured carries its last value.
        """
        if name.startswith(BY):
            return self._carried(self.series[name.removeprefix(BY)])
        if name == "step":
            return self.x.view
        walls: Floats = self.walls.view
        return walls - self.first_wall if name == "relative" else walls

    def _carried(self, series: Series) -> Floats:
        values = np.append(np.nan, series.values)
        return values[np.searchsorted(series.rows, np.arange(len(self)), "right")]

    def rows_before(self, offset: int) -> int:
        """How many rows begin before this byte."""
        return int(np.searchsorted(self.offsets.view, offset, "left"))

    def scale(self, series: Series, axis: str, limit: int) -> Scale:
        """One of ``AXES`` as a metric sees it in the rows before ``limit``."""
        column = self.x.view if axis == "step" else self.walls.view
        zero = self.first_wall if axis == "relative" else 0.0
        return Scale(column, _before(series.rows, limit), zero)

    def limit(self, until: int | None) -> int:
        """How many rows there were when the file ended at a byte, or are now."""
        return len(self) if until is None else self.rows_before(until)

    def is_resumed(self, limit: int) -> bool:
        """Whether a resume or another run began before this row."""
        return any(mark.row < limit for mark in self.marks)

    def curve(self, name: str, axis: str, until: int | None = None) -> Curve:
        """The metric's current branch over an axis, strictly ascending.

        A resume replaces what it overlaps: points that an earlier attempt wrote at or beyond the
        resume's x are left out here and given by ``superseded``. With ``until`` the curve is what
        it was when the file ended at that byte.
        """
        return self._curve(name, axis, until, current=True)

    def superseded(self, name: str, axis: str, until: int | None = None) -> Curve:
        """The points that resumes have replaced: the old branches, to be drawn faintly."""
        return self._curve(name, axis, until, current=False)

    def _curve(self, name: str, axis: str, until: int | None, *, current: bool) -> Curve:
        series = self.series[name]
        limit = self.limit(until)
        rows = _before(series.rows, limit)
        values = series.values[: len(rows)]
        kept = self._current(rows, limit)
        if kept is not None:
            kept = kept if current else ~kept
            rows, values = rows[kept], values[kept]
        elif not current:
            rows, values = rows[:0], values[:0]
        curve = ordered(self.axis(axis)[rows], values, rows)
        return self.bands[name].around(curve) if name in self.bands else curve

    def _current(self, rows: NDArray[np.int64], limit: int) -> NDArray[np.bool_] | None:
        """Which rows no later resume replaces; None when there was none."""
        marks = [mark for mark in self.marks if mark.row < limit]
        if not marks:
            return None
        starts = np.array([mark.row for mark in marks])
        falls = np.array([mark.x for mark in marks])
        lowest_later = np.append(np.minimum.accumulate(falls[::-1])[::-1], np.inf)
        kept: NDArray[np.bool_] = (
            self.x.view[rows] < lowest_later[np.searchsorted(starts, rows, "right")]
        )
        return kept

    def points_between(
        self, first: int, end: int
    ) -> Iterator[tuple[str, int, NDArray[np.int64], Floats]]:
        """Metrics measured from row ``first`` up to ``end``.

        Yields:
            Name, index of its first point there, rows and values.
        """
        for name, series in self.series.items():
            start, stop = np.searchsorted(series.rows, (first, end), "left").tolist()
            if start < stop:
                yield name, start, series.rows[start:stop], series.values[start:stop]

    def non_finite(self, name: str, rows: NDArray[np.int64]) -> list[tuple[int, float]]:
        """Row and value of each NaN or infinity of a metric among these rows."""
        series = self.series[name]
        if not series.non_finite:
            return []
        odd = np.flatnonzero(~np.isfinite(series.values))
        odd = odd[np.isin(series.rows[odd], rows)]
        return list(zip(series.rows[odd].tolist(), series.values[odd].tolist(), strict=True))


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
