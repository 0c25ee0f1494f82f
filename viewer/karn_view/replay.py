"""The past of a run: its dashboard at any byte, and its lines again at any speed."""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from karn_view.errors import UnknownRun
from karn_view.formats.reader import Reader
from karn_view.formats.rows import Batch
from karn_view.lines import Line, split
from karn_view.run import Run
from karn_view.tail import Skipped
from karn_view.views import Dashboard

PAUSE_MOST_S = 10.0
"""Nobody wants to watch a night of silence, so a replay never waits longer for a line."""
TOGETHER_S = 0.02
"""Lines that fall within this time of replay are sent as one message."""


def dashboard_at(run: Run, at: int) -> dict[str, Any]:
    """The dashboard as it was when the file ended at byte ``at``. Reads the file.

    Folds again from the nearest kept snapshot: costs a thousand lines, or a hundredth of them all.

    Raises:
        UnknownRun: The lines are no longer at hand.
    """
    with run.lock:
        generation = run.current
        start, dashboard = generation.snapshot_before(at)
    batch = Reader(run.overrides).read(_lines(run, generation.id, start, at))
    wall = _fold(dashboard, batch)
    return {**dashboard.dashboard(), "at": at, "wall": wall}


def dashboards_at(run: Run, moments: Iterable[int]) -> Iterator[dict[str, Any]]:
    """The dashboards of ascending moments, in one pass over the file. Reads the file.

    Raises:
        UnknownRun: The lines are no longer at hand.
    """
    generation, start, wall = run.current.id, 0, None
    reader, dashboard = Reader(run.overrides), Dashboard()
    for at in moments:
        newest = _fold(dashboard, reader.read(_lines(run, generation, start, at)))
        wall = wall if newest is None else newest
        yield {**dashboard.dashboard(), "at": at, "wall": wall}
        start = at


def _fold(dashboard: Dashboard, batch: Batch) -> float | None:
    """Takes a batch into a dashboard; returns the last time that it tells."""
    for found in batch.in_order():
        if isinstance(found, int):
            dashboard.apply_foreign(found)
        else:
            dashboard.take(found)
    walls = batch.walls[np.isfinite(batch.walls)]
    return float(walls[-1]) if len(walls) else None


def _lines(run: Run, generation: str, start: int, end: int) -> Iterator[Line]:
    """The committed lines that begin in a range of bytes."""
    while start < end:
        data = run.tail.read(generation, start, end - start)
        if data is None:
            raise UnknownRun("these lines are no longer at hand: the file was replaced")
        if isinstance(data, Skipped):
            start += data.length
            continue
        yield from (line for line in split(data, start) if line.offset < end)
        start += len(data) or end


def pace(
    items: Iterable[dict[str, Any]], speed: float
) -> Iterator[tuple[float, list[dict[str, Any]]]]:
    """Groups a page's items, each group behind the seconds to wait before it. Pure.

    Args:
        items: Items of a page, whose ``wall`` is None where the line has no clock: no wait then.
        speed: How many times faster than it happened.
    """
    group: list[dict[str, Any]] = []
    waited, wait, before = 0.0, 0.0, None
    for item in items:
        wall = item.get("wall")
        if wall is not None:
            if before is not None:
                waited += min(max(wall - before, 0.0) / speed, PAUSE_MOST_S)
            before = wall
        if waited > TOGETHER_S and group:
            yield wait, group
            group, wait, waited = [], waited, 0.0
        group.append(item)
    if group:
        yield wait, group
