"""Where alerts go when nobody looks: a web hook, a command. Slow or broken ones harm nobody."""

import json
import logging
import queue
import shlex
import subprocess
import threading
import time
from collections.abc import Callable
from http.client import HTTPException
from typing import Any
from urllib.parse import urlsplit

from karn_view.errors import KarnViewError

log = logging.getLogger(__name__)

Message = dict[str, Any]

WAITING_MOST = 100
"""Alerts beyond so many that still wait are dropped, which is logged."""
HOOK_S = 10.0
COMMAND_S = 30.0
RETRIES_S = (1.0, 5.0)
"""After a failure it is tried again after so long, and then given up."""
ANSWER_BYTES = 1 << 10
STOP_S = 2.0


class Outlet:
    """Delivers messages one after another on a thread of its own.

    Attributes:
        kind: "webhook" or "command".
        last: What became of the last message: "" before the first, "sent", or why it failed.
        failed: How many were given up or dropped.

    Args:
        kind: What it is called.
        deliver: Hands one message on; raises `OSError`, `HTTPException` or `SubprocessError`.
        told: Called after each message, from the thread.
    """

    def __init__(
        self,
        kind: str,
        deliver: Callable[[Message], None],
        told: Callable[[], None] = lambda: None,
        retries_s: tuple[float, ...] = RETRIES_S,
    ) -> None:
        self.kind = kind
        self.last = ""
        self.last_at: float | None = None
        self.failed = 0
        self.told = told
        self._deliver = deliver
        self._retries_s = retries_s
        self._waiting: queue.Queue[Message | None] = queue.Queue(WAITING_MOST)
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._work, name=kind, daemon=True)
        self._thread.start()

    def send(self, message: Message) -> None:
        """Hands a message to the thread. Never waits."""
        try:
            self._waiting.put_nowait(message)
        except queue.Full:
            self._became(f"{WAITING_MOST} alerts wait already; this one was dropped")

    def describe(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "last": self.last,
            "last_at": self.last_at,
            "failed": self.failed,
        }

    def close(self) -> None:
        """Gives what is being sent a moment, and drops the rest."""
        self._ending.set()
        try:
            self._waiting.put_nowait(None)
        except queue.Full:
            pass  # The thread is awake then, and sees that it is to end.
        self._thread.join(STOP_S)

    def _work(self) -> None:
        while not self._ending.is_set():
            message = self._waiting.get()
            if message is not None:
                self._became(self._try(message))

    def _try(self, message: Message) -> str:
        """Sends with retries; returns "" or why it was given up."""
        why = ""
        for wait_s in (*self._retries_s, None):
            try:
                self._deliver(message)
            except (OSError, HTTPException, subprocess.SubprocessError) as error:
                why = _words(error)
            else:
                return ""
            if wait_s is None or self._ending.wait(wait_s):
                break
        return why

    def _became(self, why: str) -> None:
        self.last, self.last_at = why or "sent", time.time()
        if why:
            self.failed += 1
            log.warning("an alert could not be handed to the %s: %s", self.kind, why)
        self.told()


def webhook(url: str) -> Outlet:
    """POSTs each alert as JSON.

    Raises:
        KarnViewError: It is no address of a web server.
    """
    try:
        parts = urlsplit(url)
        fits = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        fits = False
    if not fits:
        raise KarnViewError(f"--webhook takes an address such as https://host/path, not {url!r}")

    from urllib.request import Request, urlopen  # for who has a web hook alone

    def deliver(message: Message) -> None:
        headers = {"Content-Type": "application/json", "User-Agent": "karn-view"}
        request = Request(url, json.dumps(message).encode(), headers, method="POST")
        with urlopen(request, timeout=HOOK_S) as answer:
            answer.read(ANSWER_BYTES)

    return Outlet("webhook", deliver)


def command(text: str) -> Outlet:
    """Runs a command for each alert, without a shell; the alert is JSON on its standard input.

    Raises:
        KarnViewError: It is no command line.
    """
    try:
        argv = shlex.split(text)
    except ValueError as error:
        raise KarnViewError(f"--on-alert is no command line: {error}") from None
    if not argv:
        raise KarnViewError("--on-alert names no command")

    def deliver(message: Message) -> None:
        subprocess.run(
            argv,
            input=json.dumps(message).encode(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            timeout=COMMAND_S,
            check=True,
        )

    return Outlet("command", deliver, retries_s=())


def _words(error: Exception) -> str:
    """Why, in one line, without the address: it may hold a secret."""
    if isinstance(error, subprocess.CalledProcessError):
        said = (error.stderr or b"").decode(errors="replace").strip().splitlines()
        return f"exit code {error.returncode}" + (f": {said[-1][:200]}" if said else "")
    if isinstance(error, subprocess.TimeoutExpired):
        return f"it took longer than {COMMAND_S:.0f} s"
    reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or error
    code = getattr(error, "code", None)
    return f"{code} {reason}" if code else str(reason)
