"""How soon a large file is there again: `python tests/benchmarks/bench_reopen.py [GIGABYTES ...]`.

From the start of the process, and from when it listens, to all points of all metrics over HTTP:
the first time, the second time, and after the file grew by a hundredth. How much of the run file
is read the second time.
"""

import os
import resource
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench_open import NAMES, ROUNDS, write
from history import keep
from karn_view.cache import Cache
from karn_view.kept import cache_folder
from second import Counting, opened
from viewing import start_viewer

GIGABYTES = (0.1, 1.0)
GROWTH = 100
WRITTEN_S = 120.0


class Opening(NamedTuple):
    """Seconds to all points: from the start, from when it listens, and of processors."""

    whole_s: float
    listening_s: float
    processor_s: float


def opening(path: Path) -> Opening:
    """Opens a file and asks for every metric once all of it is known."""
    before_s, begun = processor_s(), time.perf_counter()
    viewer = start_viewer(path)
    try:
        listening = time.perf_counter()
        run = viewer.run()["id"]
        while viewer.get(f"api/runs/{run}")["progress"]["read_bytes"] < path.stat().st_size:
            time.sleep(0.01)
        for name in NAMES:
            (curve,) = viewer.get(f"api/runs/{run}/series?name={name}")["series"]
            assert curve["points"] and not curve["approximate"]
        end = time.perf_counter()
        wait_until_kept()
    finally:
        viewer.close()
    return Opening(end - begun, end - listening, processor_s() - before_s)


def processor_s() -> float:
    """Of processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def wait_until_kept() -> None:
    """Until the cache holds a finished file and none that was begun."""
    deadline = time.monotonic() + WRITTEN_S
    while [file.suffix for file in (cache_folder() / "runs").glob("*")] != [""]:
        assert time.monotonic() < deadline, "nothing was kept"
        time.sleep(0.05)


def medians(path: Path) -> Opening:
    """Of some rounds."""
    return Opening(*map(median, zip(*(opening(path) for _ in range(ROUNDS)), strict=True)))


def cut(path: Path) -> bytes:
    """Takes the last lines, a hundredth of the file, away."""
    data = path.read_bytes()
    begin = data.index(b"\n", len(data) - len(data) // GROWTH) + 1
    os.truncate(path, begin)
    return data[begin:]


def read_bytes(path: Path) -> int:
    """How much of a run file the next opening reads."""
    opened(path, Cache(cache_folder(), 1 << 40)).close()
    return Counting.read_bytes


def measure(gigabytes: float) -> tuple[dict[str, float], dict[str, float]]:
    """Figures and ratios of a file of this size."""
    size = f"{gigabytes:g}gb"
    with tempfile.TemporaryDirectory() as name:
        os.environ["XDG_CACHE_HOME"] = str(Path(name, "cache"))
        path = Path(name, "run.jsonl")
        write(path, size=1e9 * gigabytes)
        left = cut(path)
        first, second, again = opening(path), medians(path), read_bytes(path)
        with path.open("ab") as file:
            file.write(left)
        grown = medians(path)
        kept = sum(512 * file.stat().st_blocks for file in (cache_folder() / "runs").iterdir())
    named = (("first", first), ("second", second), ("grown", grown))
    figures = {
        f"{size}_{what}_{key}": value
        for what, found in named
        for key, value in found._asdict().items()
    }
    figures |= {f"{size}_read_again_bytes": again, f"{size}_cache_mb": kept / 1e6}
    ratios = {
        f"{size} {what}, from when it listens: times as long as the first": found.listening_s
        / first.listening_s
        for what, found in named[1:]
    }
    ratios[f"{size} second, from the start: times as long as the first"] = (
        second.whole_s / first.whole_s
    )
    return figures, ratios


def main() -> None:
    """Measures, prints and appends to the history."""
    figures: dict[str, float] = {}
    ratios: dict[str, float] = {}
    for gigabytes in [*map(float, sys.argv[1:])] or GIGABYTES:
        found, times = measure(gigabytes)
        figures |= found
        ratios |= times
    keep("reopen", figures, ratios)


if __name__ == "__main__":
    main()
