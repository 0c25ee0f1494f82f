"""What a watcher wakes."""

import threading
from collections.abc import Callable


class Woken:
    """A wake-up that can be waited for again and again."""

    def __init__(self) -> None:
        self.event = threading.Event()

    def __call__(self) -> None:
        self.event.set()

    def by(self, action: Callable[[], object]) -> bool:
        self.event.clear()
        action()
        return self.event.wait(5.0)
