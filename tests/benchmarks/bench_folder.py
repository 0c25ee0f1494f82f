"""How soon a folder of many runs is listed: `python tests/benchmarks/bench_folder.py [RUNS]`.

Ten thousand finished runs unless told otherwise. From the start of the process until all are in its
list, and until the newest value of each is; how much of the files it read. Then a run grows: how
long until the list tells, and what was read again. Beside it a script that decodes the first and
the last line of each file, and TensorBoard with its data server over as many event files.
"""

import json
import os
import shutil
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench_open import NAMES, write
from bench_tensorboard import convert, missing, serving
from history import keep
from viewing import Viewer, start_viewer

RUNS = 10_000
RECORDS = 100
END_BYTES = 4_096
QUIET_S = 3.0
POLL_S = 0.05
WITHIN_S = 300.0


def runs_of(viewer: Viewer) -> list[dict[str, Any]]:
    """The list of runs."""
    runs: list[dict[str, Any]] = viewer.get("api/runs")["runs"]
    return runs


def seconds_until(is_so: Callable[[], bool]) -> float:
    """How long it takes until something is so."""
    begun = time.perf_counter()
    while not is_so():
        assert time.perf_counter() - begun < WITHIN_S, "it takes too long"
        time.sleep(POLL_S)
    return time.perf_counter() - begun


def read_bytes(viewer: Viewer) -> int:
    """How much the process has read so far; 0 where the system does not tell."""
    told = Path(f"/proc/{viewer.process.pid}/io")
    return int(told.read_text().split()[1]) if told.exists() else 0


def listing(folder: Path, count: int) -> dict[str, float]:
    """What the viewer takes for a folder, and for one run of it that grew."""
    begun = time.perf_counter()
    viewer = start_viewer("--no-cache", folder)
    try:
        listening_s = time.perf_counter() - begun
        seconds_until(lambda: len(runs_of(viewer)) == count)
        listed_s = time.perf_counter() - begun
        seconds_until(lambda: all(run["key_metric"] for run in runs_of(viewer)))
        known_s = time.perf_counter() - begun
        read = read_bytes(viewer)
        time.sleep(QUIET_S)

        before, grown = read_bytes(viewer), folder / f"run{count // 2}.jsonl"
        with grown.open("a") as file:
            file.write(json.dumps({"step": RECORDS, NAMES[0]: 1.5}) + "\n")
        size = grown.stat().st_size
        told_s = seconds_until(lambda: any(run["size_bytes"] == size for run in runs_of(viewer)))
        return {
            "listening s": listening_s,
            "listed s": listed_s,
            "newest values s": known_s,
            "read MB": read / 1e6,
            "one grew: told after s": told_s,
            "one grew: read kB": (read_bytes(viewer) - before) / 1e3,
        }
    finally:
        viewer.close()


def ends_s(folder: Path) -> float:
    """A script that decodes the first and the last line of each file."""
    begun = time.perf_counter()
    for path in folder.iterdir():
        with path.open("rb") as file:
            json.loads(file.readline())
            file.seek(-END_BYTES, os.SEEK_END)
            json.loads(file.read().splitlines()[-1])
    return time.perf_counter() - begun


def tensorboard_s(folder: Path, count: int) -> float:
    """From the start of TensorBoard until it lists all runs."""
    begun = time.perf_counter()
    with serving(folder) as url:

        def known() -> int:
            try:
                with urllib.request.urlopen(f"{url}/data/runs", timeout=WITHIN_S) as answer:
                    return len(json.load(answer))
            except (urllib.error.URLError, ConnectionError):
                return -1

        seconds_until(lambda: known() == count)
        return time.perf_counter() - begun


def main() -> None:
    """Measures, prints and appends to the history."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else RUNS
    with tempfile.TemporaryDirectory() as name:
        one, runs, events = (Path(name, part) for part in ("one.jsonl", "runs", "events"))
        write(one, records=RECORDS)
        one.write_bytes(b"".join(one.read_bytes().splitlines(keepends=True)[:RECORDS]))
        runs.mkdir()
        for number in range(count):
            shutil.copy(one, runs / f"run{number}.jsonl")
        figures = {"a script, both ends of each s": ends_s(runs)} | listing(runs, count)
        figures["all files MB"] = count * one.stat().st_size / 1e6
        if lacking := missing():
            print(f"TensorBoard is left out, as {' and '.join(lacking)} are not installed")
        else:
            first = events / "run0"
            first.mkdir(parents=True)
            convert(first, RECORDS)
            for number in range(1, count):
                shutil.copytree(first, events / f"run{number}")
            figures["TensorBoard (Rust), listed s"] = tensorboard_s(events, count)
    told = {f"{count:,} runs: {what}": value for what, value in figures.items()}
    keep("folder", told)


if __name__ == "__main__":
    main()
