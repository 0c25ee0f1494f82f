"""One metric of one run: which records it was measured in, and its values. Pure."""

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from karn_view.store.column import Allocate, Column, anonymous
from karn_view.store.measured import Measured
from karn_view.store.pyramid import Pyramid
from karn_view.store.scale import Scale
from karn_view.store.thin import Curve, bins, edges

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

    All but the newest points are settled: their extremes are known in blocks, where they are not
    finite, and along which axes they ascend strictly.
    """

    __slots__ = (
        "_odd",
        "_pyramid",
        "_straight",
        "_values",
        "high",
        "low",
        "measured",
        "name",
        "non_finite",
    )

    def __init__(self, name: str, measured: Measured, allocate: Allocate = anonymous) -> None:
        self.name = name
        self.measured = measured
        self.non_finite = 0
        self.low = math.inf
        self.high = -math.inf
        self._values = Column(np.float64, allocate)
        self._pyramid = Pyramid(allocate)
        self._odd = Column(np.int16)
        self._straight: dict[str, int | None] = {}

    def __len__(self) -> int:
        return len(self._values)

    @property
    def rows(self) -> NDArray[np.int64]:
        return self.measured.rows

    @property
    def values(self) -> NDArray[np.float64]:
        return self._values.view

    def extend(self, values: NDArray[np.float64]) -> None:
        """Adds values of the rows that ``measured`` was extended by."""
        self._values.extend(values)
        low, high = float(values.min()), float(values.max())
        if not math.isfinite(low) or not math.isfinite(high):
            finite = values[np.isfinite(values)]
            self.non_finite += len(values) - len(finite)
            low = float(finite.min(initial=math.inf))
            high = float(finite.max(initial=-math.inf))
        self.low, self.high = min(self.low, low), max(self.high, high)

    @property
    def settled(self) -> int:
        """How many points are settled."""
        return SETTLED * len(self._odd)

    def settle(self) -> None:
        """Settles all whole blocks of points."""
        start, end = self.settled, len(self) // SETTLED * SETTLED
        finite = np.isfinite(self.values[start:end]).reshape(-1, SETTLED)
        self._odd.extend(SETTLED - finite.sum(axis=1))
        self._pyramid.extend(self.values[:end])

    def unbend(self, axis: str) -> None:
        """Forgets what is known of an axis, as its column was replaced."""
        self._straight.pop(axis, None)

    def is_straight(self, axis: str, scale: Scale) -> bool:
        """Whether the points ascend strictly along an axis; looks at the new ones only.

        The scale may end before the last point.
        """
        known = self._straight.get(axis, 0)
        if known is not None and known < min(self.settled, scale.points):
            part = scale.until(min(self.settled, scale.points))
            known = part.points if part.is_straight(known) else None
            self._straight[axis] = known
        return known is not None and (scale.points <= known or scale.is_straight(known))

    def thinned(self, scale: Scale, start: int, end: int, points: int) -> Curve:
        """The points of a part along an axis on which they ascend, at most ``points`` of them.

        What `thin` makes of them, without looking at each.
        """
        if end - start <= points:
            part = slice(start, end)
            y = np.where(np.isfinite(self.values[part]), self.values[part], np.nan)
            return Curve(scale.at(part), y, y, y, self.rows[part], True)
        outer = scale.at(np.array([start, end - 1]))
        starts = bins(start, end, scale.search(edges(outer[0], outer[1], points)))
        ends = np.append(starts[1:], end)
        found = self._pyramid.over(self.values, starts, ends)
        y = np.where(found["latest"] < 0, np.nan, self.values[found["latest"]])
        x, rows = scale.at(ends - 1), self.rows[ends - 1]
        return Curve(x, y, found["low"].copy(), found["high"].copy(), rows, False)

    def odd(self, start: int, end: int) -> Iterator[int]:
        """Which points of a part are not finite, one after the other."""
        if not self.non_finite:
            return
        first, last = start // SETTLED, min(-(-end // SETTLED), len(self._odd))
        blocks = first + np.flatnonzero(self._odd.view[first:last])
        unsettled = max(start, self.settled)
        parts = [(int(block) * SETTLED, int(block + 1) * SETTLED) for block in blocks]
        for begin, stop in (*parts, (unsettled, max(unsettled, end))):
            begin, stop = max(begin, start), min(stop, end)
            yield from (begin + np.flatnonzero(~np.isfinite(self.values[begin:stop]))).tolist()

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
            self.low if some_finite else None,
            self.high if some_finite else None,
            int(rows[0]),
        )


def _known(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
