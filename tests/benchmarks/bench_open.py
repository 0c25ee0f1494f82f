"""How soon a large file is there: `python tests/benchmarks/bench_open.py [GIGABYTES]`.

The first picture of a small and a large file, from the first question on; all points of a million
records of ten metrics, from the start of the process, beside `json` into arrays and `wc -l`; and
how late a line of another run is while the large file is read.
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from array import array
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from history import keep
from viewing import Viewer, received_records, start_viewer

SMALL_BYTES = 100_000_000
RECORDS = 1_000_000
ROUNDS = 3
BLOCK = 5_000
LINES = 200
BETWEEN_S = 0.02
NAMES = ("loss", "grad_norm", "lr", "acc", "wps", "mem", "loss_out", "a", "n", "entropy")
TAILS = [
    "".join(f', "{name}": {(7 * n + 13 * i) % 997 / 991:.6f}' for i, name in enumerate(NAMES))
    for n in range(BLOCK)
]


def write(path: Path, *, size: float = float("inf"), records: float = float("inf")) -> None:
    """A finished run of ten metrics, the step ascending.

    It is on the disk then: writing it would go on while others are measured.
    """
    step = 0
    with path.open("w", buffering=1 << 22) as file:
        while file.tell() < size and step < records:
            lines = (f'{{"step": {step + n}{tail}}}\n' for n, tail in enumerate(TAILS))
            file.write("".join(lines))
            step += BLOCK
        file.flush()
        os.fsync(file.fileno())


def forget(path: Path) -> None:
    """Has the file read from the disk the next time, as far as the system lets go of it."""
    with path.open("rb") as file:
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def last_step(path: Path) -> float:
    """Where the run ends."""
    with path.open("rb") as file:
        file.seek(-4_096, os.SEEK_END)
        return float(json.loads(file.read().splitlines()[-1])["step"])


def first_picture_s(path: Path) -> float:
    """From the first question to all curves, whole in length.

    On a busy machine the first answer may come before anything of the file is known.
    """
    viewer = start_viewer("--no-cache", path)
    try:
        begun = time.perf_counter()
        run = viewer.run()["id"]
        while not (series := viewer.get(f"api/runs/{run}/series")["series"]):
            time.sleep(0.01)
        spent_s = time.perf_counter() - begun
        assert len(series) == len(NAMES) + 1
        assert series[0]["x"][-1] == last_step(path)
        return spent_s
    finally:
        viewer.close()


def all_points_s(path: Path, records: int = RECORDS) -> float:
    """From the start of the process to the last point of the last metric, none approximate."""
    begun = time.perf_counter()
    viewer = start_viewer("--no-cache", path)
    try:
        run = viewer.run()["id"]
        while viewer.get(f"api/runs/{run}")["progress"]["read_bytes"] < path.stat().st_size:
            time.sleep(0.02)
        (curve,) = viewer.get(f"api/runs/{run}/series?name={NAMES[-1]}")["series"]
        assert curve["points"] == records and not curve["approximate"]
        return time.perf_counter() - begun
    finally:
        viewer.close()


def json_s(path: Path) -> float:
    """A plain script: each number to the array of its key."""
    begun = time.perf_counter()
    columns: dict[str, array[float]] = defaultdict(lambda: array("d"))
    with path.open("rb") as file:
        for line in file:
            for key, value in json.loads(line).items():
                columns[key].append(value)
    return time.perf_counter() - begun


def wc_s(path: Path) -> float:
    """Reading the bytes at all."""
    begun = time.perf_counter()
    subprocess.run(["wc", "-l", path], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - begun


def lateness_ms(viewer: Viewer, path: Path) -> list[float]:
    """How long each of some lines takes from `write` to a WebSocket."""
    run = next(run["id"] for run in viewer.get("api/runs")["runs"] if run["source"] == str(path))
    late = []
    with viewer.connected(runs=[run], wants=["events"]) as socket, path.open("ab", 0) as file:
        received_records(socket, 1)
        for n in range(LINES):
            begun = time.perf_counter()
            file.write(b'{"step": %d, "loss": 1.5}\n' % n)
            received_records(socket, 1)
            late.append(1e3 * (time.perf_counter() - begun))
            time.sleep(BETWEEN_S)
    return late


def live_ms(folder: Path, *others: Path) -> tuple[float, float]:
    """Median and longest lateness of a run that is followed beside others."""
    path = folder / f"live-{len(others)}.jsonl"
    path.write_bytes(b'{"step": 0, "loss": 1.5}\n')
    viewer = start_viewer("--no-cache", path, *others)
    try:
        late = lateness_ms(viewer, path)
        return statistics.median(late), max(late)
    finally:
        viewer.close()


def median_s(measure: Callable[[Path], float], path: Path) -> float:
    """The median of some rounds."""
    return statistics.median(measure(path) for _ in range(ROUNDS))


def main() -> None:
    """Measures, prints and appends to the history."""
    gigabytes = float(sys.argv[1]) if len(sys.argv) > 1 else 10.0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        room = shutil.disk_usage(folder).free / 1e9
        if room < gigabytes + 2:
            print(f"only {room:.0f} GB are free: the large file has {room / 4:.1f} GB")
            gigabytes = room / 4
        small, large, whole = (folder / f"{name}.jsonl" for name in ("small", "large", "whole"))
        write(small, size=SMALL_BYTES)
        write(large, size=1e9 * gigabytes)
        write(whole, records=RECORDS)
        found = {
            "picture_100mb_s": median_s(first_picture_s, small),
            "large_gb": gigabytes,
            "picture_large_s": median_s(first_picture_s, large),
        }
        forget(large)
        found["picture_large_cold_s"] = first_picture_s(large)
        found["all_points_s"] = median_s(all_points_s, whole)
        found["json_arrays_s"] = json_s(whole)
        found["wc_s"] = median_s(wc_s, whole)
        found["live_median_ms"], found["live_longest_ms"] = live_ms(folder)
        reading = live_ms(folder, large)
        found["live_reading_median_ms"], found["live_reading_longest_ms"] = reading
    ratios = {
        "all points: times as fast as json into arrays": found["json_arrays_s"]
        / found["all_points_s"],
        "all points: times as long as wc -l": found["all_points_s"] / found["wc_s"],
    }
    keep("open", found, ratios)


if __name__ == "__main__":
    main()
