"""One connection, ended when it takes or holds up more than its limits allow.

uvicorn has no time-out for half a request, nor for a peer that takes nothing. A peer like that does
not answer a closing handshake either, so its transport is aborted.
"""

import asyncio
import logging
import socket
import struct
from collections.abc import Callable, Sequence
from email.utils import formatdate
from typing import Any, cast

import h11
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState
from websockets.frames import Frame
from websockets.http11 import Response
from websockets.protocol import State
from websockets.server import ServerProtocol
from websockets.typing import StatusLike

from karn_view.server.encode import Encoded, parts_of
from karn_view.server.guard import security_headers
from karn_view.server.limits import (
    CLOSE_S,
    FRAMES_A_SECOND,
    HEAD_S,
    TAKE_BYTES,
    TAKE_S,
    WAITING_MOST,
)

log = logging.getLogger(__name__)

PARSED_BYTES = 512
"""A peer's frames are parsed in parts of this size; each frame costs far more than its bytes."""


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
        self._expect_taking()

    def resume_writing(self) -> None:
        super().resume_writing()
        self.stop("take")

    def start(self, what: str, within_s: float, act: Callable[..., None], *given: Any) -> None:
        """Does something unless `stop` comes in time."""
        self.stop(what)
        self._timers[what] = self.loop.call_later(within_s, act, *given)

    def stop(self, what: str) -> None:
        if timer := self._timers.pop(what, None):
            timer.cancel()

    def drop(self, why: str) -> None:
        """Ends the connection at once, and frees what the peer still has to take."""
        log.info("a connection was dropped: %s", why)
        peer = self.transport.get_extra_info("socket")
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.transport.abort()

    def _expect_taking(self) -> None:
        left = self.transport.get_write_buffer_size()
        self.start("take", TAKE_S, self._look_at_taking, left)

    def _look_at_taking(self, before: int) -> None:
        if before - self.transport.get_write_buffer_size() < TAKE_BYTES:
            self.drop(f"took less than {TAKE_BYTES} bytes in {TAKE_S:g} s")
        else:
            self._expect_taking()


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
        self.server_state.default_headers = [(b"date", formatdate(usegmt=True).encode())]
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
        self.start("head", HEAD_S, self._look_at_head)
        waiting, most = self.server_state.waiting, self.server_state.waiting_most
        waiting[self] = None
        if len(waiting) > most:
            oldest = next(iter(waiting))
            oldest.stop_waiting()
            oldest.drop(f"more than {most} wait with half a request")

    def _look_at_head(self) -> None:
        if "take" in self._timers:
            self._wait_for_head()
            return
        log.info("a connection was closed: no whole request within %g s", HEAD_S)
        self.transport.close()  # the peer may still be reading its last answer
        self._expect_taking()

    def stop_waiting(self) -> None:
        self.stop("head")
        self.server_state.waiting.pop(self, None)


class _Gathering:
    """A transport that sends what one turn of the event loop writes in one system call.

    Told of three messages, a client costs one call instead of three, which are most of its cost.
    When reading is resumed, what was read already goes first.
    """

    def __init__(
        self,
        transport: asyncio.Transport,
        loop: asyncio.AbstractEventLoop,
        go_on: Callable[[], None],
    ) -> None:
        self._transport = transport
        self._loop = loop
        self._go_on = go_on
        self._parts: list[bytes] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        if not self._parts:
            self._loop.call_soon(self._flush)
        self._parts.append(data)

    def resume_reading(self) -> None:
        self._transport.resume_reading()
        self._loop.call_soon(self._go_on)

    def close(self) -> None:
        self._flush()
        self._transport.close()

    def _flush(self) -> None:
        parts, self._parts = self._parts, []
        if parts:
            self._transport.write(b"".join(parts))


class _Protocol(ServerProtocol):
    """Refuses what is no handshake, which no application gets to see, with the headers of all."""

    def reject(self, status: StatusLike, text: str) -> Response:
        response = super().reject(status, text)
        response.headers.update({key.decode(): value.decode() for key, value in security_headers()})
        return response


class WebSocket(_Timed, WebSocketsSansIOProtocol):
    """A connection that became a WebSocket."""

    _second = 0.0
    _frames = 0

    def __init__(self, config: Config, *given: Any, **named: Any) -> None:
        super().__init__(config, *given, **named)
        self.conn = _Protocol(
            extensions=self.conn.available_extensions,
            max_size=config.ws_max_size,
            logger=self.conn.logger,
        )
        self._held = bytearray()
        self._telling = asyncio.Lock()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        gathering = _Gathering(transport, self.loop, lambda: self.data_received(b""))
        super().connection_made(cast(asyncio.Transport, gathering))

    def data_received(self, data: bytes) -> None:
        """Takes a part at a time, none while a message waits: a flood is over once it is one."""
        self._held += data
        while self._held and not self.read_paused and not self.transport.is_closing():
            part = bytes(self._held[:PARSED_BYTES])
            del self._held[:PARSED_BYTES]
            super().data_received(part)

    def shutdown(self) -> None:
        """Ends with the server; a client that has said that it leaves is told nothing any more."""
        if self.conn.close_rcvd is None:
            super().shutdown()
        else:
            self.transport.close()

    async def send(self, message: Any) -> None:
        """Takes a refusal as the end of the handshake, or uvicorn calls it an error in the log."""
        if message["type"] == "websocket.send" and self.handshake_complete:
            await self._tell(message["bytes"])
            return
        await super().send(message)
        if message["type"] == "websocket.http.response.body":
            self.handshake_complete = True

    async def _tell(self, text: Encoded) -> None:
        """Sends a text, a long one in fragments, between which others have their turn."""
        parts = parts_of(text)
        if len(parts) == 1:
            await self._tell_parts(parts)
        else:  # to its end even for a sender that is cancelled, as no other text may begin before
            telling = self.loop.create_task(self._tell_parts(parts))
            telling.add_done_callback(_no_error)
            await asyncio.shield(telling)

    async def _tell_parts(self, parts: Sequence[bytes | memoryview]) -> None:
        async with self._telling:
            for number, part in enumerate(parts):
                if number:
                    await asyncio.sleep(0)
                await self.writable.wait()
                if self.disconnected or self.conn.state is not State.OPEN:
                    raise ClientDisconnected
                send = self.conn.send_continuation if number else self.conn.send_text
                send(part, number == len(parts) - 1)
                self.transport.write(b"".join(self.conn.data_to_send()))

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
        if not self.transport.is_closing():
            self.transport.pause_reading()  # it went wrong: no more of that is looked at
        if not self.disconnected:
            self.start("close", CLOSE_S, self.drop, f"did not close within {CLOSE_S:g} s")

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


def _no_error(telling: asyncio.Task[None]) -> None:
    """A client that leaves in the middle of a text whose sender is gone is no error of anybody."""
    if not telling.cancelled():
        telling.exception()
