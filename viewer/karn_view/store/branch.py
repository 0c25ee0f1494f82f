"""A curve as stretches of the points of a metric, in the order of x. Pure."""

import math
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from karn_view.store.parts import Parts
from karn_view.store.pyramid import Floats, Places
from karn_view.store.scale import Scale


class Branch:
    """Points over which x never falls; neighbours in their series where it stays the same.

    Each has a place, where it stands in its series, and a number, which counts along the branch.

    Attributes:
        parts: Stretches of places, along which x never falls.
        begins: The number of the first point of each.
    """

    def __init__(self, parts: Parts, scale: Scale) -> None:
        self.parts = parts
        self.scale = scale
        self.begins = np.cumsum(parts.sizes) - parts.sizes

    @classmethod
    def of(
        cls,
        points: Parts | Places,
        scale: Scale,
        first: float | None = None,
        last: float | None = None,
    ) -> Self:
        """The points with ``first <= x <= last``, and of one x beyond each side to draw lines to.

        Of any stretches along which x never falls, or else of places; both in the order in which
        they were written. Of points with the same x the last one, and neighbours before it. Costs
        what stretches there are and, where several of them are in the window, the points where they
        reach over the same x.
        """
        low = -math.inf if first is None else first
        high = math.inf if last is None else max(low, last)
        if not isinstance(points, Parts):
            stacks, x = _stacked(points, scale)
            start, end = np.searchsorted(x, low), np.searchsorted(x, high, "right")
            return cls(_joined(stacks.picked(slice(max(start - 1, 0), end + 1))), scale)
        parts = _in_order(_clipped(points, scale, low, high), scale)
        before = int(np.count_nonzero(scale.at(parts.starts) < low))
        beyond = int(np.count_nonzero(scale.at(parts.ends - 1) > high))
        shown = slice(max(before - 1, 0), len(parts.starts) - max(beyond - 1, 0))
        return cls(parts.picked(shown), scale)

    def __len__(self) -> int:
        return int(self.parts.sizes.sum())

    def part(self, numbers: Places) -> Places:
        """In which of its stretches points are."""
        return np.searchsorted(self.begins, numbers, "right") - 1

    def places(self, numbers: Places) -> Places:
        """Where points stand."""
        part = self.part(numbers)
        return self.parts.starts[part] + numbers - self.begins[part]

    def below(self, wanted: Floats) -> Places:
        """How many points are below each x."""
        part = np.maximum(np.searchsorted(self.scale.at(self.parts.starts), wanted) - 1, 0)
        starts, ends = self.parts.picked(part)
        return self.scale.search(wanted, starts, ends) - starts + self.begins[part]


def _clipped(parts: Parts, scale: Scale, low: float, high: float) -> Parts:
    """What of each stretch is in a window, and the points of an x beyond each side."""
    before = np.flatnonzero(scale.at(parts.starts) < low)
    beyond = np.flatnonzero(scale.at(parts.ends - 1) > high)
    across, count = parts.picked(np.append(before, beyond)), len(before)
    found = scale.search(np.repeat([low, _above(high)], [count, len(beyond)]), *across)
    found[:count] -= 1
    x = scale.at(found)
    x[count:] = _above(x[count:])
    found = scale.search(x, *across)
    starts, ends = parts.starts.copy(), parts.ends.copy()
    starts[before], ends[beyond] = found[:count], found[count:]
    return Parts(starts, ends)


def _in_order(parts: Parts, scale: Scale) -> Parts:
    """The same in the order of x, no two stretches over the same part of it.

    Where several reach over a part of it their points are looked at one by one.
    """
    parts = _by_x(parts, scale)
    x, last_x = scale.at(parts.starts), scale.at(parts.ends - 1)
    low, high = x[1:], np.minimum(last_x[1:], np.maximum.accumulate(last_x)[:-1])
    if not (low <= high).any():
        return parts
    lows, highs = _united(low[low <= high], high[low <= high])
    begin, end = np.searchsorted(highs, x), np.searchsorted(lows, last_x, "right")
    zone, part = Parts(begin, end).places(), np.repeat(np.arange(len(x)), end - begin)
    cuts = [
        scale.search(wanted, *parts.picked(part)) for wanted in (lows[zone], _above(highs[zone]))
    ]
    parts = parts.picked(np.argsort(parts.starts)).split(np.concatenate(cuts))
    x = scale.at(parts.starts)
    is_shared = np.searchsorted(lows, x, "right") > np.searchsorted(highs, x)
    shared, alone = parts.picked(is_shared), parts.picked(~is_shared)
    stacks, _ = _stacked(shared.places(), scale)
    of_others = np.diff(np.searchsorted(shared.starts, stacks.starts, "right")) != 0
    return _by_x(Parts(*map(np.append, alone, _joined(stacks, of_others))), scale)


def _stacked(places: Places, scale: Scale) -> tuple[Parts, Floats]:
    """Points in the order of x, and each x: neighbours that have the same one, the last such.

    Of places that ascend; without those that have no x.
    """
    x = scale.at(places)
    is_known = np.isfinite(x)
    x, places = x[is_known], places[is_known]
    first = _begins((np.diff(places) > 1) | (np.diff(x) != 0), len(x))
    stacks, x = Parts(places[first], places[np.append(first, len(x))[1:] - 1] + 1), x[first]
    order = np.argsort(x, kind="stable")
    last = order[np.append(np.diff(x[order]) > 0, True)[: len(x)]]
    return stacks.picked(last), x[last]


def rejoined(parts: Parts, scale: Scale) -> Parts:
    """Stretches in the order of places; those that meet as one where x does not fall."""
    return _joined(parts, ~(scale.at(parts.starts[1:]) >= scale.at(parts.ends[:-1] - 1)))


def _joined(parts: Parts, is_apart: NDArray[np.bool_] | bool = False) -> Parts:
    """The same as few stretches; of neighbours it is told whether they are apart all the same."""
    first = _begins((parts.starts[1:] != parts.ends[:-1]) | is_apart, len(parts.starts))
    return Parts(parts.starts[first], parts.ends[np.append(first, len(parts.starts))[1:] - 1])


def _begins(breaks: NDArray[np.bool_], count: int) -> Places:
    """Where groups begin among so many, of which neighbours may be of two groups."""
    return np.flatnonzero(np.append(True, breaks))[:count]


def _above(x: Any) -> Any:
    """The next larger x."""
    return np.nextafter(x, math.inf)


def _by_x(parts: Parts, scale: Scale) -> Parts:
    return parts.picked(np.argsort(scale.at(parts.starts), kind="stable"))


def _united(lows: Floats, highs: Floats) -> tuple[Floats, Floats]:
    """Stretches of x, in the order of where they begin, with those that meet as one."""
    reached = np.maximum.accumulate(highs)
    begins = np.append(True, lows[1:] > reached[:-1])
    return lows[begins], reached[np.append(begins[1:], True)]
