"""One connection, ended when it takes or holds up more than its limits allow.

uvicorn has no time-out for half a request, nor for a peer that takes nothing. A peer like that does
not answer a closing handshake either, so its transport is aborted.
"""

import asyncio
import logging
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState
from websockets.frames import Frame

from karn_view.server.guard import security_headers
from karn_view.server.limits import (
    CLOSE_S,
    FRAMES_A_SECOND,
    HEAD_S,
    TAKE_S,
    WAITING_MOST,
)

log = logging.getLogger(__name__)


class Connections(ServerState):
    """All connections of a server, and those that wait for a request's head, the oldest first."""

    def __init__(self, waiting_most: int = WAITING_MOST) -> None:
        super().__init__()
        self.waiting_most = waiting_most
        self.waiting: dict[Http, None] = {}


class _Timed(asyncio.Protocol):
    """Ends a connection at once when one of its time-outs passes.

    Attributes:
        loop: Set by the protocol that this is mixed into, as is `transport`.
    """

    loop: asyncio.AbstractEventLoop
    transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._timers: dict[str, asyncio.TimerHandle] = {}
        super().connection_made(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        for what in list(self._timers):
            self.stop(what)

    def pause_writing(self) -> None:
        super().pause_writing()
        self.start("take", TAKE_S, f"took nothing for {TAKE_S:g} s")

    def resume_writing(self) -> None:
        super().resume_writing()
        self.stop("take")

    def start(self, what: str, within_s: float, why: str) -> None:
        """Drops the connection unless `stop` comes in time."""
        self.stop(what)
        self._timers[what] = self.loop.call_later(within_s, self.drop, why)

    def stop(self, what: str) -> None:
        if timer := self._timers.pop(what, None):
            timer.cancel()

    def drop(self, why: str) -> None:
        """Ends the connection at once, whatever the peer still has to take."""
        log.info("a connection was dropped: %s", why)
        self.transport.abort()


class Http(_Timed, H11Protocol):
    """A connection that asks over HTTP, and may become a `WebSocket`."""

    server_state: Connections

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._wait_for_head()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self.stop_waiting()

    def handle_events(self) -> None:
        cycle = self.cycle
        super().handle_events()
        if self.cycle is not cycle:
            self.stop_waiting()

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        self.stop_waiting()
        super().handle_websocket_upgrade(event)

    def on_response_complete(self) -> None:
        self._wait_for_head()
        super().on_response_complete()

    def send_400_response(self, msg: str) -> None:
        """Answers what is no HTTP, which no application gets to see."""
        body = f"{msg}\n".encode()
        length = (b"content-length", str(len(body)).encode())
        headers = [(b"content-type", b"text/plain; charset=utf-8"), length, *security_headers()]
        close = (b"connection", b"close")
        for part in (
            h11.Response(status_code=400, headers=[*headers, close], reason=b"Bad Request"),
            h11.Data(data=body),
            h11.EndOfMessage(),
        ):
            self.transport.write(self.conn.send(part) or b"")
        self.transport.close()

    def _wait_for_head(self) -> None:
        self.start("head", HEAD_S, f"no whole request within {HEAD_S:g} s")
        waiting, most = self.server_state.waiting, self.server_state.waiting_most
        waiting[self] = None
        if len(waiting) > most:
            oldest = next(iter(waiting))
            oldest.stop_waiting()
            oldest.drop(f"more than {most} wait with half a request")

    def stop_waiting(self) -> None:
        self.stop("head")
        self.server_state.waiting.pop(self, None)


class WebSocket(_Timed, WebSocketsSansIOProtocol):
    """A connection that became a WebSocket."""

    _second = 0.0
    _frames = 0

    def handle_ping(self) -> None:
        if self._may_go_on():
            super().handle_ping()

    def handle_pong(self, event: Frame) -> None:
        if self._may_go_on():
            super().handle_pong(event)

    def handle_cont(self, event: Frame) -> None:
        if self._may_go_on():
            super().handle_cont(event)

    def on_task_complete(self, task: "asyncio.Task[Any]") -> None:
        super().on_task_complete(task)
        if not self.disconnected:
            self.start("close", CLOSE_S, f"did not close within {CLOSE_S:g} s")

    def _may_go_on(self) -> bool:
        """Counts frames that the application does not see, and so cannot count."""
        now = self.loop.time()
        if now - self._second >= 1.0:
            self._second, self._frames = now, 0
        self._frames += 1
        most = max(self._frames, len(self.frames))
        if most == FRAMES_A_SECOND + 1:
            self.drop(f"more than {FRAMES_A_SECOND} frames a second, or a message")
        return most <= FRAMES_A_SECOND
