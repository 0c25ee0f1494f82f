"""What the numbers cost to keep and to ask for: `python tests/benchmarks/bench_store.py [POINTS]`.

For series of a million points and more, up to POINTS (100 million unless told): bytes of memory and
nanoseconds a point appended, and how long a window takes, beside one pass of numpy over the same
values for their least and largest.
"""

import gc
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from karn_view.cli import NUMPYS

os.environ.update(NUMPYS)  # as the viewer does before it imports numpy

import numpy as np
from history import keep
from karn_view.formats.rows import Batch, Sheet
from karn_view.memory import Memory
from karn_view.store import Store
from karn_view.store.column import Allocate, anonymous
from karn_view.store.seen import see
from karn_view.store.thin import Stretch

METRICS = 10
BATCH_ROWS = 4096
FEW = 20_000
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

    def window(first: float, last: float) -> None:
        see(store, "metric/0", "step", Stretch(first, last, PIXELS))

    def one_pass(first: float, last: float) -> None:
        part = values[int(first) : int(last) + 1]
        part.min(), part.max()

    (median, longest), (plain, plain_longest) = (
        milliseconds(ask, points) for ask in (window, one_pass)
    )
    figures = {
        f"{points:,} points: a window p50 ms": median,
        f"{points:,} points: a window at most ms": longest,
        f"{points:,} points: numpy's extremes p50 ms": plain,
        f"{points:,} points: numpy's extremes at most ms": plain_longest,
    }
    return figures, {f"{points:,} points: times as long as numpy's extremes": median / plain}


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
        asked, compared = asking(size)
        figures, ratios = figures | asked, ratios | compared
    keep("store", figures, ratios)


if __name__ == "__main__":
    main()
