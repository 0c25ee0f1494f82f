"""An axis as one metric sees it: the x of each of its points. Pure."""

from typing import NamedTuple

import numpy as np

from karn_view.store.pyramid import Floats, Places

NEAR = 4096
"""So many points around where it were on a straight line are tried first where x is not even: that
halves what a search costs along a clock.
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

        Within a stretch, which is not empty, x never falls. Costs two looks where it ascends
        evenly, elsewhere at most one more for each time that a stretch can be halved.
        """
        last = ends - 1
        guess = self._guess(wanted, starts, last)
        low, high = self._narrowed(wanted, starts, ends, np.maximum(guess - 1, starts))
        low, high = self._narrowed(wanted, low, high, guess)
        left = np.flatnonzero(low < high)
        if not len(left):
            return low
        found, wanted, low, high = low, wanted[left], low[left], high[left]
        guess, starts, last = guess[left], starts[left], last[left]
        low, high = self._narrowed(wanted, low, high, np.maximum(guess - NEAR, starts))
        low, high = self._narrowed(wanted, low, high, np.minimum(guess + NEAR, last))
        while (low < high).any():
            middle = np.minimum((low + high) // 2, last)
            low, high = self._narrowed(wanted, low, high, middle)
        found[left] = low
        return found

    def _guess(self, wanted: Floats, first: Places, last: Places) -> Places:
        """Where they were if x were a straight line."""
        x, last_x = self.at(first), self.at(last)
        with np.errstate(all="ignore"):
            share = np.fmin(np.fmax((wanted - x) / (last_x - x), 0), 1)
        guess: Places = first + np.ceil(share * (last - first)).astype(np.int64)
        return guess

    def _narrowed(
        self, wanted: Floats, low: Places, high: Places, middle: Places
    ) -> tuple[Places, Places]:
        below = ~(self.at(middle) >= wanted)
        return (
            np.where(below, np.maximum(low, middle + 1), low),
            np.where(below, high, np.minimum(high, middle)),
        )
