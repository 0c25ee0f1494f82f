"""Curves made small enough to draw, with every spike kept. Pure."""

from typing import NamedTuple

import numpy as np

from karn_view.store.pyramid import Floats, Places


class Stretch(NamedTuple):
    """Which part of a curve is asked for, in how many points, and as of which byte."""

    first: float | None = None
    last: float | None = None
    points: int = 1000
    until: int | None = None


class Curve(NamedTuple):
    """Columns of equal length n; ``x`` strictly ascending, the others NaN where nothing is finite.

    ``rows`` says which record of the run each point came from. ``low`` and ``high`` are the
    extremes of the points that it stands for: in an exact curve those with the same x, in a thinned
    one those of a bin. ``x``, ``y``, ``rows`` are those of the last of them, of the same x the last
    written, ``y`` of the last that is finite: a point that was really measured.
    """

    x: Floats
    y: Floats
    low: Floats
    high: Floats
    rows: Places
    exact: bool


_NONE = np.empty(0)
EMPTY = Curve(_NONE, _NONE, _NONE, _NONE, np.empty(0, np.int64), True)


def window(curve: Curve, first: float | None, last: float | None) -> Curve:
    """The part with ``first <= x <= last``, and a point beyond each side to draw lines to."""
    start = 0 if first is None else max(int(np.searchsorted(curve.x, first, "left")) - 1, 0)
    end = len(curve.x) if last is None else int(np.searchsorted(curve.x, last, "right")) + 1
    part = slice(start, end)
    x, y, low, high, rows, exact = curve
    return Curve(x[part], y[part], low[part], high[part], rows[part], exact)


def thin(curve: Curve, points: int) -> Curve:
    """At most ``points`` bins of equal width in x; the curve itself if it is no longer than that.

    Costs a few passes over the points: some 4 ms for a million.
    """
    if len(curve.x) <= points:
        return curve
    inner = edges(curve.x[0], curve.x[-1], points)
    starts = bins(0, len(curve.x), np.searchsorted(curve.x, inner, "left"))
    return binned(curve, starts, exact=False)


def binned(curve: Curve, starts: Places, *, exact: bool) -> Curve:
    """One point for each bin; ``starts`` says where these begin, the first at 0."""
    ends = np.append(starts[1:], len(curve.x)) - 1
    return Curve(
        curve.x[ends],
        _last_finite(curve.y, starts, ends),
        np.fmin.reduceat(curve.low, starts),
        np.fmax.reduceat(curve.high, starts),
        curve.rows[ends],
        exact,
    )


def edges(first: float, last: float, points: int) -> Floats:
    """Between the bins of a stretch of x."""
    return np.linspace(first, last, points + 1)[1:-1]


def bins(start: int, end: int, cuts: Places) -> Places:
    """Where the bins begin that have points; ``cuts`` ascend and may be equal."""
    starts = np.append(start, cuts)
    return starts[np.append(True, starts[1:] > starts[:-1]) & (starts < end)]


def _last_finite(y: Floats, starts: Places, ends: Places) -> Floats:
    """The last finite value of each bin: one NaN among thousands must not tear the line."""
    positions = np.where(np.isfinite(y), np.arange(len(y)), -1)
    latest = np.maximum.reduceat(positions, starts)
    return np.where(latest >= starts, y[np.maximum(latest, 0)], y[ends])
