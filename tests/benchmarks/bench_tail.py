"""What following costs beside bare reading: `python tests/benchmarks/bench_tail.py`.

Prints the speed of reading a file, of tailing it and of paging back through it, in turns in one
process, and what a pass costs that finds nothing or one line.
"""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from history import keep
from karn_view.tail import Committed, Tail

LINES = 400_000
ROUNDS = 3
PASSES = 2_000
BLOCK_BYTES = 1 << 20
LINE = (
    b'{"event_type": "METRICS", "data": {"step": %d, "metrics": {"loss": 0.123456}}, "pad": "%s"}\n'
)


def seconds(action: Callable[[], object]) -> float:
    """The shortest of a few rounds."""
    took = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        action()
        took.append(time.perf_counter() - started)
    return min(took)


def read_bare(path: Path) -> None:
    with path.open("rb", buffering=0) as file:
        while file.read(BLOCK_BYTES):
            pass


def follow(path: Path) -> None:
    tail = Tail(path)
    take(tail)
    tail.close()


def take(tail: Tail) -> int:
    return sum(len(item.data) for item in tail.poll() if isinstance(item, Committed))


def page_back(tail: Tail) -> None:
    offset = 0
    while page := tail.read(tail.generation, offset, BLOCK_BYTES):
        assert isinstance(page, bytes)
        offset += len(page)


def append_and_take(path: Path, tail: Tail) -> None:
    with path.open("ab", buffering=0) as file:
        for number in range(PASSES):
            file.write(LINE % (number, b""))
            take(tail)


def main() -> None:
    """Measures, prints and appends to the history."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "run.jsonl"
        path.write_bytes(b"".join(LINE % (number, b"x" * 150) for number in range(LINES)))
        size = path.stat().st_size
        bare, followed = seconds(lambda: read_bare(path)), seconds(lambda: follow(path))
        tail = Tail(path)
        take(tail)
        paged = seconds(lambda: page_back(tail))
        idle = seconds(lambda: [take(tail) for _ in range(PASSES)]) / PASSES
        busy = seconds(lambda: append_and_take(path, tail)) / PASSES
        tail.close()
    keep(
        "tail",
        {
            "read MB/s": size / bare / 1e6,
            "followed MB/s": size / followed / 1e6,
            "paged back MB/s": size / paged / 1e6,
            "a pass that finds nothing us": 1e6 * idle,
            "a line written and taken us": 1e6 * busy,
        },
        {"followed, times reading": followed / bare, "paged back, times reading": paged / bare},
    )


if __name__ == "__main__":
    main()
