"""One WebSocket client: its hello in, the messages of its feeds out."""

import asyncio
import contextlib
import time
from collections import deque
from dataclasses import dataclass, field
from functools import partial

import msgspec
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from karn_view import __version__
from karn_view.describe import describe
from karn_view.errors import KarnViewError
from karn_view.pages import Wanted, read_page
from karn_view.replay import pace
from karn_view.server.encode import encode_json
from karn_view.server.feed import WANTS, Feed, begin_at
from karn_view.server.hub import Hub

PING_S = 15.0
SEND_S = 10.0
"""A client that takes no byte for so long is dropped; it comes back by its cursor."""
MESSAGES_A_SECOND = 20
RUNS_MOST = 1_000
REPLAY_LINES = 200
SPEED_MOST = 1e6


class Replay(msgspec.Struct):
    """Lines again at the pace they came: from a byte or a cursor, ``speed`` times as fast."""

    start: int | str = msgspec.field(default=0, name="from")
    speed: float = 1.0


class Hello(msgspec.Struct, tag="hello"):
    """What a client wants to be told; a later hello replaces an earlier one."""

    runs: list[str] | None = None
    cursors: dict[str, str] = {}
    checks: dict[str, str] = {}
    wants: tuple[str, ...] = ("state", "events")
    replay: dict[str, Replay] = {}


_decoder = msgspec.json.Decoder(Hello)


@dataclass
class Client:
    """One connection. The receiving task sets what is wanted; the sending task pulls it."""

    websocket: WebSocket
    hub: Hub
    feeds: dict[str, Feed] = field(default_factory=dict)
    hello: Hello | None = None
    dirty: set[str] = field(default_factory=set)
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    greeted: bool = True
    listed: bool = False
    replaying: list["asyncio.Task[None]"] = field(default_factory=list)

    async def serve(self) -> None:
        """Until the client goes, or is dropped for what it does or does not do."""
        await self.websocket.accept()
        self.hub.add(self.changed)
        sending = asyncio.create_task(self._send_for_ever())
        receiving = asyncio.create_task(self._receive_for_ever())
        try:
            done, _ = await asyncio.wait((sending, receiving), return_when=asyncio.FIRST_COMPLETED)
            code, reason = _verdict(done)
        finally:
            self.hub.remove(self.changed)
            for task in (sending, receiving, *self.replaying):
                task.cancel()
        if self.websocket.client_state is WebSocketState.CONNECTED:
            with contextlib.suppress(Exception):
                await asyncio.wait_for(self.websocket.close(code, reason), 1.0)

    def changed(self, run: str | None) -> None:
        """A run changed, or the list of runs did. On the event loop."""
        if run is None:
            self.listed = True
        elif run in self.feeds:
            self.dirty.add(run)
        else:
            return
        self.wake.set()

    async def _receive_for_ever(self) -> None:
        times: deque[float] = deque(maxlen=MESSAGES_A_SECOND)
        while True:
            text = await self.websocket.receive_text()
            now = time.monotonic()
            if len(times) == MESSAGES_A_SECOND and now - times[0] < 1.0:
                raise KarnViewError("too many messages a second")
            times.append(now)
            try:
                hello = _decoder.decode(text)
                self._subscribe(hello)
            except (msgspec.MsgspecError, RecursionError) as error:
                raise KarnViewError(f"not a hello: {error}") from error

    def _subscribe(self, hello: Hello) -> None:
        known = {run.id for run in self.hub.library.runs}
        wanted = list(known) if hello.runs is None else hello.runs
        for task in self.replaying:
            task.cancel()
        self.feeds = {
            id: self._feed(hello, id)
            for id in wanted[:RUNS_MOST]
            if id in known and id not in hello.replay
        }
        self.replaying = [
            asyncio.create_task(self._replay(id, replay))
            for id, replay in hello.replay.items()
            if id in known
        ]
        self.hello, self.greeted = hello, False
        self.dirty = set(self.feeds)
        self.wake.set()

    def _feed(self, hello: Hello, id: str) -> Feed:
        wants = frozenset(hello.wants).intersection(WANTS)
        cursor = begin_at(hello.cursors.get(id))
        return Feed(self.hub, self.hub.library[id], wants, cursor, hello.checks.get(id, ""))

    async def _send_for_ever(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                await asyncio.wait_for(self.wake.wait(), PING_S)
            except TimeoutError:
                await self._send(encode_json({"type": "ping", "now": time.time()}))
                continue
            self.wake.clear()
            if not self.greeted:
                self.greeted = True
                await self._send(self._connected())
            if self.listed:
                self.listed = False
                await self._relist()
            dirty, self.dirty = self.dirty, set()
            for id in dirty:
                again_in_s = await self._send_feed(id)
                if again_in_s is not None:
                    loop.call_later(again_in_s, self.changed, id)

    async def _send_feed(self, id: str) -> float | None:
        """Sends what a run's feed has due; returns when to look again though nothing changed."""
        feed = self.feeds.get(id)
        if feed is None:
            return None
        try:
            async for message in feed.messages():
                await self._send(message)
        except TimeoutError:
            return 1.0  # The run's file system does not answer; other runs go on.
        return feed.again_in_s

    async def _relist(self) -> None:
        """Runs came or went: a client that named none sees them all."""
        runs = self.hub.library.runs
        await self._send(encode_json({"type": "runs", "runs": [describe(run) for run in runs]}))
        if self.hello is None:
            return
        for run in runs:
            stale = run.id in self.feeds and self.feeds[run.id].run is not run
            if stale or (self.hello.runs is None and run.id not in self.feeds):
                self.feeds[run.id] = self._feed(self.hello, run.id)
                self.dirty.add(run.id)
        for id in self.feeds.keys() - {run.id for run in runs}:
            del self.feeds[id]

    def _connected(self) -> bytes:
        return encode_json(
            {
                "type": "connected",
                "version": __version__,
                "now": time.time(),
                "wants": sorted(set(self.hello.wants).intersection(WANTS)) if self.hello else [],
                "runs": [describe(run) for run in self.hub.library.runs],
            }
        )

    async def _replay(self, id: str, replay: Replay) -> None:
        """The same append messages as live, at the pace of the run's own clock."""
        followed = self.hub.library[id]
        run = followed.run
        start = (
            replay.start
            if isinstance(replay.start, str)
            else f"{run.cursor.generation}:{replay.start}"
        )
        after = begin_at(start)
        speed = min(max(replay.speed, 1e-3), SPEED_MOST)
        ended = False
        wanted = Wanted(limit=REPLAY_LINES)
        while not ended:
            page = await self.hub.ask(followed, partial(read_page, run, after, wanted))
            for wait_s, group in pace(page.items, speed):
                await asyncio.sleep(wait_s)
                message = {
                    "type": "append",
                    "run": id,
                    "generation": page.cursor.generation,
                    "after": str(after),
                    "cursor": str(page.cursor),
                    "records": group,
                    "replay": speed,
                }
                await self._send(encode_json(message))
            after, ended = page.cursor, page.end
        await self._send(encode_json({"type": "state", "run": describe(run), "replay": "end"}))

    async def _send(self, message: bytes) -> None:
        await asyncio.wait_for(self.websocket.send_text(message.decode()), SEND_S)


def _verdict(done: "set[asyncio.Task[None]]") -> tuple[int, str]:
    """Close code and reason for why a connection's tasks ended."""
    for task in done:
        error = task.exception()
        if isinstance(error, KarnViewError):
            return 1008, str(error)[:120]
        if isinstance(error, TimeoutError):
            return 1013, "too slow: nothing was taken for 10 s; come back with your cursor"
        if isinstance(error, KeyError):
            return 1003, "text messages only"
        if error is not None and not isinstance(error, WebSocketDisconnect | RuntimeError):
            raise error
    return 1000, ""


async def serve(websocket: WebSocket) -> None:
    """The endpoint ``ws``."""
    await Client(websocket, websocket.app.state.hub).serve()
