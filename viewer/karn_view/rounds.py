"""The own pass over local files that are quiet: one look at each of them, once a second.

A whole pass opens a file and reads from it; a hundred of those a second would be most of what an
idle viewer costs. What a look cannot tell apart (the same size at the same time, other content)
waits for the pass that its reader makes by itself, more rarely.
"""

import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROUND_S = 1.0

Wake = Callable[[], None]
Look = tuple[int, int, int, int] | None
"""Device, inode, size and time of the last change, be it of the content or of who may read it; None
where nothing can be seen."""
NEVER: Look = (0, 0, 0, 0)
"""What no file looks like."""


@dataclass(slots=True)
class Looked:
    """A file, whom it wakes, and how it looked at the last round."""

    path: Path
    wake: Wake
    seen: Look = NEVER


class Rounds:
    """Wakes whoever reads a file that is another one, or longer, than at the last round.

    For files of this machine alone: a file system that hangs holds up the round for all of them.
    `add`, `remove` and `close` do no I/O; wake-ups come from a thread, and must return at once.
    """

    def __init__(self) -> None:
        self._files: list[Looked] = []
        self._lock = threading.Lock()
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._go_round, name="rounds", daemon=True)

    def add(self, path: Path, wake: Wake) -> None:
        """Has `wake` called after the next round, and after each that sees a change."""
        with self._lock:
            if self._thread.ident is None:
                self._thread.start()
            self._files.append(Looked(path, wake))

    def remove(self, wake: Wake) -> None:
        """Undoes `add`; one more wake-up may come."""
        with self._lock:
            self._files = [file for file in self._files if file.wake != wake]

    def close(self) -> None:
        """Asks the thread to end."""
        self._ending.set()

    # ---- in the thread ---------------------------------------------------------------------

    def _go_round(self) -> None:
        while not self._ending.wait(ROUND_S):
            self._look_around()  # whose variables hold no run from one round to the next

    def _look_around(self) -> None:
        with self._lock:
            files = self._files.copy()
        for file in files:
            before, file.seen = file.seen, look_at(file.path)
            if file.seen != before:
                file.wake()


def look_at(path: Path) -> Look:
    """What the name says of the file behind it, without opening it."""
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_dev, status.st_ino, status.st_size, status.st_ctime_ns
