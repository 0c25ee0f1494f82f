"""Stretches of the points of a metric. Pure."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from karn_view.store.pyramid import Places

BEYOND = np.iinfo(np.int64).max


class Parts(NamedTuple):
    """n stretches, none of them empty, no point in two: each from its start up to its end."""

    starts: Places
    ends: Places

    @property
    def sizes(self) -> Places:
        return self.ends - self.starts

    def picked(self, which: Any) -> "Parts":
        """Some of them, by index or whether they are."""
        return Parts(self.starts[which], self.ends[which])

    def places(self) -> Places:
        """Of all of their points."""
        stops = np.cumsum(self.sizes)
        return np.arange(self.sizes.sum()) + np.repeat(self.ends - stops, self.sizes)

    def split(self, cuts: Places) -> "Parts":
        """The same points, no stretch across a cut. In the order of places, before and after."""
        if not len(self.starts):
            return self
        starts = merged(self.starts, cuts)
        within = np.searchsorted(self.starts, starts, "right") - 1
        ends = np.minimum(np.append(starts[1:], BEYOND), self.ends[within])
        return Parts(starts, ends).picked((within >= 0) & (starts < ends))


def begins(breaks: NDArray[np.bool_], count: int) -> Places:
    """Where groups begin among so many; of neighbours it is told whether they are of two groups."""
    return np.flatnonzero(np.append(True, breaks))[:count]


def merged(one: Places, other: Places) -> Places:
    """All that are in one of the two, which are not empty both; ascending."""
    both: Places = np.sort(np.append(one, other))
    first: NDArray[np.bool_] = np.append(True, both[1:] > both[:-1])
    return both[first]


NONE = Parts(np.empty(0, np.int64), np.empty(0, np.int64))
