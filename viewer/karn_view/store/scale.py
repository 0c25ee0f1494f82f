"""An axis as one metric sees it: the x of each of its points. Pure."""

from typing import NamedTuple

import numpy as np

from karn_view.store.pyramid import Floats, Places

NEAR = (1, 4096)
"""So many points around where it were on a straight line are tried first: steps are mostly even,
and of clocks, which are not, the second halves what a search costs.
"""


class Scale(NamedTuple):
    """A column of a run and which of its values the points of a metric have.

    Nothing is computed for points that nobody asks for.

    Attributes:
        column: A value for each row of the run, unless ``told`` says in which rows they stand.
        rows: Those of the points; None where each value is that of a point.
        told: The rows of the values of the column; from each on it is carried.
        zero: Where 0 is.
    """

    column: Floats
    rows: Places | None
    told: Places | None = None
    zero: float = 0.0

    def at(self, where: slice | Places) -> Floats:
        """The x of these points."""
        if self.rows is None:
            x: Floats = self.column[where]
        elif self.told is None:
            x = self.column[self.rows[where]]
        else:
            place = np.searchsorted(self.told, self.rows[where], "right") - 1
            x = np.where(place < 0, np.nan, self.column[place])
        return x - self.zero if self.zero else x

    def search(self, wanted: Floats, starts: Places, ends: Places) -> Places:
        """The first point of each stretch that is not below what is wanted there, or its end.

        Within a stretch, which is not empty, points ascend. Costs a few looks where they do so
        evenly, elsewhere at most one more for each time that a stretch can be halved.
        """
        low, high, last = starts, ends, ends - 1
        guess = self._guess(wanted, starts, last)
        for near in NEAR:
            if (high - low > near).any():
                low, high = self._narrowed(wanted, low, high, np.maximum(guess - near, starts))
                low, high = self._narrowed(wanted, low, high, np.minimum(guess + near, last))
        while (low < high).any():
            middle = np.minimum((low + high) // 2, last)
            low, high = self._narrowed(wanted, low, high, middle)
        return low

    def _guess(self, wanted: Floats, first: Places, last: Places) -> Places:
        """Where they were if x were a straight line."""
        x, last_x = self.at(first), self.at(last)
        with np.errstate(all="ignore"):
            share = np.fmin(np.fmax((wanted - x) / (last_x - x), 0), 1)
        guess: Places = first + (share * (last - first)).astype(np.int64)
        return guess

    def _narrowed(
        self, wanted: Floats, low: Places, high: Places, middle: Places
    ) -> tuple[Places, Places]:
        below = ~(self.at(middle) >= wanted)
        return (
            np.where(below, np.maximum(low, middle + 1), low),
            np.where(below, high, np.minimum(high, middle)),
        )
