"""Where events go: what an output is, and the hub that passes every event to all of them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any, Protocol, runtime_checkable

from karn.event import TelemetryEvent
from karn.notice import notice


@runtime_checkable
class OutputBackend(Protocol):
    """Anything that takes events. Three methods; no base class is needed."""

    def start(self) -> None:
        """Get ready; called once, before the first event. May raise."""

    def emit(self, event: TelemetryEvent | Mapping[str, Any]) -> None:
        """Take one event, soon and without keeping the caller waiting."""

    def close(self) -> None:
        """Finish; called once, after the last event."""


class TelemetryHub:
    """Passes every event to each of its outputs, in the order in which they were added.

    An output that raises is said once on standard error and goes on being called; training and the
    other outputs never notice. Threads may emit, add and remove at the same time.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._backends: tuple[OutputBackend, ...] = ()
        self._failed: set[int] = set()

    def add_backend(self, backend: OutputBackend) -> None:
        """Start an output and pass events to it from now on.

        Raises:
            Exception: What the output's `start` raised; it is not added then.
        """
        backend.start()
        with self._lock:
            self._backends = (*self._backends, backend)

    def remove_backend(self, backend: OutputBackend) -> None:
        """Stop passing events to an output. It is not closed; one that is unknown is ignored."""
        with self._lock:
            self._backends = tuple(one for one in self._backends if one is not backend)

    def emit(self, event: TelemetryEvent | Mapping[str, Any]) -> None:
        """Pass one event to every output. Never raises."""
        for backend in self._backends:
            self._isolated(backend, backend.emit, event)

    def close(self) -> None:
        """Close every output and forget them. Never raises."""
        with self._lock:
            backends, self._backends = self._backends, ()
        for backend in backends:
            self._isolated(backend, backend.close)

    def _isolated(self, backend: OutputBackend, call: Callable[..., None], *given: object) -> None:
        try:
            call(*given)
        except Exception as error:  # noqa: BLE001  # whatever an output does wrong is its own affair
            if id(backend) not in self._failed:
                self._failed.add(id(backend))
                notice(f"output {type(backend).__name__} failed: {error!r}; the others go on")


_hub = TelemetryHub()


def get_hub() -> TelemetryHub:
    """Return the hub that all of this process shares."""
    return _hub


def emit(event: TelemetryEvent | Mapping[str, Any]) -> None:
    """Pass one event to every output of the shared hub. Never raises."""
    _hub.emit(event)
