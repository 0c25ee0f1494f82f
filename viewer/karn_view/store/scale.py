"""An axis as one metric sees it: the x of each of its points. Pure."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from karn_view.store.pyramid import Floats, Places


class Scale(NamedTuple):
    """The column of a run, the rows of a metric, and where 0 is.

    Nothing is computed for points that nobody asks for.
    """

    column: Floats
    rows: NDArray[np.int64]
    zero: float = 0.0

    @property
    def points(self) -> int:
        return len(self.rows)

    def at(self, where: slice | Places) -> Floats:
        """The x of these points."""
        x: Floats = self.column[self.rows[where]]
        return x - self.zero if self.zero else x

    @property
    def _is_dense(self) -> bool:
        """Whether the metric has one point in each row of its own, and x is their column."""
        rows = self.rows
        return not self.zero and len(rows) > 0 and rows[-1] - rows[0] + 1 == len(rows)

    def until(self, count: int) -> "Scale":
        """The first points only."""
        return self._replace(rows=self.rows[:count])

    def is_straight(self, start: int) -> bool:
        """Whether x is finite and ascends strictly from the point before ``start`` on."""
        x = self.at(slice(max(start - 1, 0), None))
        ends_known = np.isfinite(x[:1]).all() and np.isfinite(x[-1:]).all()
        return bool(ends_known and (x[1:] > x[:-1]).all())

    def search(self, wanted: Floats, *, right: bool = False) -> Places:
        """How many points are below each wanted x, or with ``right`` not above it.

        Of points that ascend strictly.
        """
        if self._is_dense:
            dense = self.column[self.rows[0] : self.rows[-1] + 1]
            return np.searchsorted(dense, wanted, "right" if right else "left")
        low, high = np.zeros(len(wanted), np.int64), np.full(len(wanted), self.points)
        while (active := low < high).any():
            middle = (low + high) // 2
            x = self.at(np.minimum(middle, self.points - 1))
            below = x <= wanted if right else x < wanted
            low = np.where(active & below, middle + 1, low)
            high = np.where(active & ~below, middle, high)
        return low

    def window(self, first: float | None, last: float | None) -> tuple[int, int]:
        """The points with ``first <= x <= last``, and one beyond each side to draw lines to."""
        start = 0 if first is None else max(int(self.search(np.array([first]))[0]) - 1, 0)
        if last is None:
            return start, self.points
        return start, min(int(self.search(np.array([last]), right=True)[0]) + 1, self.points)
