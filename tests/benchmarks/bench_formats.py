"""What understanding costs beside decoding: `python tests/benchmarks/bench_formats.py`.

For each kind of file, in one process and in turns: `json.loads` and appending to arrays, msgspec
alone, and lines to columns and panels as a viewer does it. Of that whole the table says which share
is format handling: everything but parsing, numbers on their way into columns, and Karn's panels.
"""

import json
import math
import os
import signal
import time
from array import array
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import cycle, islice
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

from karn_view.cli import NUMPYS

os.environ.update(NUMPYS)  # as the viewer does before it imports numpy

import msgspec
from history import keep
from karn_view.formats.ahead import Block
from karn_view.formats.karn.points import points_of
from karn_view.formats.rows import Overrides
from karn_view.formats.taker import Group, Taker, Told
from karn_view.generation import Generation
from karn_view.lines import LF
from karn_view.store import Store
from karn_view.tail.limits import Limits
from karn_view.views import Dashboard

LINES = 600_000
ROUNDS = 2
BLOCK_BYTES = Limits().block_bytes
RECORDED = Path(__file__).resolve().parents[2] / "sample_runs" / "finished.jsonl"

TICK_S = 0.002
NUMBERS_TAKEN = dict.fromkeys(
    (
        *(Group.extend.__code__, Told.extend.__code__, Taker.cut.__code__),
        *(points_of.__code__, Store.append.__code__),
    ),
    "columns",
)
"""Out of decoded lines of a known form, out of an event, and into columns."""

parse = msgspec.json.Decoder().decode


def flat() -> Iterator[dict[str, Any]]:
    """Ten metrics, a step and an epoch a line, as most libraries write them."""
    names = ("loss", "grad_norm", "lr", "acc", "wps", "mem/gib", "loss/out", "a/b", "n", "entropy")
    for n in range(LINES):
        values = {name: math.sin(n + i) for i, name in enumerate(names)}
        yield {"step": n, "epoch": n / 100, **values}


def mixed() -> Iterator[dict[str, Any]]:
    """Training, a validation in ten, events in words, a clock as text."""
    for n in range(LINES):
        timed = {"timestamp": f"2026-11-23T{n // 3600 % 24:02}:{n // 60 % 60:02}:{n % 60:02}.5Z"}
        yield {**timed, "type": "train", "step": n, "loss": 1 / (n + 1), "lr": 0.1, "wps": 9.5 * n}
        if n % 10 == 0:
            yield {**timed, "type": "eval", "step": n, "eval": {"loss": 0.5, "acc": n / LINES}}
        if n % 100 == 0:
            yield {**timed, "event": "checkpoint saved", "level": "info", "path": f"{n}.pt"}


def nested() -> Iterator[dict[str, Any]]:
    """An event with an envelope and nested numbers, about a kilobyte."""
    for n in range(LINES // 4):
        yield {
            "event": "update",
            "timestamp": "2026-11-23T22:57:00.859028+00:00",
            "level": "info",
            "step": n,
            "data": {
                "policy": {f"head_{i}": math.sin(n + i) for i in range(16)},
                "value": {f"layer_{i}": {"norm": n / 7, "health": 1.0} for i in range(6)},
                "flags": {"collapsed": False, "skipped": None, "detail": "nothing to tell"},
            },
        }


def karn() -> Iterator[dict[str, Any]]:
    """Events in Karn's envelope."""
    for n in range(LINES // 2):
        yield {
            "event_id": f"{n:032x}",
            "event_type": "EPOCH_COMPLETED",
            "timestamp": "2026-11-23T22:57:00.859028+00:00",
            "seed_id": None,
            "slot_id": None,
            "epoch": n + 1,
            "group_id": "default",
            "message": "",
            "data": {"env_id": 0, "inner_epoch": n + 1, "val_loss": 2.3, "val_accuracy": 12.5},
            "severity": "info",
        }


def recorded() -> Iterator[dict[str, Any]]:
    """A recorded morphogenetic training, again and again."""
    records = [json.loads(line) for line in RECORDED.open()]
    yield from islice(cycle(records), LINES // 8)


def best_s(work: Callable[[], None]) -> float:
    """The least processor time of several rounds."""
    return min(spent_s(work) for _ in range(ROUNDS))


def spent_s(work: Callable[[], None]) -> float:
    """Processor time of one call."""
    begun = time.process_time()
    work()
    return time.process_time() - begun


def parse_all(lines: list[bytes]) -> None:
    """Parses, and forgets."""
    for line in lines:
        parse(line)


def append_all(lines: list[bytes]) -> None:
    """What a plain script does: each number to the array of its key."""
    columns: dict[str, array[float]] = defaultdict(lambda: array("d"))
    for line in lines:
        _append(json.loads(line), "", columns)


def _append(record: dict[str, Any], prefix: str, columns: dict[str, "array[float]"]) -> None:
    for key, value in record.items():
        if type(value) is dict:
            _append(value, f"{prefix}{key}/", columns)
        elif type(value) in (int, float):
            columns[prefix + key].append(value)


class Whole:
    """Lines to columns and panels as a viewer does it, and how much of that is which."""

    def __init__(self, data: bytes) -> None:
        self._blocks = [*blocks_of(data)]
        self.columns_s = self.panels_s = math.inf

    def __call__(self) -> None:
        generation = Generation("1", "", Overrides())
        with sampled({**NUMBERS_TAKEN, Dashboard.take.__code__: "panels"}) as spent_s:
            for block in self._blocks:
                generation.absorb_block(block, None)
        self.columns_s = min(self.columns_s, spent_s["columns"])
        self.panels_s = min(self.panels_s, spent_s["panels"])


@contextmanager
def sampled(parts: Mapping[CodeType, str]) -> Iterator[dict[str, float]]:
    """Shares processor time out to the innermost of some functions that was at work.

    By a look at the stack at each tick of it: no call is the longer for it, as each would be for
    two looks at the clock, which take as long as many a call. A tick that a long call in C holds
    up counts for all that passed.
    """
    spent_s: dict[str, float] = defaultdict(float)
    last = time.process_time()

    def tick(signum: int, frame: FrameType | None) -> None:
        nonlocal last
        spent, last = time.process_time() - last, time.process_time()
        while frame is not None and frame.f_code not in parts:
            frame = frame.f_back
        spent_s[parts[frame.f_code] if frame else ""] += spent

    before = signal.signal(signal.SIGPROF, tick)
    signal.setitimer(signal.ITIMER_PROF, TICK_S, TICK_S)
    try:
        yield spent_s
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0.0)
        signal.signal(signal.SIGPROF, before)


def blocks_of(data: bytes) -> Iterator[Block]:
    """Whole lines, as many at a time as a tail reads."""
    begin = 0
    while begin < len(data):
        end = data.rfind(LF, begin, begin + BLOCK_BYTES) + 1
        yield Block(begin, data[begin:end])
        begin = end


def main() -> None:
    """Measures, prints, keeps."""
    for make in (flat, mixed, nested, karn, recorded):
        data = "".join(json.dumps(record) + "\n" for record in make()).encode()
        lines, whole = data.split(LF)[:-1], Whole(data)
        works = (lambda: append_all(lines), lambda: parse_all(lines), whole)  # noqa: B023
        plain_s, parsing_s, total_s = (best_s(work) for work in works)
        formats_s = total_s - parsing_s - whole.columns_s - whole.panels_s
        keep(
            f"formats: {make.__name__}, {len(data) / len(lines):.0f} B/line",
            {
                "json + arrays, MB/s": len(data) / 1e6 / plain_s,
                "msgspec alone, MB/s": len(data) / 1e6 / parsing_s,
                "viewer, MB/s": len(data) / 1e6 / total_s,
                "viewer, lines/s": len(lines) / total_s,
            },
            {
                "times json + arrays": plain_s / total_s,
                "share of format handling": formats_s / total_s,
                "share of columns": whole.columns_s / total_s,
                "share of Karn's panels": whole.panels_s / total_s,
            },
        )


if __name__ == "__main__":
    main()
