"""Curves of what is kept, without a look at each point. Pure."""

import math

import numpy as np

from karn_view.store.parts import Parts, begins
from karn_view.store.pyramid import Floats, Places
from karn_view.store.scale import Scale
from karn_view.store.series import Series
from karn_view.store.thin import Curve, edges, thin

FEW = 16
"""Pieces of fewer points on average are looked at point by point."""


def windowed(parts: Parts, scale: Scale, first: float | None, last: float | None) -> Parts:
    """What of stretches has ``first <= x <= last``, and one x beyond each side to draw lines to.

    Along each of them x never falls. Costs what stretches there are.
    """
    low = -math.inf if first is None else first
    high = math.inf if last is None else max(low, last)
    starts, ends = _first(low, parts, scale), _first(_above(high), parts, scale)
    before = scale.at(starts[starts > parts.starts] - 1).max(initial=-math.inf)
    beyond = scale.at(ends[ends < parts.ends]).min(initial=math.inf)
    starts, ends = _first(before, parts, scale), _first(_above(beyond), parts, scale)
    return Parts(starts, ends).picked(starts < ends)


def _first(wanted: float, parts: Parts, scale: Scale) -> Places:
    """Of each stretch the first point that is not below what is wanted, or its end."""
    x, last_x = scale.at(parts.starts), scale.at(parts.ends - 1)
    found = np.where(last_x < wanted, parts.ends, parts.starts)
    across = np.flatnonzero((x < wanted) & (wanted <= last_x))
    found[across] = scale.search(np.full(len(across), wanted), *parts.picked(across))
    return found


def _above(x: float) -> float:
    return math.nextafter(x, math.inf)


def thinned(series: Series, scale: Scale, parts: Parts, points: int) -> Curve:
    """What `thin` makes of stretches: at most ``points`` bins, or all of their points.

    Along each of them x never falls. Costs the bins that each reaches over, or if these are as many
    as their points a look at each point.
    """
    total = parts.sizes.sum()
    if total > max(points, FEW * len(parts.starts)):
        inner = edges(scale.at(parts.starts).min(), scale.at(parts.ends - 1).max(), points)
        which, bins = _bins(parts, scale, inner)
        if total > FEW * len(bins):
            return _binned(series, scale, *_pieces(parts, scale, inner, which, bins))
    return thin(series.exact(parts.places(), scale), points)


def _bins(parts: Parts, scale: Scale, inner: Floats) -> tuple[Places, Places]:
    """Which stretch reaches over which bin; ``inner`` stands between the bins."""
    first, last = (
        np.searchsorted(inner, scale.at(ends), "right") for ends in (parts.starts, parts.ends - 1)
    )
    reached = Parts(first, last + 1)
    return np.repeat(np.arange(len(first)), reached.sizes), reached.places()


def _pieces(
    parts: Parts, scale: Scale, inner: Floats, which: Places, bins: Places
) -> tuple[Parts, Places]:
    """Stretches cut at the bins, without what is empty; and in which bin each piece is."""
    starts, ends = parts.picked(which)
    later = 1 + np.flatnonzero(which[1:] == which[:-1])
    starts[later] = scale.search(inner[bins[later] - 1], *parts.picked(which[later]))
    ends[later - 1] = starts[later]
    is_there = starts < ends
    return Parts(starts, ends).picked(is_there), bins[is_there]


def _binned(series: Series, scale: Scale, pieces: Parts, bins: Places) -> Curve:
    """One point for each bin."""
    low, high = series.extremes(*pieces)
    last = pieces.ends - 1
    order = np.lexsort((last, scale.at(last), bins))
    first = begins(np.diff(bins[order]) > 0, len(bins))
    final = np.append(first[1:], len(bins)) - 1
    shown = last[order[final]]
    y = series.values[shown]
    if not np.isfinite(y).all():
        latest = series.latest(*pieces)
        x = np.where(latest < 0, -math.inf, scale.at(latest))
        latest = latest[np.lexsort((latest, x, bins))[final]]
        y = np.where(latest < 0, np.nan, series.values[latest])
    low, high = np.fmin.reduceat(low[order], first), np.fmax.reduceat(high[order], first)
    return Curve(scale.at(shown), y, low, high, series.rows[shown], False)
