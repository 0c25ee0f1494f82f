"""What every load test has: a run that grows at a known pace, and a viewer that is weighed."""

import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from viewing import Viewer

TICKS = os.sysconf("SC_CLK_TCK")


@contextmanager
def growing(path: Path, lines_a_second: float) -> Iterator[Callable[[], None]]:
    """Appends lines that say when they were written, from a thread; gives what ends it."""
    ending = threading.Event()

    def write() -> None:
        begun, step = time.monotonic(), 0
        with path.open("a") as file:
            while not ending.wait(max(0.0, begun + step / lines_a_second - time.monotonic())):
                record = {"step": step, "sent": time.time(), "loss": 1 / (step + 1), "lr": 3e-4}
                print(json.dumps(record), file=file, flush=True)
                step += 1

    path.touch()
    thread = threading.Thread(target=write, name="growing")
    thread.start()

    def end() -> None:
        ending.set()
        thread.join()

    try:
        yield end
    finally:
        end()


def memory_kb(viewer: Viewer) -> int:
    """What the viewer's process holds in memory now."""
    status = Path(f"/proc/{viewer.process.pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0])


def cpu_s(viewer: Viewer) -> float:
    """What the viewer has computed so far."""
    fields = Path(f"/proc/{viewer.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def stop_s(viewer: Viewer) -> float:
    """How long the viewer takes to end after it was asked to."""
    begun = time.monotonic()
    viewer.stop()
    return time.monotonic() - begun
