"""What is shown of one metric: a window over an axis, thinned. Pure."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from karn_view.store.store import AXES, Store
from karn_view.store.thin import EMPTY, Curve, Stretch, thin, window


class Odd(NamedTuple):
    """A point whose value is not finite."""

    row: int
    x: float
    value: float


class Seen(NamedTuple):
    """The current branch, what resumes replaced of it, and the odd points of the window."""

    curve: Curve
    superseded: Curve
    odd: Iterator[Odd]


def see(store: Store, name: str, axis: str, asked: Stretch) -> Seen:
    """A window of a metric, at most so many points of it.

    Costs the points that are shown, not those that are there, where the metric ascends strictly
    along the axis; where it does not, has a band or was resumed, it costs them all.
    """
    limit = store.limit(asked.until)
    if axis in AXES and name not in store.bands and not store.is_resumed(limit):
        seen = _straight(store, name, axis, asked, limit)
        if seen is not None:
            return seen
    return _any(store, name, axis, asked)


def _straight(store: Store, name: str, axis: str, asked: Stretch, limit: int) -> Seen | None:
    """What is shown of a metric that ascends strictly; None if it does not."""
    series = store.series[name]
    scale = store.scale(series, axis, limit)
    if not series.is_straight(axis, scale):
        return None
    start, end = scale.window(asked.first, asked.last)
    values, rows = series.values, scale.rows
    odd = (
        Odd(int(rows[at]), scale.at(np.array([at])).item(), values[at].item())
        for at in series.odd(start, end)
    )
    return Seen(series.thinned(scale, start, end, asked.points), EMPTY, odd)


def _any(store: Store, name: str, axis: str, asked: Stretch) -> Seen:
    """The same by looking at each point."""
    curve = window(store.curve(name, axis, asked.until), asked.first, asked.last)
    old = window(store.superseded(name, axis, asked.until), asked.first, asked.last)
    column = store.axis(axis)
    odd = (Odd(row, column[row].item(), value) for row, value in store.non_finite(name, curve.rows))
    return Seen(thin(curve, asked.points), thin(old, asked.points), odd)
