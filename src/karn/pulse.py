"""A thread that calls back at a steady interval."""

from __future__ import annotations

import threading
from collections.abc import Callable

_JOIN_S = 5.0


class Pulse:
    """Calls one function every `period_s` seconds until it is stopped."""

    def __init__(self, beat: Callable[[], None], period_s: float) -> None:
        self._beat = beat
        self._period_s = period_s
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="karn-pulse", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._stopped.wait(self._period_s):
            self._beat()

    def stop(self) -> None:
        """Stop calling, and wait for a call that is under way, but not for ever."""
        self._stopped.set()
        if threading.current_thread() is not self._thread:
            self._thread.join(_JOIN_S)
