"""A page opened and left as a test says, and every line that it was given of one run."""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from viewing import Viewer
from websockets.sync.client import ClientConnection

Item = dict[str, Any]


class Visitor:
    """Follows one run over any number of viewers, as the browser's page does.

    Attributes:
        lines: The lines given so far by generation, oldest generation first.
        resets: How often a viewer said that the page must begin anew.
        reasons: Why new generations began.
    """

    def __init__(self, run: str) -> None:
        self.run = run
        self.cursor: str | None = None
        self.check: str | None = None
        self.lines: dict[str, list[Item]] = {}
        self.resets = 0
        self.reasons: list[str] = []

    @contextmanager
    def open(self, viewer: Viewer, also: Sequence[str] = ()) -> Iterator["Link"]:
        """Connects to a viewer, from where the page stands; `also` names other runs to look at."""
        cursors = {self.run: self.cursor} if self.cursor else {}
        checks = {self.run: self.check} if self.check else {}
        hello = {
            "runs": [*also, self.run],
            "cursors": cursors,
            "checks": checks,
            "wants": ["events"],
        }
        with viewer.connected(**hello) as socket:
            yield Link(self, socket)

    def take(self, message: dict[str, Any]) -> None:
        """Does with one message what the page does."""
        if message.get("run") != self.run:
            return
        match message:
            case {"type": "snapshot", "reset": True}:
                self.resets += self.cursor is not None
                self.lines.pop(message["generation"], None)
            case {"type": "generation"}:
                self.reasons.append(message["reason"])
            case {"type": "append", "records": items}:
                self.lines.setdefault(message["generation"], []).extend(items)
                self.cursor, self.check = message["cursor"], message["check"]

    @property
    def given(self) -> list[Item]:
        """Every line, generation after generation."""
        return [item for items in self.lines.values() for item in items]


class Link:
    """An open page."""

    def __init__(self, page: Visitor, socket: ClientConnection) -> None:
        self.page = page
        self._socket = socket

    def until(self, condition: Callable[[], object], within_s: float = 20.0) -> None:
        """Takes messages until a condition holds."""
        deadline = time.monotonic() + within_s
        while not condition():
            left_s = deadline - time.monotonic()
            try:
                self.page.take(json.loads(self._socket.recv(timeout=max(left_s, 0.001))))
            except TimeoutError:
                counts = {name: len(items) for name, items in self.page.lines.items()}
                raise AssertionError(f"not within {within_s} s; lines given: {counts}") from None

    def rest(self, quiet_s: float = 0.3) -> None:
        """Takes what comes unasked until nothing came for a while: lines that must not come."""
        while True:
            try:
                self.page.take(json.loads(self._socket.recv(timeout=quiet_s)))
            except TimeoutError:
                return
