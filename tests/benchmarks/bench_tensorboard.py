"""The same points in TensorBoard: `python tests/benchmarks/bench_tensorboard.py [MILLIONS]`.

Ten million points and a hundred, or as many as asked for: records of ten metrics, as JSON lines for
karn-view and as an event file for TensorBoard with its data server, which is written in Rust: from
the start of the process until the last point of the last metric is answered over HTTP, in turns.
karn-view keeps every point, TensorBoard a thousand of each metric.
"""

import itertools
import json
import os
import statistics
import struct
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from socket import create_server

from bench_open import NAMES, RECORDS, ROUNDS, TAILS, all_points_s, write
from history import keep

NEEDED = {"tensorboard": "tensorboard", "google_crc32c": "google-crc32c"}
WITHIN_S = 120.0
POLL_S = 0.02


def missing() -> list[str]:
    """The packages that are not installed."""
    return [package for module, package in NEEDED.items() if find_spec(module) is None]


def convert(folder: Path, records: int) -> None:
    """Writes the records of `bench_open.write` as an event file.

    Two messages one after the other are one message, so a summary that comes again is made once:
    https://protobuf.dev/programming-guides/encoding/#last-one-wins

    Source: https://www.tensorflow.org/tutorials/load_data/tfrecord#tfrecords_format_details
    """
    crc32c = import_module("google_crc32c").value
    event_of = import_module("tensorboard.compat.proto.event_pb2").Event
    summary_of = import_module("tensorboard.compat.proto.summary_pb2").Summary

    def masked(data: bytes) -> bytes:
        crc = crc32c(data)
        return struct.pack("<I", ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF)

    def summary(tail: str) -> bytes:
        record = json.loads('{"step": 0' + tail + "}")
        values = [summary_of.Value(tag=name, simple_value=record[name]) for name in NAMES]
        told: bytes = event_of(summary=summary_of(value=values)).SerializeToString()
        return told

    summaries = itertools.cycle([summary(tail) for tail in TAILS])
    with (folder / "events.out.tfevents.0").open("wb") as events:
        for step, told in zip(range(records), summaries, strict=False):
            data = event_of(wall_time=1.7e9 + step, step=step).SerializeToString() + told
            length = struct.pack("<Q", len(data))
            events.write(length + masked(length) + data + masked(data))
        events.flush()
        os.fsync(events.fileno())


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """A TensorBoard over a folder, and its address."""
    with create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "tensorboard.main", "--logdir", folder, "--load_fast", "true"),
            *("--host", "127.0.0.1", "--port", str(port)),
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


def last_step(url: str, tag: str) -> int:
    """The last step that a TensorBoard knows of a metric; -1 for none."""
    asked = f"{url}/data/plugin/scalars/scalars?run=.&tag={tag}"
    try:
        with urllib.request.urlopen(asked, timeout=WITHIN_S) as answer:
            return int(json.load(answer)[-1][1])
    except (urllib.error.URLError, ConnectionError, IndexError):
        return -1


def tensorboard_s(folder: Path, records: int) -> float:
    """From the start of the process to the last point of the last metric."""
    begun = time.perf_counter()
    with serving(folder) as url:
        while min(last_step(url, tag) for tag in NAMES) < records - 1:
            time.sleep(POLL_S)
            assert time.perf_counter() - begun < WITHIN_S, "TensorBoard does not get to the end"
        return time.perf_counter() - begun


def measured(records: int) -> tuple[float, float]:
    """The median time of either, in turns."""
    with tempfile.TemporaryDirectory() as name:
        run, folder = Path(name, "run.jsonl"), Path(name, "events")
        folder.mkdir()
        write(run, records=records)
        convert(folder, records)
        times = [
            (all_points_s(run, records), tensorboard_s(folder, records)) for _ in range(ROUNDS)
        ]
    ours_s, theirs_s = (statistics.median(spent) for spent in zip(*times, strict=True))
    return ours_s, theirs_s


def main() -> None:
    """Measures, prints and appends to the history."""
    if lacking := missing():
        print(f"TensorBoard is left out, as {' and '.join(lacking)} are not installed")
        return
    large = int(sys.argv[1]) * 1_000_000 // len(NAMES) if len(sys.argv) > 1 else 10 * RECORDS
    figures, ratios = {}, {}
    for records in (RECORDS, large):
        points = f"{records * len(NAMES) // 1_000_000}M points"
        ours_s, theirs_s = measured(records)
        figures[f"karn-view, {points}, s"] = ours_s
        figures[f"TensorBoard (Rust), {points}, s"] = theirs_s
        ratios[f"times as fast as TensorBoard, {points}"] = theirs_s / ours_s
    keep("tensorboard", figures, ratios)


if __name__ == "__main__":
    main()
