"""What the numbers cost to keep and to ask for: `python tests/benchmarks/bench_store.py [POINTS]`.

For series of a million points and more, up to POINTS (100 million unless told): bytes of memory and
nanoseconds a point appended, and how long a window takes, beside one pass of numpy over the same
values for their least and largest. Series that do not simply ascend are compared with one that
does, window by window.
"""

import gc
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Collection
from pathlib import Path

from karn_view.cli import NUMPYS

os.environ.update(NUMPYS)  # as the viewer does before it imports numpy

import numpy as np
from history import keep
from karn_view.formats.points import Points
from karn_view.formats.rows import Batch, Floats, Mark, Row, Sheet
from karn_view.memory import Memory
from karn_view.store import Store
from karn_view.store.column import Allocate, anonymous
from karn_view.store.seen import see
from karn_view.store.store import BY
from karn_view.store.thin import Stretch

METRICS = 10
BATCH_ROWS = 4096
FEW = 20_000
PIXELS = 2000
WINDOWS = 20
MOST = 100_000_000
OTHERS = 10_000_000
CEILING_BYTES = 64 << 20


def anonymous_bytes() -> int:
    """Memory of this process that no file stands behind."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("RssAnon"):
            return int(line.split()[1]) * 1024
    raise OSError("the system does not tell RssAnon")


def fill(
    rows: int,
    metrics: int,
    batch_rows: int = BATCH_ROWS,
    allocate: Allocate = anonymous,
    steps: Floats | None = None,
    resumes: Collection[int] = (),
) -> tuple[Store, float]:
    """A store of so many records, and the seconds that appending took.

    Their steps are their numbers unless others are given; resumes are the rows that begin one. Of
    several metrics the last one ascends.
    """
    store, took, random = Store(allocate), 0.0, np.random.default_rng(0)
    names = [f"metric/{number}" for number in range(metrics)]
    for first in range(0, rows, batch_rows):
        size = min(batch_rows, rows - first)
        at = np.arange(size)
        numbers = first + at
        x = np.array(numbers, np.float64) if steps is None else steps[numbers]
        marks = [
            Mark(row, "resume", x[row - first].item(), "") for row in resumes if row in numbers
        ]
        walls = np.array(1.7e9 + 0.25 * numbers)
        values = random.normal(size=(size, metrics))
        values[:, 1:][:, -1:] = numbers[:, np.newaxis]
        sheet = Sheet(at, 100 * numbers, walls, x, "metric", "train", "", names, values)
        started = time.perf_counter()
        store.append(Batch([], marks, None, [sheet]))
        took += time.perf_counter() - started
    return store, took


def banded(rows: int) -> tuple[Store, float]:
    """The same of one metric whose values are means, each with its band."""
    store, took, random = Store(), 0.0, np.random.default_rng(0)
    for first in range(0, rows, BATCH_ROWS):
        batch = []
        for number in range(first, min(first + BATCH_ROWS, rows)):
            value = random.random()
            points = Points.of([("metric/0", value)])
            points.add_band("metric/0", (value - 1, value + 1))
            row = Row(100 * number, "metric", "", "", number, number, True, points, None, "")
            batch.append(row)
        started = time.perf_counter()
        store.append(Batch(batch, [], None))
        took += time.perf_counter() - started
    return store, took


def milliseconds(*asks: Callable[[float, float], object]) -> list[tuple[float, float]]:
    """Median and longest of each, in turns over windows of any size and place among 0 to 1."""
    random, took = np.random.default_rng(1), [[0.0] * WINDOWS for _ in asks]
    for window in range(WINDOWS):
        first, last = sorted((random.random(2) ** 2).tolist())
        for ask, times in zip(asks, took, strict=True):
            started = time.perf_counter()
            ask(first, last)
            times[window] = 1000 * (time.perf_counter() - started)
    return [(statistics.median(times), max(times)) for times in took]


def asked(store: Store, axis: str) -> Callable[[float, float], object]:
    """Asks for a window of the first metric, which begins and ends at a share of the steps."""
    end = store.x.view.max().item()
    see(store, "metric/0", axis, Stretch())
    return lambda first, last: see(
        store, "metric/0", axis, Stretch(first * end, last * end, PIXELS)
    )


def keeping(points: int, allocate: Allocate = anonymous, how: str = "") -> dict[str, float]:
    """What points take of memory and of time."""
    gc.collect()
    before = anonymous_bytes()
    store, took = fill(points // METRICS, METRICS, allocate=allocate)
    used = anonymous_bytes() - before
    del store
    return {
        f"{points:,} points{how}: bytes of memory a point": used / points,
        f"{points:,} points{how}: appended ns a point": 1e9 * took / points,
    }


def asking(points: int) -> tuple[dict[str, float], dict[str, float]]:
    """How long windows take, and how many times what one pass of numpy takes."""
    store, _ = fill(points, 1)
    values = store.series["metric/0"].values

    def one_pass(first: float, last: float) -> None:
        part = values[int(first * points) : int(last * points) + 1]
        part.min(), part.max()

    (median, longest), (plain, plain_longest) = milliseconds(asked(store, "step"), one_pass)
    figures = {
        f"{points:,} points: a window p50 ms": median,
        f"{points:,} points: a window at most ms": longest,
        f"{points:,} points: numpy's extremes p50 ms": plain,
        f"{points:,} points: numpy's extremes at most ms": plain_longest,
    }
    return figures, {f"{points:,} points: times as long as numpy's extremes": median / plain}


def others(points: int) -> tuple[dict[str, float], dict[str, float]]:
    """How long windows take of series that do not simply ascend, and times a plain one's."""
    x, part = np.arange(points, dtype=np.float64), points // 10
    late, equal, runs = x.copy(), x.copy(), np.tile(x[: points // 3], 3)
    late[part :: part // 10] -= 100
    equal[part :: part // 10] -= 1
    resumed = np.concatenate((x[: 6 * part], x[5 * part : 8 * part], x[7 * part : 8 * part]))
    at_run = (points // 3, 2 * (points // 3))
    cases = {
        "plain": fill(points, 1),
        "2 resumes": fill(points, 1, steps=resumed, resumes=(6 * part, 9 * part)),
        "90 rows late": fill(points, 1, steps=late),
        "90 equal neighbours": fill(points, 1, steps=equal),
        "by another metric": fill(points, 2),
        "3 runs of the same steps": fill(len(runs), 1, steps=runs, resumes=at_run),
        "each step twice": fill(points, 1, steps=x // 2),
        f"{part:,} with bands": banded(part),
    }
    asks = [
        asked(store, f"{BY}metric/1" if len(store.series) > 1 else "step")
        for store, _ in cases.values()
    ]
    medians = dict(zip(cases, (median for median, _ in milliseconds(*asks)), strict=True))
    return (
        {f"{points:,} points, {case}: a window p50 ms": ms for case, ms in medians.items()},
        {f"{case}: times as long as plain": ms / medians["plain"] for case, ms in medians.items()},
    )


def main() -> None:
    """Measures, prints and appends to the history."""
    most = int(sys.argv[1]) if len(sys.argv) > 1 else MOST
    figures: dict[str, float] = {}
    ratios: dict[str, float] = {}
    for batch_rows in (1, 100):
        _, took = fill(FEW, METRICS, batch_rows)
        figures[f"batches of {batch_rows} records: ns a point"] = 1e9 * took / FEW / METRICS
    sizes = [size for size in (1_000_000, 10_000_000, MOST) if size <= most]
    for size in sizes:
        figures |= keeping(size)
    with tempfile.TemporaryDirectory() as folder:
        allocate = Memory(CEILING_BYTES, Path(folder)).allocate
        figures |= keeping(sizes[-1], allocate, f", --memory {CEILING_BYTES >> 20}M")
    for size in sizes:
        told, compared = asking(size)
        figures, ratios = figures | told, ratios | compared
    told, compared = others(min(most, OTHERS))
    keep("store", figures | told, ratios | compared)


if __name__ == "__main__":
    main()
