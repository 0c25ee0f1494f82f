"""A page that never closes: it comes back for ever, and goes on from where it stands.

It waits, stands and asks as `static/js/feed.js` and `intake.js` do, but wants the lines themselves
and counts each.
"""

import json
import random
import threading
import time
from typing import Any

from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect

FIRST_WAIT_S = 0.25
LONGEST_WAIT_S = 8.0
SILENCE_S = 40.0
PATIENCE_S = 60.0


class Page(threading.Thread):
    """Follows every run of the viewer at an address, whichever viewer answers there.

    Attributes:
        steps: How often each step came, by step; at most 255 times.
        delivered: How many steps came, repeated ones counted again.
        faults: The lines that came as faults.
        out_of_order: How many steps came after a greater one.
        links: How often a viewer answered.
    """

    def __init__(self, url: str) -> None:
        super().__init__(daemon=True)
        self.steps = bytearray()
        self.delivered = 0
        self.faults: list[dict[str, Any]] = []
        self.out_of_order = 0
        self.links = 0
        self._url = url
        self._closed = threading.Event()
        self._socket: ClientConnection | None = None
        self._stands: dict[str, tuple[str, str | None]] = {}
        self._left: set[str] = set()
        self.start()

    def run(self) -> None:
        wait_s = FIRST_WAIT_S
        while not self._closed.is_set():
            links = self.links
            try:
                with connect(self._url, max_size=None) as self._socket:
                    self._socket.send(json.dumps(self._hello()))
                    while True:
                        self._receive(json.loads(self._socket.recv(timeout=SILENCE_S)))
            except (OSError, WebSocketException, EOFError):
                pass  # the link dropped, or there is none yet
            wait_s = FIRST_WAIT_S if self.links > links else min(LONGEST_WAIT_S, 2 * wait_s)
            self._closed.wait(wait_s * random.uniform(0.75, 1.25))

    def await_steps(self, count: int) -> None:
        """Waits until so many steps came, and fails with all that is known if they do not."""
        deadline = time.monotonic() + PATIENCE_S
        while self.delivered < count and time.monotonic() < deadline:
            time.sleep(0.01)
        assert self.delivered >= count, f"{self.account}; {count} were to come"

    @property
    def account(self) -> str:
        """All counts in words."""
        lost = [step for step, times in enumerate(self.steps) if not times]
        span = f" ({lost[0]} to {lost[-1]})" if lost else ""
        return (
            f"{self.delivered} delivered over {self.links} links: {len(lost)} lost{span}, "
            f"{sum(times > 1 for times in self.steps)} repeated, "
            f"{self.out_of_order} out of order, {len(self.faults)} faults"
        )

    def close(self) -> None:
        """Leaves for good, and waits until it has left."""
        self._closed.set()
        if self._socket:
            self._socket.close()
        self.join(timeout=15)

    def _hello(self) -> dict[str, Any]:
        return {
            "type": "hello",
            "cursors": {run: cursor for run, (cursor, _) in self._stands.items()},
            "checks": {run: check for run, (_, check) in self._stands.items() if check},
            "wants": ["state", "points", "events", "dashboard"],
        }

    def _receive(self, message: dict[str, Any]) -> None:
        match message["type"]:
            case "connected":
                self.links += 1
            case "snapshot":
                self._stand(message)
            case "append":
                for item in message.get("records", ()):
                    self._take(item)
                self._stand(message)

    def _stand(self, message: dict[str, Any]) -> None:
        """Everything before the cursor is here; late lines of a file that was left lead nowhere."""
        run, cursor = message["run"], message["cursor"]
        generation = cursor.partition(":")[0]
        stood = self._stands.get(run, ("", None))[0].partition(":")[0]
        if generation in self._left:
            return
        if stood not in ("", generation):
            self._left.add(stood)
        self._stands[run] = cursor, message.get("check")

    def _take(self, item: dict[str, Any]) -> None:
        if "fault" in item:
            self.faults.append(item)
        elif item["record"].get("event_type") == "METRICS":
            self._count(item["record"]["data"]["step"])

    def _count(self, step: int) -> None:
        self.out_of_order += step < len(self.steps) - 1
        self.steps.extend(bytes(max(0, step + 1 - len(self.steps))))
        self.steps[step] = min(255, self.steps[step] + 1)
        self.delivered += 1
