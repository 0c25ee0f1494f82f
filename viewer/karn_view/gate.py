"""A gate that few threads pass at a time, so that who wants the interpreter waits for few."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Gate:
    """Lets so many threads compute at a time.

    The interpreter goes round among all that want it, and the event loop wants it back after each
    system call: behind a hundred threads it would wait 20 ms.

    Args:
        most: How many.
        wait_s: Nobody waits longer, as a file system may hold those that are inside.
    """

    def __init__(self, most: int, wait_s: float) -> None:
        self._free = threading.Semaphore(most)
        self._wait_s = wait_s

    @contextmanager
    def passing(self) -> Iterator[None]:
        """Around what is computed."""
        is_let_in = self._free.acquire(timeout=self._wait_s)
        try:
            yield
        finally:
            if is_let_in:
                self._free.release()
