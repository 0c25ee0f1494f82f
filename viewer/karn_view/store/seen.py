"""What is shown of one metric: a window over an axis, thinned. Pure."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from karn_view.store.drawn import thinned, windowed
from karn_view.store.parts import Parts
from karn_view.store.scale import Scale
from karn_view.store.series import Series
from karn_view.store.store import Store
from karn_view.store.thin import Curve, Stretch


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

    Costs what is shown of each of the stretches along which x never falls, not the points that are
    there. They are looked at one by one where such stretches are short or too many.
    """
    series, limit = store.series[name], store.limit(asked.until)
    scale = store.scale(series, axis)
    current, old = (
        windowed(parts, scale, asked.first, asked.last)
        for parts in store.branches(series, axis, limit)
    )
    curve, superseded = (thinned(series, scale, parts, asked.points) for parts in (current, old))
    return Seen(curve, superseded, _odd(series, scale, current))


def _odd(series: Series, scale: Scale, parts: Parts) -> Iterator[Odd]:
    if not len(parts.starts):
        return
    for places in series.odd(int(parts.starts[0]), int(parts.ends[-1])):
        within = np.searchsorted(parts.starts, places, "right") - 1
        places = places[places < parts.ends[within]]
        columns = (series.rows[places], scale.at(places), series.values[places])
        yield from map(Odd, *(column.tolist() for column in columns))
