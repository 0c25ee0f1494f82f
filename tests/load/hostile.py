"""Clients that do what none should, in a process of their own, for a given time and no longer.

The script says how often they were dropped, and how long each of them was borne.
"""

import argparse
import asyncio
import json
import os
import select
import socket
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from raw import UPGRADE, frame

TEXT, CONTINUED, PING = 1, 0, 9
REST_S = 0.1
TESTS = Path(__file__).parents[1]


class Target:
    """The viewer that they are aimed at."""

    def __init__(self, url: str, run: str) -> None:
        parts = urlsplit(url)
        assert parts.hostname and parts.port
        self.address = (parts.hostname, parts.port)
        self.run = run
        self.own = (
            f"Host: {parts.netloc}",
            f"Authorization: Bearer {parts.query.removeprefix('token=')}",
        )

    def hello(self, **more: Any) -> bytes:
        hello = {"type": "hello", "runs": [self.run], "wants": ["events", "points"], **more}
        return frame(TEXT, json.dumps(hello).encode())


async def send(peer: socket.socket, *lines: str) -> None:
    text = "\r\n".join([*lines, "", ""]).encode()
    await asyncio.get_running_loop().sock_sendall(peer, text)


async def upgrade(peer: socket.socket, target: Target) -> None:
    await send(peer, "GET /ws HTTP/1.1", *target.own, *UPGRADE)
    answer = await asyncio.get_running_loop().sock_recv(peer, 4096)
    if not answer.startswith(b"HTTP/1.1 101"):
        raise ConnectionRefusedError(answer[:80].decode())


async def until_gone(peer: socket.socket) -> None:
    """Takes nothing, and waits until the other side ends the connection."""
    poll = select.poll()
    poll.register(peer, select.POLLRDHUP)
    while not poll.poll(0):
        await asyncio.sleep(REST_S)


async def send_for_ever(peer: socket.socket, data: bytes) -> None:
    while True:
        await asyncio.get_running_loop().sock_sendall(peer, data)
        await asyncio.sleep(0)


async def read_nothing(peer: socket.socket, target: Target) -> None:
    await upgrade(peer, target)
    await asyncio.get_running_loop().sock_sendall(peer, target.hello())
    await until_gone(peer)


async def take_no_answer(peer: socket.socket, target: Target) -> None:
    for _ in range(64):
        await send(peer, f"GET /api/runs/{target.run}/events?limit=10000 HTTP/1.1", *target.own)
    await until_gone(peer)


async def send_garbage(peer: socket.socket, target: Target) -> None:
    await upgrade(peer, target)
    await send_for_ever(peer, os.urandom(4096))


async def flood(peer: socket.socket, target: Target) -> None:
    await upgrade(peer, target)
    await send_for_ever(peer, target.hello(wants=["state"]) * 8)


async def fragment(peer: socket.socket, target: Target) -> None:
    await upgrade(peer, target)
    loop = asyncio.get_running_loop()
    await loop.sock_sendall(peer, frame(TEXT, b"{", fin=False))
    await send_for_ever(peer, frame(CONTINUED, b"", fin=False) * 1024)


async def ping(peer: socket.socket, target: Target) -> None:
    await upgrade(peer, target)
    await send_for_ever(peer, frame(PING, bytes(125)) * 64)


async def swell(peer: socket.socket, target: Target) -> None:
    await upgrade(peer, target)
    await asyncio.get_running_loop().sock_sendall(peer, frame(TEXT, b" " * (65 << 10)))
    await until_gone(peer)


async def nest(peer: socket.socket, target: Target) -> None:
    await upgrade(peer, target)
    deep = b'{"type":"hello","cursors":' + b"[" * 30_000
    await asyncio.get_running_loop().sock_sendall(peer, frame(TEXT, deep))
    await until_gone(peer)


async def never_finish(peer: socket.socket, target: Target) -> None:
    await send(peer, "GET / HTTP/1.1", target.own[0])
    while True:
        await asyncio.sleep(1)
        await asyncio.get_running_loop().sock_sendall(peer, b"A: b\r\n")


KINDS: dict[str, Callable[[socket.socket, Target], Awaitable[None]]] = {
    "reads nothing": read_nothing,
    "takes no answer": take_no_answer,
    "sends garbage": send_garbage,
    "floods": flood,
    "fragments": fragment,
    "pings": ping,
    "sends 65 KiB": swell,
    "nests": nest,
    "never finishes a head": never_finish,
}


async def bother(kind: str, target: Target, until: float, borne_s: list[float]) -> None:
    """Connects again and again until the time is over."""
    while time.monotonic() < until:
        peer = socket.socket()
        peer.setblocking(False)
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        begun = time.monotonic()
        try:
            await asyncio.get_running_loop().sock_connect(peer, target.address)
            async with asyncio.timeout(max(0.0, until - time.monotonic())):
                await KINDS[kind](peer, target)
        except TimeoutError:
            continue
        except OSError:
            pass
        finally:
            peer.close()
        borne_s.append(time.monotonic() - begun)
        await asyncio.sleep(REST_S)


async def main() -> None:
    """The script."""
    asked = argparse.ArgumentParser()
    for name in ("--url", "--run", "--kind"):
        asked.add_argument(name, required=True)
    asked.add_argument("--count", type=int, required=True)
    asked.add_argument("--seconds", type=float, required=True)
    given = asked.parse_args()
    target, borne_s = Target(given.url, given.run), list[float]()
    until = time.monotonic() + given.seconds
    async with asyncio.TaskGroup() as tasks:
        for _ in range(given.count):
            tasks.create_task(bother(given.kind, target, until, borne_s))
    print(json.dumps({"dropped": len(borne_s), "borne_s": max(borne_s, default=None)}))


class Crowd:
    """Hostile clients in a process of their own, seen from outside."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def wait(self) -> dict[str, Any]:
        """How often one was dropped, and the longest time that one was borne."""
        out, _ = self._process.communicate(timeout=120)
        found: dict[str, Any] = json.loads(out)
        return found


@contextmanager
def bothering(url: str, run: str, kind: str, count: int, seconds: float) -> Iterator[Crowd]:
    """So many hostile clients at once; they end by themselves, and with the context at last."""
    options = {"--url": url, "--run": run, "--kind": kind, "--count": count, "--seconds": seconds}
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "load.hostile",
            *(str(part) for pair in options.items() for part in pair),
        ],
        stdout=subprocess.PIPE,
        text=True,
        cwd=TESTS,
    )
    try:
        yield Crowd(process)
    finally:
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()


if __name__ == "__main__":
    asyncio.run(main())
