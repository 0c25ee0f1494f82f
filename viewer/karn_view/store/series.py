"""One metric of one run: which records it was measured in, and its values. Pure."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from karn_view.store.column import Column


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
    """Rows (ascending) and values of one metric, in the order they were written."""

    __slots__ = ("_rows", "_values", "high", "low", "name", "non_finite")

    def __init__(self, name: str) -> None:
        self.name = name
        self.non_finite = 0
        self.low = math.inf
        self.high = -math.inf
        self._rows = Column(np.int64)
        self._values = Column(np.float64)

    def __len__(self) -> int:
        return len(self._values)

    @property
    def rows(self) -> NDArray[np.int64]:
        return self._rows.view

    @property
    def values(self) -> NDArray[np.float64]:
        return self._values.view

    def extend(self, rows: NDArray[np.int64], values: NDArray[np.float64]) -> None:
        self._rows.extend(rows)
        self._values.extend(values)
        low, high = float(values.min()), float(values.max())
        if not math.isfinite(low) or not math.isfinite(high):
            finite = values[np.isfinite(values)]
            self.non_finite += len(values) - len(finite)
            low = float(finite.min(initial=math.inf))
            high = float(finite.max(initial=-math.inf))
        self.low, self.high = min(self.low, low), max(self.high, high)

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
