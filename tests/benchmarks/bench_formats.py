"""What understanding costs beside decoding: `python tests/benchmarks/bench_formats.py`.

Prints, for several kinds of file, the speed of decoding alone and of decoding and understanding,
measured in turns in one process, and the share of understanding in the whole.
"""

import json
import math
import time
from collections.abc import Callable

from karn_view.formats import Reader
from karn_view.lines import Line, split
from karn_view.record import decode

LINES = 40_000
ROUNDS = 5
PORTION = 1_000


def flat() -> list[object]:
    """Twelve numbers a line, as most libraries write them."""
    names = ("loss", "grad_norm", "lr", "acc", "wps", "mem/gib", "loss/out", "a/b", "n", "entropy")
    return [
        {"step": n, "epoch": n / 100, **{name: math.sin(n + i) for i, name in enumerate(names)}}
        for n in range(LINES)
    ]


def nested() -> list[object]:
    """An event with an envelope and nested numbers, about a kilobyte."""
    return [
        {
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
        for n in range(LINES // 4)
    ]


def karn() -> list[object]:
    """Events in Karn's envelope."""
    return [
        {
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
        for n in range(LINES // 2)
    ]


def best_s(work: Callable[[list[Line]], None], lines: list[Line]) -> float:
    """The least processor time of several rounds."""
    spent = []
    for _ in range(ROUNDS):
        begun = time.process_time()
        work(lines)
        spent.append(time.process_time() - begun)
    return min(spent)


def decode_all(lines: list[Line]) -> None:
    """Decodes lines one by one."""
    for line in lines:
        decode(line)


def read_all(lines: list[Line]) -> None:
    """Reads lines as a viewer does, a portion at a time."""
    reader = Reader()
    for first in range(0, len(lines), PORTION):
        reader.read(lines[first : first + PORTION])


def main() -> None:
    """Measures and prints."""
    for make in (flat, nested, karn):
        data = "".join(json.dumps(record) + "\n" for record in make()).encode()
        lines = split(data, 0)
        decoding, reading = best_s(decode_all, lines), best_s(read_all, lines)
        size = len(data) / 1e6
        print(
            f"{make.__name__:8} {len(data) / len(lines):6.0f} B/line"
            f"   decode {size / decoding:6.1f} MB/s   decode and understand"
            f" {size / reading:6.1f} MB/s ({reading / len(lines) * 1e6:5.2f} us/line)"
            f"   understanding {1 - decoding / reading:4.0%} of the whole"
        )


if __name__ == "__main__":
    main()
