"""Many WebSocket clients in a process of their own, each as cheap as Python allows.

The script connects its clients, says `{"ready": ...}` once all have caught up, goes on until its
standard input ends, and then says what they received. A client that is dropped comes back by its
cursor and check as the page does.
"""

import argparse
import asyncio
import base64
import json
import os
import random
import re
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np

STEP = re.compile(rb'"step": ?(\d+)')
AFTER = re.compile(rb'"after":"([^"]+)"')
CURSOR = re.compile(rb'"cursor":"([^"]+)"')
CHECK = re.compile(rb'"check":"([^"]*)"')
STEPS = re.compile(rb'"x":\[([^\]]+)\]')
RETRY_S = (0.25, 8.0)


class Client(asyncio.Protocol):
    """One client of one run: its place in it, and when it received what."""

    def __init__(self, crowd: "Crowd") -> None:
        self.crowd = crowd
        self.cursor = b""
        self.check = b""
        self.steps = 0
        self.wrong = 0
        self.reconnects = 0
        self.wait_s = RETRY_S[0]
        self.greeted = False
        self.connecting: asyncio.Future[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.buffer = bytearray()
        self.greeted = False
        self.crowd.connected += 1
        key = base64.b64encode(os.urandom(16)).decode()
        transport.write(
            f"GET {self.crowd.path} HTTP/1.1\r\nHost: {self.crowd.host}\r\n"
            f"Authorization: Bearer {self.crowd.token}\r\nConnection: Upgrade\r\n"
            "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Key: {key}\r\n\r\n".encode()
        )

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        if not self.greeted:
            head, end, rest = self.buffer.partition(b"\r\n\r\n")
            if not end:
                return
            if b" 101 " not in head.partition(b"\r\n")[0]:
                self.transport.abort()
                return
            self.greeted, self.buffer = True, bytearray(rest)
            self.wait_s = RETRY_S[0]
            self._send(json.dumps(self._hello()).encode())
        while (found := self._frame()) is not None:
            opcode, payload = found
            if opcode == 1:
                self._received(payload)
            elif opcode == 9:
                self._send(payload, opcode=10)
            elif opcode == 8:
                self.transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        self.crowd.connected -= 1
        if not self.crowd.ending:
            self.reconnects += 1
            self.come_back()

    def come_back(self) -> None:
        """Waits as static/js/feed.js does, and connects again."""
        wait_s = self.wait_s * (0.75 + random.random() / 2)
        self.wait_s = min(RETRY_S[1], 2 * self.wait_s)
        self.crowd.later(wait_s, self)

    def _hello(self) -> dict[str, Any]:
        run = self.crowd.run
        place = {"cursors": {run: self.cursor.decode()}} if self.cursor else {}
        evidence = {"checks": {run: self.check.decode()}} if self.check else {}
        return {"type": "hello", "runs": [run], "wants": self.crowd.wants, **place, **evidence}

    def _send(self, payload: bytes, opcode: int = 1) -> None:
        size = len(payload)
        length = bytes([0x80 | size]) if size < 126 else b"\xfe" + size.to_bytes(2, "big")
        self.transport.write(bytes([0x80 | opcode]) + length + bytes(4) + payload)

    def _frame(self) -> tuple[int, bytes] | None:
        buffer = self.buffer
        if len(buffer) < 2:
            return None
        size, start = buffer[1] & 0x7F, 2
        if size == 126:
            size, start = int.from_bytes(buffer[2:4], "big"), 4
        elif size == 127:
            size, start = int.from_bytes(buffer[2:10], "big"), 10
        if len(buffer) < start or len(buffer) < start + size:
            return None
        opcode, payload = buffer[0] & 0x0F, bytes(buffer[start : start + size])
        del buffer[: start + size]
        return opcode, payload

    def _received(self, message: bytes) -> None:
        now = time.time()
        self.crowd.messages += 1
        self.crowd.bytes += len(message)
        if message.startswith(b'{"type":"snapshot"'):
            self._stands(message)
        if not message.startswith(b'{"type":"append"'):
            return
        if b'"records":' in message[:400]:
            first, last = self._lines(message)
        elif b'"points":' in message[:400]:
            steps = STEPS.search(message)
            if steps is None:
                return
            listed = steps.group(1).split(b",")
            first, last = int(float(listed[0])), int(float(listed[-1]))
        else:
            return
        self._stands(message)
        self.crowd.receipts.append((now, first, last))

    def _lines(self, message: bytes) -> tuple[int, int]:
        """First and last step of a page of lines, which must go on where the last one ended."""
        first = STEP.search(message)
        assert first is not None
        last = STEP.search(message, message.rfind(b'"step":'))
        assert last is not None
        begin, end = int(first.group(1)), int(last.group(1))
        after = AFTER.search(message, 0, 400)
        assert after is not None
        gap = self.cursor and after.group(1) != self.cursor
        if gap or begin != self.steps or message.count(b'"step":') != end - begin + 1:
            self.wrong += 1
        self.steps = end + 1
        return begin, end

    def _stands(self, message: bytes) -> None:
        cursor, check = CURSOR.search(message), CHECK.search(message)
        assert cursor is not None
        self.cursor = cursor.group(1)
        self.check = check.group(1) if check else b""


class Crowd:
    """All clients of this process.

    Args:
        url: The viewer's, token and all; the run's id; what the clients want.
    """

    def __init__(self, url: str, run: str, wants: list[str]) -> None:
        parts = urlsplit(url)
        assert parts.hostname and parts.port
        self.address, self.host = (parts.hostname, parts.port), parts.netloc
        self.path = f"{parts.path.rstrip('/')}/ws"
        self.token = parts.query.removeprefix("token=")
        self.run, self.wants = run, wants
        self.connected = self.messages = self.bytes = 0
        self.receipts: list[tuple[float, int, int]] = []
        self.clients: list[Client] = []
        self.ending = False

    async def connect(self, client: Client) -> None:
        if self.ending:
            return
        try:
            await asyncio.get_running_loop().create_connection(lambda: client, *self.address)
        except OSError:
            client.come_back()

    def later(self, wait_s: float, client: Client) -> None:
        """Connects a client again, unless everything ends before."""

        def again() -> None:
            if not self.ending:
                client.connecting = asyncio.ensure_future(self.connect(client))

        asyncio.get_running_loop().call_later(wait_s, again)

    async def gather(self, count: int) -> None:
        """Connects so many clients, a few at a time, and waits until each has received lines."""
        for _ in range(0, count, 20):
            fresh = [Client(self) for _ in range(min(20, count - len(self.clients)))]
            self.clients += fresh
            await asyncio.gather(*map(self.connect, fresh))
        while any(not client.cursor for client in self.clients):
            await asyncio.sleep(0.05)

    def lags_ms(self, sent: "np.ndarray[Any, Any]", since: float) -> dict[str, float | None]:
        """From the writing of a line to its receipt, over all lines and clients."""
        found = [
            now - sent[first : last + 1]
            for now, first, last in self.receipts
            if sent[first] > since
        ]
        names, parts = ("lag_p50_ms", "lag_p95_ms", "lag_max_ms"), (50, 95, 100)
        if not found:
            return dict.fromkeys(names)
        return dict(zip(names, 1e3 * np.percentile(np.concatenate(found), parts), strict=True))


async def main() -> None:
    """The script."""
    asked = argparse.ArgumentParser()
    for name in ("--url", "--run", "--file"):
        asked.add_argument(name, required=True)
    asked.add_argument("--count", type=int, required=True)
    asked.add_argument("--wants", default="events")
    given = asked.parse_args()
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    crowd = Crowd(given.url, given.run, given.wants.split(","))
    await crowd.gather(given.count)
    print(json.dumps({"ready": given.count}), flush=True)
    ready, cpu_s = time.time(), time.process_time()
    loop = asyncio.get_running_loop()
    while await loop.run_in_executor(None, sys.stdin.readline):
        print(json.dumps(told(crowd, Path(given.file), ready, cpu_s)), flush=True)
        ready, cpu_s = time.time(), time.process_time()
        crowd.receipts.clear()
        crowd.messages = crowd.bytes = 0
    crowd.ending = True


def told(crowd: Crowd, file: Path, since: float, cpu_s: float) -> dict[str, Any]:
    """What the clients received of lines that were written since a moment."""
    lines = file.read_bytes().split(b"\n")[:-1]
    sent = np.array([json.loads(line)["sent"] for line in lines])
    passed_s = time.time() - since
    return {
        "connected": crowd.connected,
        **crowd.lags_ms(sent, since),
        "messages_s": crowd.messages / passed_s,
        "MB_s": crowd.bytes / passed_s / 1e6,
        "cpu": (time.process_time() - cpu_s) / passed_s,
        "complete": sum(client.steps == len(sent) for client in crowd.clients),
        "behind_most": len(sent) - min(client.steps for client in crowd.clients),
        "wrong": sum(client.wrong for client in crowd.clients),
        "reconnects": sum(client.reconnects for client in crowd.clients),
    }


class Watchers:
    """A crowd in a process of its own, seen from outside."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def tell(self) -> dict[str, Any]:
        """What was received since they were ready, or since the last telling."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        found: dict[str, Any] = json.loads(self._process.stdout.readline())
        return found


@contextmanager
def watching(
    url: str, run: str, file: Path, count: int, wants: str = "events"
) -> Iterator[Watchers]:
    """So many clients, all of them connected; they go with the context."""
    options = {"--url": url, "--run": run, "--file": file, "--count": count, "--wants": wants}
    process = subprocess.Popen(
        [sys.executable, __file__, *(str(part) for pair in options.items() for part in pair)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    try:
        assert json.loads(process.stdout.readline() or "{}").get("ready") == count
        yield Watchers(process)
        process.communicate(timeout=20)
    finally:
        process.kill()
        process.wait()


if __name__ == "__main__":
    asyncio.run(main())
