"""Columns made by hand, for tests of the rules over them."""

import math
from collections.abc import Iterator, Sequence

from karn_view.formats.points import Points
from karn_view.formats.rows import Batch, Row
from karn_view.rules.own import OwnFold
from karn_view.store import Store
from karn_view.views.alerts import Alert

LINE_BYTES = 100


def store_of(gaps_s: Sequence[float] = (), /, **series: Sequence[float]) -> Store:
    """A store with a row for each step; lines of 100 bytes, by a clock if gaps are given."""
    *_, store = portions_of(10**9, gaps_s, **series)
    return store


def portions_of(
    size: int, gaps_s: Sequence[float] = (), /, **series: Sequence[float]
) -> Iterator[Store]:
    """The same store as it grows by so many rows at a time."""
    store, wall, rows = Store(), 1e9, []
    count = max(map(len, series.values()))
    for step in range(count):
        wall += gaps_s[step] if gaps_s else math.nan
        points = [(name, float(values[step])) for name, values in series.items()]
        rows.append(
            Row(
                step * LINE_BYTES,
                "metric",
                "train",
                "",
                wall,
                float(step),
                True,
                Points.of(points),
                None,
                "",
            )
        )
        if len(rows) == size or step == count - 1:
            store.append(Batch(rows, [], None))
            rows = []
            yield store


def falling(count: int) -> list[float]:
    """A loss as it should be: from 2.3 down to 0.3, with some noise."""
    return [0.3 + 2.0 / (1 + 12 * n / count) ** 1.5 + 0.02 * ((n * 7) % 5) for n in range(count)]


def found(fold: OwnFold, store: Store) -> list[tuple[Alert, int]]:
    """Everything that a rule finds in a store."""
    alerts = fold.take(store)
    while fold.behind(store):
        alerts += fold.take(store)
    return alerts
