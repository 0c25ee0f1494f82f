"""Processes that will read blocks ahead, begun before anybody has a block. Standard library only.

A process needs as long to begin as the viewer itself; both begin at the same time when the command
line names a file that is worth it.
"""

import os
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
SLOT_BYTES = 4 << 20
MOST = 8
"""More of them only wait for the process that takes their columns over."""
WORTH_BYTES = 64 << 20
"""Less than this is read before other processes have begun."""
NICE = 10
"""Who serves comes first: the page is there sooner, and live lines are not held up."""
KEPT_S = 20.0
"""Who has no use for them by then knew the file already."""


class Begun(NamedTuple):
    """A process, the socket to it, and a file without a name whose memory both see."""

    process: subprocess.Popen[bytes]
    channel: socket.socket
    memory: IO[bytes]

    def end(self) -> None:
        """Ends the process, whatever it does."""
        self.channel.close()
        self.memory.close()
        self.process.kill()
        self.process.wait()


def begin() -> Begun:
    """Begins one process.

    Raises:
        OSError: The system grants no process or no memory.
    """
    memory = tempfile.TemporaryFile()  # noqa: SIM115  whoever gets it closes it
    ours, theirs = socket.socketpair()
    try:
        # Without space of its own a file that meets a full disk would kill the process.
        os.posix_fallocate(memory.fileno(), 0, SLOTS * SLOT_BYTES)
        given = (theirs.fileno(), memory.fileno())
        process = subprocess.Popen(
            # -P: where the viewer was started, beside a run, nobody's modules are taken.
            [sys.executable, "-P", "-m", "karn_view.decoding.child", *map(str, given)],
            pass_fds=given,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            process_group=0,  # Ctrl-C is for whoever started it
        )
    except OSError:
        ours.close()
        memory.close()
        raise
    finally:
        theirs.close()
    with suppress(OSError):  # it may have ended by now
        os.setpriority(os.PRIO_PROCESS, process.pid, NICE)
    return Begun(process, ours, memory)


def most() -> int:
    """How many are of use on this machine."""
    return min(len(os.sched_getaffinity(0)), MOST)


_waiting: list[Begun] = []
_lock = threading.Lock()


def begin_for(paths: Iterable[Path | None]) -> threading.Thread:
    """Begins some if one of these is a large file; a thread asks, as a path may not answer."""

    def ask() -> None:
        try:
            if not any(path.is_file() and path.stat().st_size > WORTH_BYTES for path in asked):
                return
            for _ in range(most()):
                begun = begin()
                with _lock:
                    _waiting.append(begun)
        except OSError:
            return  # who needs them tries again, and says what is wrong
        time.sleep(KEPT_S)
        while (unused := take()) is not None:
            unused.end()

    asked = [path for path in paths if path is not None]
    thread = threading.Thread(target=ask, name="begin", daemon=True)
    thread.start()
    return thread


def take() -> Begun | None:
    """One that was begun before and that nobody has; None when there is none."""
    with _lock:
        return _waiting.pop() if _waiting else None
