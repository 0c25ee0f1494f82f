"""What the numbers cost to keep and to ask for: `python tests/benchmarks/bench_store.py [POINTS]`.

For series of a million points and more, up to POINTS (100 million unless told): bytes of memory and
nanoseconds a point appended, and how long a window takes, beside one pass of numpy over the same
values for their least and largest.
"""

import gc
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from karn_view.formats.rows import Batch, Sheet
from karn_view.memory import Memory
from karn_view.store import Store
from karn_view.store.column import Allocate, anonymous
from karn_view.store.seen import see
from karn_view.store.thin import Stretch

METRICS = 10
BATCH_ROWS = 4096
PIXELS = 2000
WINDOWS = 20
MOST = 100_000_000
CEILING_BYTES = 64 << 20


def anonymous_bytes() -> int:
    """Memory of this process that no file stands behind."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("RssAnon"):
            return int(line.split()[1]) * 1024
    raise OSError("the system does not tell RssAnon")


def fill(
    rows: int, metrics: int, batch_rows: int = BATCH_ROWS, allocate: Allocate = anonymous
) -> tuple[Store, float]:
    """A store of so many records, and the seconds that appending took."""
    store, took, random = Store(allocate), 0.0, np.random.default_rng(0)
    names = [f"metric/{number}" for number in range(metrics)]
    for first in range(0, rows, batch_rows):
        size = min(batch_rows, rows - first)
        at = np.arange(size)
        offsets, x = 100 * (first + at), np.array(first + at, np.float64)
        walls = np.array(1.7e9 + 0.25 * x)
        values = random.normal(size=(size, metrics))
        sheet = Sheet(at, offsets, walls, x, "metric", "train", "", names, values)
        started = time.perf_counter()
        store.append(Batch([], [], None, [sheet]))
        took += time.perf_counter() - started
    return store, took


def milliseconds(ask: Callable[[float, float], object], points: int) -> tuple[float, float]:
    """Median and longest over windows of any size and place."""
    random, took = np.random.default_rng(1), []
    for _ in range(WINDOWS):
        first, last = sorted((random.random(2) ** 2 * points).tolist())
        started = time.perf_counter()
        ask(first, last)
        took.append(1000 * (time.perf_counter() - started))
    return statistics.median(took), max(took)


def keeping(points: int, metrics: int, allocate: Allocate = anonymous) -> None:
    gc.collect()
    before = anonymous_bytes()
    store, took = fill(points // metrics, metrics, allocate=allocate)
    used = anonymous_bytes() - before
    print(
        f"{points:>12,} points of {metrics:>2} metrics: {used / points:5.1f} bytes of memory "
        f"and {1e9 * took / points:6.1f} ns a point appended, {len(store):,} records"
    )


def asking(points: int) -> None:
    store, _ = fill(points, 1)
    values = store.series["metric/0"].values

    def window(first: float, last: float) -> None:
        see(store, "metric/0", "step", Stretch(first, last, PIXELS))

    def one_pass(first: float, last: float) -> None:
        part = values[int(first) : int(last) + 1]
        part.min(), part.max()

    (median, longest), (plain, plain_longest) = (
        milliseconds(ask, points) for ask in (window, one_pass)
    )
    print(
        f"{points:>12,} points: a window of {PIXELS} pixels {median:6.2f} ms, at most "
        f"{longest:.2f}; numpy's minimum and maximum of it in one pass {plain:6.2f} ms, at most "
        f"{plain_longest:.2f}"
    )


def single(points: int = 20_000) -> None:
    for batch_rows in (1, 100):
        _, took = fill(points, METRICS, batch_rows)
        print(
            f"batches of {batch_rows:>3} records: {1e9 * took / points / METRICS:6.0f} ns a point"
        )


def main() -> None:
    most = int(sys.argv[1]) if len(sys.argv) > 1 else MOST
    single()
    sizes = [size for size in (1_000_000, 10_000_000, MOST) if size <= most]
    for size in sizes:
        keeping(size, METRICS)
    with tempfile.TemporaryDirectory() as folder:
        print(f"with --memory {CEILING_BYTES >> 20}M:")
        keeping(sizes[-1], METRICS, Memory(CEILING_BYTES, Path(folder)).allocate)
    for size in sizes:
        asking(size)


if __name__ == "__main__":
    main()
