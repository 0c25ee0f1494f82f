"""Times the event loop of a viewer: `probed.py LOG python -m karn_view ARGUMENTS`.

Runs that viewer in its own process, on an event loop that notes each stretch longer than a moment
in which it did not wait for something to do. One JSON line each: `held_ms`, how long it was without
what it waited for a processor, `cpu_ms` of that it computed (the rest it waited for the interpreter
or for a lock), `process_ms` what all threads of the viewer computed meanwhile (whoever has the
interpreter may wait for a processor too) and `queued_ms`, what it waited for a processor. Or
`late_ms`, how late a timer was, again without `queued_ms`, and beside `process_ms`.
"""

import asyncio
import ctypes
import json
import os
import runpy
import selectors
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple, TextIO

NOTED_MS = 2.0
BEAT_S = 0.005
KEEP_S = 0.5
STAT_BYTES = 100
_read = ctypes.PyDLL(None).pread
"""Without giving the interpreter away meanwhile, as `os.pread` does: waiting to get it back is what
is measured here."""


class Moment(NamedTuple):
    """Clocks in milliseconds: the wall's, what this thread computed and queued so far, and what all
    threads computed."""

    wall: float
    cpu: float
    queued: float
    process: float


class Probe(selectors.DefaultSelector):
    """A selector that times what happens between two of its calls."""

    def __init__(self, log: TextIO) -> None:
        super().__init__()
        self._log = log
        self._notes: list[str] = []
        self._schedstat = os.open("/proc/thread-self/schedstat", os.O_RDONLY)
        self._text = ctypes.create_string_buffer(STAT_BYTES)
        self._since = self.moment()

    def moment(self) -> Moment:
        _read(self._schedstat, self._text, STAT_BYTES, 0)
        computed, queued, _ = self._text.value.split()
        wall, process = time.perf_counter(), time.process_time()
        return Moment(1e3 * wall, int(computed) / 1e6, int(queued) / 1e6, 1e3 * process)

    def select(self, timeout: float | None = None) -> list[Any]:
        now, since = self.moment(), self._since
        queued_ms = now.queued - since.queued
        held_ms = now.wall - since.wall - queued_ms
        if held_ms > NOTED_MS:
            cpu_ms, process_ms = now.cpu - since.cpu, now.process - since.process
            self.note(held_ms=held_ms, cpu_ms=cpu_ms, process_ms=process_ms, queued_ms=queued_ms)
        ready = super().select(timeout)
        self._since = self.moment()
        return ready

    def beat(self, loop: asyncio.AbstractEventLoop, last: Moment) -> None:
        """Notes how much later after the last time than it should this comes."""
        now = self.moment()
        queued_ms = now.queued - last.queued
        late_ms = max(0.0, now.wall - last.wall - 1e3 * BEAT_S - queued_ms)
        process_ms = now.process - last.process
        self.note(late_ms=late_ms, process_ms=process_ms, queued_ms=queued_ms)
        loop.call_later(BEAT_S, self.beat, loop, now)

    def keep(self, loop: asyncio.AbstractEventLoop) -> None:
        """Writes what was noted, rarely, as that gives the interpreter away."""
        self._log.write("".join(self._notes))
        self._log.flush()
        self._notes.clear()
        loop.call_later(KEEP_S, self.keep, loop)

    def note(self, **figures: float) -> None:
        rounded = {name: round(figure, 2) for name, figure in figures.items()}
        self._notes.append(json.dumps({"at": time.time(), **rounded}) + "\n")


class Policy(asyncio.DefaultEventLoopPolicy):
    """Makes event loops that are timed."""

    def __init__(self, log: TextIO) -> None:
        super().__init__()
        self._log = log

    def new_event_loop(self) -> asyncio.AbstractEventLoop:
        probe = Probe(self._log)
        loop = asyncio.SelectorEventLoop(probe)
        loop.call_soon(probe.beat, loop, probe.moment())
        loop.call_soon(probe.keep, loop)
        return loop


if __name__ == "__main__":
    with Path(sys.argv[1]).open("a") as log:
        asyncio.set_event_loop_policy(Policy(log))
        sys.argv = sys.argv[4:]
        runpy.run_module("karn_view", run_name="__main__", alter_sys=True)
