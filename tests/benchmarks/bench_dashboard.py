"""What folding costs beside decoding: `python tests/benchmarks/bench_dashboard.py [RUN ...]`.

Prints, for the recorded runs and for lines of no Karn, the microseconds a line takes to decode and
to fold, measured in turns in one process, and their ratio; then what a dashboard and a snapshot
cost.
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

from history import keep
from karn_view.formats.karn import event_of, is_karn, wall_of
from karn_view.lines import Line, split
from karn_view.record import decode
from karn_view.views import Dashboard

RUNS = sorted((Path(__file__).resolve().parents[2] / "sample_runs").glob("*.jsonl"))
ROUNDS = 5


def fold(lines: list[Line]) -> Dashboard:
    """All records of a run in its dashboard; lines that are none are passed over."""
    dashboard = Dashboard()
    for line, record in zip(lines, map(decode, lines), strict=True):
        if isinstance(record, dict) and is_karn(record):
            dashboard.apply(event_of(line.offset, record, wall_of(record.get("timestamp"))))
        else:
            dashboard.apply_foreign(1)
    return dashboard


def fastest(work: Callable[[], object]) -> float:
    """Microseconds of the quickest of some rounds."""
    times = []
    for _ in range(ROUNDS):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times) * 1e6


def compare(name: str, data: bytes) -> None:
    """Measures one run, prints and appends to the history."""
    lines = split(data, 0)
    decoding = fastest(lambda: [decode(line) for line in lines]) / len(lines)
    folding = fastest(lambda: fold(lines)) / len(lines) - decoding
    dashboard = fold(lines)
    shown, snapshot = dashboard.dashboard(), dashboard.dump()
    keep(
        f"dashboard: {name}",
        {
            "decode us a line": decoding,
            "fold us a line": folding,
            "dashboard ms": fastest(dashboard.dashboard) / 1000,
            "dashboard kB": len(json.dumps(shown)) / 1000,
            "snapshot ms": fastest(dashboard.dump) / 1000,
            "snapshot kB": len(snapshot) / 1000,
            "back from a snapshot ms": fastest(lambda: Dashboard.load(snapshot)) / 1000,
        },
        {"fold, times decode": folding / decoding},
    )


def main() -> None:
    """The recorded runs, or those that are named, and lines of no Karn."""
    for path in [Path(argument) for argument in sys.argv[1:]] or RUNS:
        compare(path.name, path.read_bytes())
    foreign = {"step": 3, "train": {"loss": 0.1, "lr": 0.2}, "time": 1.0, "tokens": 12345}
    compare("no Karn", (json.dumps(foreign) + "\n").encode() * 10_000)


if __name__ == "__main__":
    main()
