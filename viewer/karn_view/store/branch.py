"""A curve as stretches of the points of a metric, in the order of x. Pure."""

import math
from typing import Self

import numpy as np

from karn_view.store.parts import Parts
from karn_view.store.pyramid import Floats, Places
from karn_view.store.scale import Scale
from karn_view.store.thin import ordered, window


class Branch:
    """Points over which x ascends strictly.

    Each has a place, where it stands in its series, and a number, which counts along the branch.

    Attributes:
        parts: Stretches of places, along which x ascends.
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
        """The points with ``first <= x <= last``, and one beyond each side to draw lines to.

        Of any stretches along which x ascends, or else of places; both in the order in which they
        were written. Of points with the same x the last one. Costs what stretches there are and,
        where several of them are in the window, the points where they reach over the same x.
        """
        low = -math.inf if first is None else first
        high = math.inf if last is None else max(low, last)
        if not isinstance(points, Parts):
            x = scale.at(points)
            return cls(_joined(window(ordered(x, x, points), low, high).rows), scale)
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
    """What of each stretch is in a window, and a point beyond each side."""
    x, last_x = scale.at(parts.starts), scale.at(parts.ends - 1)
    starts = np.where(last_x < low, parts.ends - 1, parts.starts)
    ends = np.where(x > high, parts.starts + 1, parts.ends)
    across_low = np.flatnonzero((x < low) & (low <= last_x))
    across_high = np.flatnonzero((x <= high) & (high < last_x))
    wanted = np.repeat([low, np.nextafter(high, math.inf)], [len(across_low), len(across_high)])
    found = scale.search(wanted, *parts.picked(np.append(across_low, across_high)))
    starts[across_low] = found[: len(across_low)] - 1
    ends[across_high] = found[len(across_low) :] + 1
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
        scale.search(wanted, *parts.picked(part))
        for wanted in (lows[zone], np.nextafter(highs[zone], math.inf))
    ]
    parts = parts.picked(np.argsort(parts.starts)).split(np.concatenate(cuts))
    x = scale.at(parts.starts)
    is_shared = np.searchsorted(lows, x, "right") > np.searchsorted(highs, x)
    shared, alone = parts.picked(is_shared), parts.picked(~is_shared)
    places = shared.places()
    x = scale.at(places)
    found = _joined(ordered(x, x, places).rows, shared)
    return _by_x(Parts(*map(np.append, alone, found)), scale)


def _joined(places: Places, within: Parts | None = None) -> Parts:
    """Places one after the other as few stretches, none of them across others."""
    goes_on = np.diff(places) == 1
    if within is not None:
        goes_on &= np.diff(np.searchsorted(within.starts, places, "right")) == 0
    first = np.flatnonzero(np.append(True, ~goes_on))[: len(places)]
    last = np.append(first, len(places))[1:] - 1
    return Parts(places[first], places[last] + 1)


def _by_x(parts: Parts, scale: Scale) -> Parts:
    return parts.picked(np.argsort(scale.at(parts.starts), kind="stable"))


def _united(lows: Floats, highs: Floats) -> tuple[Floats, Floats]:
    """Stretches of x, in the order of where they begin, with those that meet as one."""
    reached = np.maximum.accumulate(highs)
    begins = np.append(True, lows[1:] > reached[:-1])
    return lows[begins], reached[np.append(begins[1:], True)]
