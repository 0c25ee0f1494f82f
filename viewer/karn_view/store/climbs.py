"""Where x never falls, of points that are added at their end. Pure."""

import numpy as np

from karn_view.store.column import Column
from karn_view.store.parts import Parts, begins
from karn_view.store.pyramid import Places
from karn_view.store.scale import Scale

MOST = 1024
"""Where there are more climbs than that none are kept: each point has to be looked at."""


class Climbs:
    """In which stretches of points x is finite and never falls."""

    __slots__ = ("_ends", "_starts", "points")

    def __init__(self) -> None:
        self.points = 0
        self._starts = Column(np.int64)
        self._ends = Column(np.int64)

    def copied(self) -> "Climbs":
        """The same, to go on with others."""
        copy = Climbs()
        copy.points = self.points
        copy._starts, copy._ends = self._starts.copied(), self._ends.copied()
        return copy

    def extend(self, scale: Scale, points: int) -> None:
        """Looks at the points that are new, unless there are more climbs than are kept."""
        if points > self.points and len(self._starts) <= MOST:
            starts, ends = _found(scale, self.points, points)
            self._starts.extend(starts[: MOST + 1])
            self._ends.extend(ends[: MOST + 1])
            self.points = points

    def until(self, points: int) -> Parts | None:
        """Those of the first points, in their order; None if there are more than are kept."""
        if len(self._starts) > MOST:
            return None
        starts = self._starts.view[: np.searchsorted(self._starts.view, points)]
        ends = np.append(self._ends.view, points)[: len(starts)]
        return Parts(starts, np.minimum(ends, points))


def climbs_of(places: Places, scale: Scale) -> Parts:
    """The stretches of places, which ascend, along which x is finite and never falls."""
    x = scale.at(places)
    is_known = np.isfinite(x)
    x, places = x[is_known], places[is_known]
    first = begins((np.diff(places) > 1) | (np.diff(x) < 0), len(x))
    return Parts(places[first], places[np.append(first[1:], len(x))[: len(first)] - 1] + 1)


def _found(scale: Scale, first: int, end: int) -> tuple[Places, Places]:
    """Where climbs start and end among new points; the last one may go on."""
    x = scale.at(slice(max(first - 1, 0), end))
    if not first:
        x = np.append(np.nan, x)
    ascends = x[1:] >= x[:-1]
    if ascends.all() and np.isfinite(x[0]) and np.isfinite(x[-1]):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    finite = np.isfinite(x)
    ascends &= finite[1:] & finite[:-1]
    return (
        first + np.flatnonzero(finite[1:] & ~ascends),
        first + np.flatnonzero(finite[:-1] & ~ascends),
    )
