"""The numbers of a run as one table: a row for each record that measured something. Pure.

A table is a view of the moment at which it was made; the run may go on growing meanwhile.
"""

import math
from collections.abc import Collection, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from karn_view.errors import UnknownMetric
from karn_view.run import Run

BLOCK_ROWS = 5_000


class Block(NamedTuple):
    """Some rows of a table.

    Attributes:
        offsets: Where their lines begin in the file.
        walls: Seconds since 1970, NaN where unknown.
        x: Their place on the run's axis, NaN before the first.
        metrics: A column for each metric of the table: its values, and which rows have one.
    """

    offsets: NDArray[np.int64]
    walls: NDArray[np.float64]
    x: NDArray[np.float64]
    metrics: list[tuple[NDArray[np.float64], NDArray[np.bool_]]]


class Table:
    """Columns that stay as they are while the run grows.

    Attributes:
        axis: What x means in this run.
        names: The metrics, in the order of their columns.
        heads: The names of all columns, no two alike: x, wall time, offset, the metrics.
        rows: How many rows it has.

    Args:
        run: Whose numbers.
        names: The metrics wanted; if none is named all of them, but for the axis itself.
        axis: The axis that the window is of, one of ``store.AXES``.
        first: Beginning of the window.
        last: End of the window.

    Raises:
        UnknownMetric: There is no such metric.
    """

    def __init__(
        self,
        run: Run,
        names: Collection[str] = (),
        *,
        axis: str = "step",
        first: float | None = None,
        last: float | None = None,
    ) -> None:
        with run.lock:
            store = run.current.store
            if unknown := [name for name in names if name not in store.series]:
                raise UnknownMetric(f"no metric named {unknown[0][:80]!r} in this run")
            self.axis = run.current.reader.axis.name
            self.names = list(names) or [name for name in store.series if name != self.axis]
            self._series = [
                (store.series[name].rows, store.series[name].values) for name in self.names
            ]
            self._offsets, self._walls, self._x = (
                store.offsets.view,
                store.walls.view,
                store.x.view,
            )
            scale = store.axis(axis)
        self.heads = _apart([self.axis, "wall", "offset", *self.names])
        self._rows = self._measured(scale, first, last)
        self.rows = len(self._rows)

    def _measured(
        self, scale: NDArray[np.float64], first: float | None, last: float | None
    ) -> NDArray[np.int64]:
        """Rows in the window that have a value of any of the metrics."""
        has = np.zeros(len(self._offsets), bool)
        for rows, _ in self._series:
            has[rows] = True
        if first is not None:
            has &= scale >= first
        if last is not None:
            has &= scale <= last
        return np.flatnonzero(has)

    def blocks(self) -> Iterator[Block]:
        """The rows, so many at a time."""
        for start in range(0, self.rows, BLOCK_ROWS):
            rows = self._rows[start : start + BLOCK_ROWS]
            yield Block(
                self._offsets[rows],
                self._walls[rows],
                self._x[rows],
                [_column(rows, *series) for series in self._series],
            )


def _apart(names: list[str]) -> list[str]:
    """The same names; one that is taken gets an underscore behind it."""
    heads: dict[str, None] = {}
    for name in names:
        while name in heads:
            name += "_"
        heads[name] = None
    return list(heads)


def _column(
    rows: NDArray[np.int64], at: NDArray[np.int64], values: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """The values that stand in these rows, and which rows have one; of two in a row the last."""
    low, high = np.searchsorted(at, (rows[0], rows[-1] + 1))
    at, values = at[low:high], values[low:high]
    column, known = np.full(len(rows), math.nan), np.zeros(len(rows), bool)
    places = np.searchsorted(rows, at)
    places = np.minimum(places, len(rows) - 1)
    fits = rows[places] == at
    column[places[fits]] = values[fits]
    known[places[fits]] = True
    return column, known
