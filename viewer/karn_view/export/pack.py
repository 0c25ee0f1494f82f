"""Everything the page asks a viewer about a run, answered beforehand and packed."""

import gzip
import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import numpy as np

from karn_view import __version__
from karn_view.describe import describe_whole, metrics, timeline, with_rules
from karn_view.errors import KarnViewError, UnknownRun
from karn_view.replay import dashboards_at
from karn_view.run import Run
from karn_view.store.store import SEVERITIES, Store
from karn_view.tail import Skipped

BINS = 300
MOMENTS = 200
"""So many moments of a run have a dashboard of their own; others show the one before."""
LINES_MOST_BYTES = 256 << 20
READ_BYTES = 1 << 20
LEVEL = 6

Told = Callable[[float], None]


def pack(run: Run, *, lines: bool, told: Told) -> bytes:
    """A JSON head behind its length, float64 columns, then the lines; all of it compressed.

    Raises:
        KarnViewError: The lines are too many.
    """
    with run.lock:
        generation = run.current
        store, end = generation.store, generation.end
        if lines and end > LINES_MOST_BYTES:
            raise KarnViewError(
                f"{end:,} bytes of lines are too many for one page; --no-lines leaves them out"
            )
        columns = [store.offsets.view, store.walls.view, store.x.view]
        columns += [store.types.view, store.severities.view]
        series = list(_series(store))
        head = {
            "version": __version__,
            "packed_at": time.time(),
            "info": {**describe_whole(run), "trouble": ""},
            "metrics": metrics(run),
            "timeline": timeline(run, BINS),
            "types": list(store.type_names),
            "severities": SEVERITIES,
            "rows": len(store),
            "series": [
                {"name": name, "current": len(current[0]), "old": len(old[0])}
                for name, current, old in series
            ],
            "lines": lines,
        }
    for _, current, old in series:
        columns += [*current, *old]
    head["dashboards"] = list(_dashboards(run, end, told))
    gaps: list[tuple[int, int]] = []
    text = b"".join(_lines(run, generation.id, end, gaps, told)) if lines else b""
    head["gaps"] = gaps
    told(1.0)
    return gzip.compress(b"".join([*_head(head), *map(_column, columns), text]), LEVEL)


def _head(head: dict[str, Any]) -> Iterator[bytes]:
    text = msgspec.json.encode(head)
    text += b" " * (-(len(text) + 8) % 8)
    yield len(text).to_bytes(8, "little")
    yield text


def _column(values: Any) -> bytes:
    return np.ascontiguousarray(values, "<f8").tobytes()


def _series(store: Store) -> Iterator[tuple[str, Any, Any]]:
    """Rows and values of each metric: of its current branch, and of what resumes replaced."""
    for name, series in store.series.items():
        current, old = store.places(name, "step")
        rows, values = series.rows, series.values
        yield name, (rows[current], values[current]), (rows[old], values[old])


def _dashboards(run: Run, end: int, told: Told) -> Iterator[dict[str, Any]]:
    """Dashboards over the course of the run, each without what the one before says too."""
    store, before = run.current.store, dict[str, str]()
    count = min(MOMENTS, len(store))
    moments = [int(store.offsets.view[len(store) * n // count]) for n in range(1, count)]
    for done, folded in enumerate(dashboards_at(run, [*moments, end]), 1):
        at = folded["at"]
        shown = with_rules(run, folded, at)
        said = {key: json.dumps(value, sort_keys=True) for key, value in shown.items()}
        changed = {key: shown[key] for key in said if said[key] != before.get(key)}
        before = said
        yield {"at": at, "changed": changed}
        told(0.8 * done / (count or 1))


def _lines(
    run: Run, generation: str, end: int, gaps: list[tuple[int, int]], told: Told
) -> Iterator[bytes]:
    """The committed bytes; what a reader skips as too long is left out and noted in ``gaps``."""
    offset = 0
    while offset < end:
        data = run.tail.read(generation, offset, READ_BYTES)
        if not data:
            raise UnknownRun("these lines are no longer at hand: the file was replaced")
        if isinstance(data, Skipped):
            gaps.append((data.offset, data.length))
            offset += data.length
            continue
        yield data[: end - offset]
        offset += len(data)
        told(0.8 + 0.2 * offset / end)
