"""What is closed however the process ends, unless SIGKILL ends it. Standard library only."""

import atexit
import signal
from collections.abc import Callable

_closing: list[Callable[[], object]] = []


def at_end(close: Callable[[], object]) -> None:
    """Has something closed then, once or twice. Called by the main thread.

    A signal ends a process without `atexit`, and one that serves before what it would do last:
    uvicorn raises again what ended it.
    """
    _closing.append(close)
    atexit.register(close)
    for ending in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(ending) is signal.SIG_DFL:
            signal.signal(ending, _close_and_end)


def _close_and_end(number: int, _: object) -> None:
    for close in _closing:
        close()
    signal.signal(number, signal.SIG_DFL)
    signal.raise_signal(number)
