"""What understanding costs beside decoding: `python tests/benchmarks/bench_formats.py`.

For each kind of file, in one process and in turns: `json.loads` and appending to arrays, msgspec
alone, and lines to columns in the store as a viewer does it. Of that whole the table says which
share is format handling: everything but parsing and filling columns.
"""

import json
import math
import time
from array import array
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
from karn_view.formats import Reader
from karn_view.formats.plan import Plan
from karn_view.lines import Line, split
from karn_view.store import Store

LINES = 150_000
ROUNDS = 2
PORTION = 3_000  # about a block of the tail

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


def best_s(work: Callable[[list[Line]], None], lines: list[Line]) -> float:
    """The least processor time of several rounds."""
    return min(spent_s(work, lines) for _ in range(ROUNDS))


def spent_s(work: Callable[..., Any], *arguments: Any) -> float:
    """Processor time of one call."""
    begun = time.process_time()
    work(*arguments)
    return time.process_time() - begun


def parse_all(lines: list[Line]) -> None:
    """Parses, and forgets."""
    for line in lines:
        parse(line.data)


def append_all(lines: list[Line]) -> None:
    """What a plain script does: each number to the array of its key."""
    columns: dict[str, array[float]] = defaultdict(lambda: array("d"))
    for line in lines:
        _append(json.loads(line.data), "", columns)


def _append(record: dict[str, Any], prefix: str, columns: dict[str, "array[float]"]) -> None:
    for key, value in record.items():
        if type(value) is dict:
            _append(value, f"{prefix}{key}/", columns)
        elif type(value) in (int, float):
            columns[prefix + key].append(value)


class Whole:
    """Lines to columns as a viewer does it, and how much of that is filling columns."""

    def __init__(self) -> None:
        self.columns_s = math.inf

    def __call__(self, lines: list[Line]) -> None:
        reader, store, columns_s = Reader(), Store(), 0.0
        cut = Plan.cut

        def timed_cut(self: Plan) -> Any:
            nonlocal columns_s
            begun = time.process_time()
            made = cut(self)
            columns_s += time.process_time() - begun
            return made

        Plan.cut = timed_cut  # type: ignore[method-assign]
        try:
            for first in range(0, len(lines), PORTION):
                batch = reader.read(lines[first : first + PORTION])
                columns_s += spent_s(store.append, batch)
        finally:
            Plan.cut = cut  # type: ignore[method-assign]
        self.columns_s = min(self.columns_s, columns_s)


def main() -> None:
    """Measures and prints."""
    print("          B/line | json + arrays |  msgspec alone |  lines to columns in the store")
    for make in (flat, mixed, nested, karn):
        data = "".join(json.dumps(record) + "\n" for record in make()).encode()
        lines, whole = split(data, 0), Whole()
        plain, parsing, total = (best_s(work, lines) for work in (append_all, parse_all, whole))
        told = [
            f"{len(data) / 1e6 / spent:5.0f} MB/s {len(lines) / 1e3 / spent:5.0f} k/s"
            for spent in (plain, parsing, total)
        ]
        share = max(0.0, 1 - (parsing + whole.columns_s) / total)
        print(
            f"{make.__name__:8} {len(data) / len(lines):7.0f} | {' | '.join(told)}"
            f"  {plain / total:4.1f} x json + arrays, format handling {share:4.0%}"
        )


if __name__ == "__main__":
    main()
