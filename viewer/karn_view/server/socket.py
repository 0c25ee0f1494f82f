"""One WebSocket client: its hello in, the messages of its feeds out."""

import asyncio
import contextlib
import time
from collections import deque
from dataclasses import dataclass, field
from functools import partial

import msgspec
from starlette.responses import PlainTextResponse
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from karn_view import __version__
from karn_view.describe import describe
from karn_view.errors import KarnViewError
from karn_view.pages import Wanted, read_page
from karn_view.replay import pace
from karn_view.server.encode import Encoded, encode_json, in_parts
from karn_view.server.feed import WANTS, Feed, begin_at
from karn_view.server.hub import ALERTING, Hub
from karn_view.server.limits import CLIENTS_MOST, CLOSE_S, MESSAGES_A_SECOND

PING_S = 15.0
RUNS_MOST = 1_000
HELLO_S = 0.05
"""Hellos that come faster are one, the last; each costs much more than its bytes."""
HUNG_S = 1.0
"""When to ask again for a run whose file system did not answer."""
REPLAY_LINES = 200
SPEED_MOST = 1e6
ALERT_ID_MOST = 1_000


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


class Silence(msgspec.Struct, tag="silence"):
    """Acknowledges an alert until its count grows, or snoozes it until a time; or neither."""

    run: str
    alert: str
    count: int | None = None
    until: float | None = None


class Rules(msgspec.Struct, tag="rules"):
    """All rules made in pages, replacing those of before."""

    rules: list[dict[str, str]]


class Tune(msgspec.Struct, tag="tune"):
    """All that pages set of the rules that are built in, replacing that of before."""

    built_in: dict[str, dict[str, bool | float]]


class TestAlert(msgspec.Struct, tag="test_alert"):
    """Asks for a message to every outlet that says that it is a test."""


Message = Hello | Silence | Rules | Tune | TestAlert
_decoder: msgspec.json.Decoder[Message] = msgspec.json.Decoder(Message)


@dataclass
class Client:
    """One connection: a task that receives, and one for each feed, which pulls and sends.

    So a run whose file system hangs holds up its own feed and no other one.
    """

    websocket: WebSocket
    hub: Hub
    feeds: dict[str, Feed] = field(default_factory=dict)
    hello: Hello | None = None
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    listed: asyncio.Event = field(default_factory=asyncio.Event)
    alerted: asyncio.Event = field(default_factory=asyncio.Event)
    tasks: asyncio.TaskGroup = field(default_factory=asyncio.TaskGroup)
    pulling: dict[str, "asyncio.Task[None]"] = field(default_factory=dict)
    laid: set[str] = field(default_factory=set)
    subscribing: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held by who says which feeds there are, or two would begin one for the same run."""

    async def serve(self) -> None:
        """Until the client goes, or is dropped for what it does or does not do."""
        wait_s = self.hub.arrivals.wait_s(time.monotonic())
        if wait_s is None:
            await self._refuse("too many clients arrive at once")
            return
        await asyncio.sleep(wait_s)
        if self.hub.clients >= CLIENTS_MOST:
            await self._refuse(f"{CLIENTS_MOST} clients are served already")
            return
        await self.websocket.accept()
        self.hub.add(self.changed)
        code, reason = 1000, ""
        try:
            async with self.tasks:
                for task in (
                    self._receive_for_ever,
                    self._subscribe_for_ever,
                    self._relist_for_ever,
                    self._alert_for_ever,
                    self._ping_for_ever,
                ):
                    self.tasks.create_task(task())
        except BaseExceptionGroup as ended:
            code, reason = _verdict(ended)
        finally:
            self.hub.remove(self.changed)
        if self.websocket.client_state is WebSocketState.CONNECTED:
            with contextlib.suppress(Exception):
                async with asyncio.timeout(CLOSE_S):
                    await self.websocket.close(code, reason)

    async def _refuse(self, why: str) -> None:
        denial = PlainTextResponse(f"{why}; try again later\n", 503)
        await self.websocket.send_denial_response(denial)

    def changed(self, run: str | None) -> None:
        """A run changed, or the list of runs did, or what is known of alerts. On the event loop."""
        if run is None:
            self.listed.set()
        elif run == ALERTING:
            self.alerted.set()
        elif run in self.feeds:
            self.feeds[run].wake.set()

    async def _receive_for_ever(self) -> None:
        times: deque[float] = deque(maxlen=MESSAGES_A_SECOND)
        while True:
            text = await self.websocket.receive_text()
            now = time.monotonic()
            if len(times) == MESSAGES_A_SECOND and now - times[0] < 1.0:
                raise KarnViewError("too many messages a second")
            times.append(now)
            try:
                message = _decoder.decode(text)
            except (msgspec.MsgspecError, RecursionError) as error:
                raise KarnViewError(f"not a message: {error}") from error
            if isinstance(message, Hello):
                self.hello = message
                self.asked.set()
            else:
                await self._about_alerts(message)

    async def _about_alerts(self, message: Silence | Rules | Tune | TestAlert) -> None:
        """What cannot be done is answered in words; the connection goes on."""
        alerting = self.hub.alerting
        try:
            match message:
                case Silence(run, alert, count, until):
                    if run in self.hub.library:
                        alerting.silence(run, alert[:ALERT_ID_MOST], count, until)
                case Rules(rules):
                    alerting.set_page_rules(rules)
                    await self.hub.tell(self.hub.look_again)
                case Tune(built_in):
                    alerting.tune(built_in)
                    await self.hub.tell(self.hub.look_again)
                case TestAlert():
                    alerting.test()
        except KarnViewError as error:
            await self._send(encode_json({"type": "refused", "reason": str(error)}))

    async def _subscribe_for_ever(self) -> None:
        while True:
            await self.asked.wait()
            async with self.subscribing:
                self.asked.clear()
                assert self.hello is not None
                await self._subscribe(self.hello)
            await asyncio.sleep(HELLO_S)

    async def _subscribe(self, hello: Hello) -> None:
        """Ends what an earlier hello asked for, greets, and begins what this one asks for."""
        for task in self.pulling.values():
            task.cancel()
        self.feeds, self.pulling = {}, {}
        self.laid = set()  # what was about to be sent may not have been
        library = self.hub.library
        wanted = [run.id for run in library.runs] if hello.runs is None else hello.runs
        following = [id for id in wanted[:RUNS_MOST] if id in library and id not in hello.replay]
        feeds = {id: self._feed(hello, id) for id in following}
        await self._send(await self.hub.tell_of_all(self._connected))
        self.alerted.set()
        for id, feed in feeds.items():
            self._pull(id, feed)
        for id, replay in hello.replay.items():
            if id in library:
                self.pulling[id] = self.tasks.create_task(self._replay(id, replay))

    def _feed(self, hello: Hello, id: str) -> Feed:
        wants = frozenset(hello.wants).intersection(WANTS)
        cursor = begin_at(hello.cursors.get(id))
        check = hello.checks.get(id, "")
        return Feed(self.hub, self.hub.library[id], wants, cursor, check, self.laid)

    def _pull(self, id: str, feed: Feed) -> None:
        self.feeds[id] = feed
        self.pulling[id] = self.tasks.create_task(self._pull_for_ever(feed))

    async def _pull_for_ever(self, feed: Feed) -> None:
        """Sends what a run's feed has due, whenever the run changed or the feed asks for it."""
        with feed.followed.wanted():
            while True:
                feed.wake.clear()
                try:
                    async for message in feed.messages():
                        await self._send(message)
                    again_in_s = feed.again_in_s
                except TimeoutError:
                    again_in_s = HUNG_S
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(again_in_s):
                        await feed.wake.wait()
                await self.hub.turns.wait()

    async def _ping_for_ever(self) -> None:
        while True:
            await asyncio.sleep(PING_S)
            await self._send(encode_json({"type": "ping", "now": time.time()}))

    async def _alert_for_ever(self) -> None:
        while True:
            await self.alerted.wait()
            await self.hub.turns.wait()
            self.alerted.clear()
            if self.hello is not None and "alerts" in self.hello.wants:
                told = self.hub.alerting.told()
                await self._send(encode_json({"type": "alerting", **told}))

    async def _relist_for_ever(self) -> None:
        while True:
            await self.listed.wait()
            await self.hub.turns.wait()
            self.listed.clear()
            async with self.subscribing:
                await self._relist()

    async def _relist(self) -> None:
        """Runs came or went: a client that named none sees all that are followed.

        One that is about to be greeted is left to its greeting.
        """
        await self._send(await self.hub.tell_of_all(self._listed))
        if self.hello is None or self.asked.is_set():
            return
        runs = self.hub.library.runs
        for id in self.feeds.keys() - {run.id for run in runs}:
            del self.feeds[id]
            self.pulling.pop(id).cancel()
        for run in runs:
            stale = run.id in self.feeds and self.feeds[run.id].run is not run
            if stale:
                self.pulling[run.id].cancel()
            if stale or (self.hello.runs is None and run.id not in self.feeds):
                self._pull(run.id, self._feed(self.hello, run.id))

    def _connected(self) -> Encoded:
        wants = self.hello.wants if self.hello else ()
        head = {
            "type": "connected",
            "version": __version__,
            "now": time.time(),
            "wants": sorted({*WANTS, "alerts"}.intersection(wants)),
        }
        return in_parts(head, "runs", self.hub.library.describe())

    def _listed(self) -> Encoded:
        return in_parts({"type": "runs"}, "runs", self.hub.library.describe())

    async def _replay(self, id: str, replay: Replay) -> None:
        """The same append messages as live, at the pace of the run's own clock."""
        followed = self.hub.library[id]
        run = followed.run
        await self.hub.ask(followed, run.wait_for_first_pass)
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
        told = await self.hub.tell(partial(describe, run))
        await self._send(encode_json({"type": "state", "run": told, "replay": "end"}))

    async def _send(self, message: Encoded) -> None:
        """Waits while the client takes nothing, until its connection is dropped for that."""
        await self.websocket.send({"type": "websocket.send", "bytes": message})


def _verdict(ended: BaseExceptionGroup[BaseException]) -> tuple[int, str]:
    """Close code and reason for why a connection's tasks ended."""
    for error in ended.exceptions:
        match error:
            case KarnViewError():
                return 1008, str(error)[:120]
            case KeyError():
                return 1003, "text messages only"
            case WebSocketDisconnect() | RuntimeError():
                continue
            case _:
                raise error
    return 1000, ""


async def serve(websocket: WebSocket) -> None:
    """The endpoint ``ws``."""
    await Client(websocket, websocket.app.state.hub).serve()
