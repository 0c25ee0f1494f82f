"""The own pass over local files that are quiet: one look at each of them, once a second.

A whole pass opens a file and reads from it; a hundred of those a second would be most of what an
idle viewer costs. What a look cannot tell apart (the same size at the same time, other content)
waits for the pass that its reader makes by itself, more rarely.
"""

import os
import threading
from collections.abc import Callable
from pathlib import Path

ROUND_S = 1.0

Wake = Callable[[], None]
Look = tuple[int, int, int, int] | None
"""Device, inode, size and time of the last change, be it of the content or of who may read it; None
where nothing can be seen."""


class Rounds:
    """Wakes whoever reads a file that is another one, or longer, than at the last round.

    For files of this machine alone: a file system that hangs holds up the round for all of them.
    `add`, `remove` and `close` do no I/O; wake-ups come from a thread, and must return at once.
    """

    def __init__(self) -> None:
        self._paths: dict[Wake, Path] = {}
        self._seen: dict[Wake, Look] = {}
        self._lock = threading.Lock()
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._go_round, name="rounds", daemon=True)

    def add(self, path: Path, wake: Wake) -> None:
        """Has `wake` called after the next round, and after each that sees a change."""
        with self._lock:
            if self._thread.ident is None:
                self._thread.start()
            self._paths[wake] = path

    def remove(self, wake: Wake) -> None:
        """Undoes `add`; one more wake-up may come."""
        with self._lock:
            self._paths.pop(wake, None)

    def close(self) -> None:
        """Asks the thread to end."""
        self._ending.set()

    # ---- in the thread ---------------------------------------------------------------------

    def _go_round(self) -> None:
        while not self._ending.wait(ROUND_S):
            self._look_around()  # whose variables hold no run from one round to the next

    def _look_around(self) -> None:
        with self._lock:
            paths = dict(self._paths)
        seen = {wake: look_at(path) for wake, path in paths.items()}
        for wake, look in seen.items():
            if wake not in self._seen or look != self._seen[wake]:
                wake()
        self._seen = seen


def look_at(path: Path) -> Look:
    """What the name says of the file behind it, without opening it."""
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_dev, status.st_ino, status.st_size, status.st_ctime_ns
