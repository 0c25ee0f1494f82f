"""A real `karn-view` in a process of its own, asked over HTTP and WebSocket as anybody would."""

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from urllib.request import Request, urlopen

from websockets.sync.client import ClientConnection, connect

ADDRESS = re.compile(r"karn-view \S+  (http://\S+)  following ")


@dataclass
class Viewer:
    """A running `karn-view`, known by the one line that it printed."""

    process: subprocess.Popen[str]
    url: str

    @property
    def port(self) -> int:
        """The port it listens on."""
        port = urlsplit(self.url).port
        assert port is not None
        return port

    @property
    def token(self) -> str:
        """The secret of this start; "" without one."""
        return parse_qs(urlsplit(self.url).query).get("token", [""])[0]

    @property
    def socket_url(self) -> str:
        """The address of its WebSocket, with the token."""
        return f"ws://127.0.0.1:{self.port}/ws?token={self.token}"

    def get(self, path: str, **headers: str) -> Any:
        """What `api/` answers, decoded."""
        with urlopen(self.request(path, **headers), timeout=20) as answer:
            return json.loads(answer.read())

    def request(self, path: str, **headers: str) -> Request:
        """A request with the token as bearer."""
        bearer = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return Request(f"http://127.0.0.1:{self.port}/{path}", headers={**bearer, **headers})

    def run(self) -> dict[str, Any]:
        """The first run."""
        runs: list[dict[str, Any]] = self.get("api/runs")["runs"]
        return runs[0]

    def events(self, id: str, after: str = "0:0", **query: str) -> list[dict[str, Any]]:
        """Every line after a cursor, page by page."""
        found: list[dict[str, Any]] = []
        while True:
            asked = "".join(f"&{key}={value}" for key, value in query.items())
            page = self.get(f"api/runs/{id}/events?after={after}{asked}")
            found += page["events"]
            after = page["cursor"]
            if page["end"]:
                return found

    @contextmanager
    def connected(self, **hello: Any) -> Iterator[ClientConnection]:
        """A WebSocket that said hello."""
        with connect(self.socket_url, max_size=None) as socket:
            socket.send(json.dumps({"type": "hello", **hello}))
            yield socket

    def stop(self) -> None:
        """End it politely, and wait."""
        self.process.terminate()
        self.process.wait(timeout=15)

    def kill(self) -> None:
        """End it without a word, and wait."""
        self.process.kill()
        self.process.wait(timeout=15)

    def close(self) -> None:
        """End it if it still runs, and let its output go."""
        if self.process.poll() is None:
            self.kill()
        if self.process.stdout:
            self.process.stdout.close()


@contextmanager
def own_cache() -> Iterator[None]:
    """Keep viewers from what those of the user have in their cache, and from adding to it."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_CACHE_HOME"] = folder
        yield


def start_viewer(
    *arguments: str | Path,
    log: int | None = None,
    stdin: int = subprocess.DEVNULL,
    prefix: Sequence[str] = (),
) -> Viewer:
    """Start it on any free port (or the one given) and wait until it listens.

    Args:
        *arguments: Of `karn-view`.
        log: Where its standard error goes.
        stdin: Where its standard input comes from.
        prefix: A command that runs it, such as `setpriv`.
    """
    options = [str(argument) for argument in arguments]
    if "--port" not in options:
        options += ["--port", "0"]
    process = subprocess.Popen(
        [*prefix, sys.executable, "-m", "karn_view", *options, "--no-open"],
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
    )
    assert process.stdout
    line = process.stdout.readline()
    address = ADDRESS.match(line)
    assert address, f"karn-view printed {line!r} instead of its address (exit {process.poll()})"
    return Viewer(process, address.group(1))


def received(socket: ClientConnection, kind: str, within_s: float = 15.0) -> dict[str, Any]:
    """The next message of a type; others are passed over."""
    while True:
        message: dict[str, Any] = json.loads(socket.recv(timeout=within_s))
        if message["type"] == kind:
            return message


def received_records(socket: ClientConnection, count: int) -> list[dict[str, Any]]:
    """The next `count` lines, whatever messages they come in."""
    items: list[dict[str, Any]] = []
    while len(items) < count:
        items += received(socket, "append").get("records", [])
    return items
