"""The server on a port that is bound: from when it listens until it is told to end."""

import asyncio
import gc
import resource
import socket
from collections.abc import Callable
from types import FrameType

import uvicorn

from karn_view.server.access import Access
from karn_view.server.app import make_app
from karn_view.server.connection import Connections, Http, WebSocket
from karn_view.server.hub import Hub
from karn_view.server.limits import HEAD_BYTES, IDLE_S, MESSAGE_BYTES, STOP_S, WAITING_MOST

COLLECTED_AT = (400, 3, 800)
"""Few objects are part of cycles, and each look at all that are old holds everything for a while:
there is one after 1,000,000 new objects, where Python would have one after 70,000. Those at the
young ones are short: 1,200 descriptions of runs take 6 ms."""


async def run(hub: Hub, access: Access, listening: socket.socket, say: Callable[[], None]) -> None:
    """Serves a library; calls ``say`` once it listens."""
    config = uvicorn.Config(
        make_app(hub, access),
        http=Http,
        h11_max_incomplete_event_size=HEAD_BYTES,
        timeout_keep_alive=IDLE_S,
        backlog=WAITING_MOST // 2,  # those who come at once do not push out each other
        ws=WebSocket,
        ws_per_message_deflate=False,
        ws_max_size=MESSAGE_BYTES,
        lifespan="on",
        access_log=False,
        log_config=None,
        log_level="error",  # below that it repeats addresses, and so tokens
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=STOP_S,
    )
    await _Server(config, say).serve(sockets=[listening])


class _Server(uvicorn.Server):
    """A server that says where it is once it listens, not before."""

    def __init__(self, config: uvicorn.Config, say: Callable[[], None]) -> None:
        super().__init__(config)
        self._loop, self._told = asyncio.get_running_loop(), asyncio.Event()
        descriptors, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        self.server_state = Connections(min(WAITING_MOST, descriptors // 4))
        self._say = say

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        gc.freeze()  # what was imported stays; each look at all of it would hold everything 14 ms
        gc.set_threshold(*COLLECTED_AT)
        self._say()

    async def main_loop(self) -> None:
        """Waits to be told to end; uvicorn's own looks ten times a second whether it was."""
        await self._told.wait()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        super().handle_exit(sig, frame)
        self._loop.call_soon_threadsafe(self._told.set)
