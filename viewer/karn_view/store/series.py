"""One metric of one run: which records it was measured in, and its values. Pure."""

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from karn_view.store.column import Allocate, Column, anonymous
from karn_view.store.measured import Measured
from karn_view.store.parts import begins
from karn_view.store.pyramid import Floats, Places, Pyramid, known
from karn_view.store.scale import Scale
from karn_view.store.thin import Curve, binned

SETTLED = 4096
"""So many points are settled as one: one by one they would cost a hundred times as much."""


class MetricSummary(NamedTuple):
    """What is known of a metric without drawing it. ``None`` where nothing finite was measured.

    Attributes:
        points: Values written, non-finite ones included.
        non_finite: How many of them were NaN or infinite.
        start: Row of the first value.
    """

    name: str
    points: int
    non_finite: int
    first_step: float | None
    last_step: float | None
    last: float | None
    min: float | None
    max: float | None
    start: int


class Series:
    """Rows (ascending) and values of one metric, in the order they were written.

    All but the newest points are settled: their extremes are known in blocks, and where they are
    not finite.
    """

    __slots__ = (
        "_high",
        "_highs",
        "_low",
        "_lows",
        "_non_finite",
        "_noted",
        "_odd",
        "_pyramid",
        "_values",
        "measured",
        "name",
    )

    def __init__(self, name: str, measured: Measured, allocate: Allocate = anonymous) -> None:
        self.name = name
        self.measured = measured
        self._noted = self._non_finite = 0
        self._low, self._high = math.inf, -math.inf
        self._values = self._lows = self._highs = Column(np.float64, allocate)
        self._pyramid = Pyramid(allocate)
        self._odd = Column(np.int16)

    def __len__(self) -> int:
        return len(self._values)

    @property
    def rows(self) -> NDArray[np.int64]:
        return self.measured.rows

    @property
    def values(self) -> NDArray[np.float64]:
        return self._values.view

    @property
    def is_banded(self) -> bool:
        """Whether it was told what values are means of."""
        return self._lows is not self._values

    def extend(self, values: NDArray[np.float64]) -> None:
        """Adds values of the rows that ``measured`` was extended by."""
        for column in (self._values, self._lows, self._highs)[: 3 if self.is_banded else 1]:
            column.extend(values)

    def _note(self) -> None:
        """Takes new values into what is told of all: many together, as a few cost as much."""
        values = self.values[self._noted :]
        if not len(values):
            return
        self._noted += len(values)
        low, high = float(values.min()), float(values.max())
        if not math.isfinite(low) or not math.isfinite(high):
            finite = values[np.isfinite(values)]
            self._non_finite += len(values) - len(finite)
            low = float(finite.min(initial=math.inf))
            high = float(finite.max(initial=-math.inf))
        self._low, self._high = min(self._low, low), max(self._high, high)

    @property
    def non_finite(self) -> int:
        """How many values are NaN or infinite."""
        self._note()
        return self._non_finite

    def widen(self, rows: list[int], bands: list[tuple[float, float]]) -> None:
        """Tells of which least and largest the values of some of the newest rows are means."""
        if not self.is_banded:
            self._lows, self._highs = self._values.copied(), self._values.copied()
        places = np.searchsorted(self.rows, rows)
        known = self.rows[np.minimum(places, len(self) - 1)] == rows
        for column, told in zip((self._lows, self._highs), zip(*bands, strict=True), strict=True):
            column.view[places[known]] = np.array(told)[known]

    @property
    def settled(self) -> int:
        """How many points are settled."""
        return SETTLED * len(self._odd)

    def settle(self) -> None:
        """Settles all whole blocks of points."""
        self._note()
        start, end = self.settled, len(self) // SETTLED * SETTLED
        finite = np.isfinite(self.values[start:end]).reshape(-1, SETTLED)
        self._odd.extend(SETTLED - finite.sum(axis=1))
        self._cover(end)

    def _cover(self, end: int) -> None:
        values = self._values.view[:end]
        lows, highs = values, values
        if self.is_banded:
            lows, highs = self._lows.view[:end], self._highs.view[:end]
        self._pyramid.extend(lows, highs, values)

    def exact(self, places: Places, scale: Scale) -> Curve:
        """Points that have an x, in the order of it; those with the same one as one."""
        x = scale.at(places)
        if (x[1:] < x[:-1]).any():
            order = np.argsort(x, kind="stable")
            x, places = x[order], places[order]
        y, low, high = (
            known(column.view[places]) for column in (self._values, self._lows, self._highs)
        )
        curve = Curve(x, y, low, high, self.rows[places], True)
        first = begins(x[1:] > x[:-1], len(x))
        return curve if len(first) == len(x) else binned(curve, first, exact=True)

    def extremes(self, starts: Places, ends: Places) -> tuple[Floats, Floats]:
        """The least and the largest finite value in each of n stretches that are not empty."""
        self._cover(len(self))
        return self._pyramid.extremes(self._lows.view, self._highs.view, starts, ends)

    def latest(self, starts: Places, ends: Places) -> Places:
        """The last point of each stretch whose value is finite; -1 where there is none."""
        self._cover(len(self))
        return self._pyramid.latest(self.values, starts, ends)

    def odd(self, start: int, end: int) -> Iterator[Places]:
        """Which points of a part are not finite, block by block."""
        if not self.non_finite:
            return
        first, last = start // SETTLED, min(-(-end // SETTLED), len(self._odd))
        blocks = first + np.flatnonzero(self._odd.view[first:last])
        unsettled = max(start, self.settled)
        parts = [(int(block) * SETTLED, int(block + 1) * SETTLED) for block in blocks]
        for begin, stop in (*parts, (unsettled, max(unsettled, end))):
            begin, stop = max(begin, start), min(stop, end)
            yield begin + np.flatnonzero(~np.isfinite(self.values[begin:stop]))

    def summary(self, x: NDArray[np.float64]) -> MetricSummary:
        """The metric in numbers; ``x`` is the axis column of the run."""
        rows, some_finite = self.rows, self.non_finite < len(self)
        return MetricSummary(
            self.name,
            len(self),
            self.non_finite,
            _known(x[rows[0]]),
            _known(x[rows[-1]]),
            float(self.values[-1]),
            self._low if some_finite else None,
            self._high if some_finite else None,
            int(rows[0]),
        )


def _known(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
