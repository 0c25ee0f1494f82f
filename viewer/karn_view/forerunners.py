"""Processes that will read blocks ahead, begun before anybody has a block. Standard library only.

They need as long to begin as the viewer itself; both begin at the same time when the command line
names a file that is worth it.
"""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import IO, NamedTuple

SLOTS = 3
"""So many blocks of a decoder are on their way: one to it, one in it, one from it."""
SLOT_BYTES = 8 << 20
MOST = 8
"""More of them only wait for the process that takes their columns over."""
WORTH_BYTES = 64 << 20
"""Less than this is read before other processes have begun."""
NICE = 10
"""So far they stand back behind who serves: the page is there sooner, and live lines are not held
up."""
KEPT_S = 20.0
"""Who has no use for them by then knew the file already."""
ENDING_S = 0.5
ALIKE = {"MALLOC_MMAP_THRESHOLD_": f"{16 << 20}", "MALLOC_TRIM_THRESHOLD_": f"{32 << 20}"}
"""Each block takes the memory that the one before took; without this the system gives it anew.

https://www.gnu.org/software/libc/manual/html_node/Memory-Allocation-Tunables.html
"""


class End(NamedTuple):
    """Our end of one process: the socket to it, and a file without a name whose memory both see."""

    channel: socket.socket
    memory: IO[bytes]


class Begun(NamedTuple):
    """Processes that began together: the first, of which the others are forks, and all ends."""

    process: subprocess.Popen[bytes]
    ends: list[End]

    def end(self) -> None:
        """Ends them, whatever they do."""
        for end in self.ends:
            end.channel.close()
            end.memory.close()
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(ENDING_S)  # by itself, which it does once it has reaped the others
        if self.process.returncode != 0:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            with suppress(ChildProcessError):  # in a container the viewer itself may be process 1
                while True:
                    os.waitpid(-self.process.pid, 0)


def begin() -> Begun:
    """Begins as many as are of use.

    Raises:
        OSError: The system grants no process or no memory.
    """
    ends: list[End] = []
    theirs: list[socket.socket] = []
    given: list[int] = []
    try:
        for _ in range(most()):
            memory = tempfile.TemporaryFile()  # noqa: SIM115  whoever gets it closes it
            ours, other = socket.socketpair()
            ends.append(End(ours, memory))
            theirs.append(other)
            given += other.fileno(), memory.fileno()
            # Without space of its own a file that meets a full disk would kill the process.
            os.posix_fallocate(memory.fileno(), 0, SLOTS * SLOT_BYTES)
        process = subprocess.Popen(
            # -P: where the viewer was started, beside a run, nobody's modules are taken.
            [sys.executable, "-P", "-m", "karn_view.decoding.child", *map(str, given)],
            pass_fds=given,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={
                **os.environ,
                **ALIKE,
                "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
                "OPENBLAS_NUM_THREADS": "1",  # a process with threads is not forked
            },
            process_group=0,  # Ctrl-C is for whoever started it
        )
    except OSError:
        for end in ends:
            end.channel.close()
            end.memory.close()
        raise
    finally:
        for other in theirs:
            other.close()
    with suppress(OSError):  # they may have ended by now
        who_serves = os.getpriority(os.PRIO_PROCESS, os.getpid())
        os.setpriority(os.PRIO_PGRP, process.pid, who_serves + NICE)
    return Begun(process, ends)


def most() -> int:
    """How many are of use on this machine."""
    return min(len(os.sched_getaffinity(0)), MOST)


_waiting: list[Begun] = []
_lock = threading.Lock()


def begin_for(paths: Iterable[Path | None]) -> threading.Thread:
    """Begins some if one of these is a large file; a thread asks, as a path may not answer."""

    def ask() -> None:
        try:
            if not any(is_worth_it(path) for path in asked):
                return
            begun = begin()
        except OSError:
            return  # who needs them tries again, and says what is wrong
        with _lock:
            _waiting.append(begun)
        time.sleep(KEPT_S)
        while (unused := take()) is not None:
            unused.end()

    def is_worth_it(path: Path) -> bool:
        return path.is_file() and path.stat().st_size > WORTH_BYTES

    asked = [path for path in paths if path is not None]
    thread = threading.Thread(target=ask, name="begin", daemon=True)
    thread.start()
    return thread


def take() -> Begun | None:
    """Those that were begun before and that nobody has; None when there are none."""
    with _lock:
        return _waiting.pop() if _waiting else None
