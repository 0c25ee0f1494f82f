import asyncio
import gc
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import uvicorn
from karn_view.server import connection
from karn_view.server.connection import Connections, Http, WebSocket
from karn_view.server.encode import PART_BYTES
from karn_view.server.guard import security_headers
from websockets.asyncio.client import connect
from websockets.frames import Frame, Opcode

BIG = 32 << 20
UPGRADE = (
    b"GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)
Dial = Callable[..., Awaitable[tuple[asyncio.StreamReader, asyncio.StreamWriter]]]


async def converse(path: str, receive: Any, send: Any) -> None:
    await receive()
    if path == "/refused":
        await send({"type": "websocket.http.response.start", "status": 403, "headers": []})
        await send({"type": "websocket.http.response.body", "body": b"no"})
        return
    await send({"type": "websocket.accept"})
    if path == "/long":
        telling = asyncio.ensure_future(send({"type": "websocket.send", "bytes": b"x" * BIG}))
        await asyncio.wait([telling], timeout=0.1)
        telling.cancel()
        await send({"type": "websocket.send", "bytes": b"the next one"})
    while (message := await receive())["type"] == "websocket.receive":
        await send({"type": "websocket.send", "bytes": message["text"].encode()})


async def app(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "websocket":
        await converse(scope["path"], receive, send)
        return
    body = bytes(BIG) if scope["path"] == "/big" else b"ok"
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def served(waiting_most: int, act: Callable[[Connections, Dial], Awaitable[None]]) -> None:
    """Serves `app` on a free port while `act` dials it."""

    async def serve() -> None:
        config = uvicorn.Config(app, http=Http, ws=WebSocket, log_config=None, lifespan="off")
        config.load()
        state = Connections(waiting_most)
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: Http(config, state, {}), "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        writers = []

        async def dial(**options: Any) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
            reader, writer = await asyncio.open_connection("127.0.0.1", port, **options)
            writers.append(writer)
            return reader, writer

        async with asyncio.timeout(20):
            await act(state, dial)
        for writer in writers:
            writer.close()
        server.close()
        for each in list(state.connections):
            each.transport.abort()
        await asyncio.sleep(0.05)

    asyncio.run(serve())


async def is_over(reader: asyncio.StreamReader) -> bool:
    try:
        return await reader.read() == b""
    except ConnectionResetError:
        return True


def test_the_oldest_of_too_many_half_requests_makes_room() -> None:
    async def act(state: Connections, dial: Dial) -> None:
        peers = []
        for _ in range(4):
            reader, writer = await dial()
            writer.write(b"GET / HTTP/1.1\r\n")
            peers.append((reader, writer))
            while len(state.waiting) < min(len(peers), 3):
                await asyncio.sleep(0.01)
        assert await is_over(peers[0][0])
        assert len(state.waiting) == 3
        peers[1][1].write(b"Host: x\r\n\r\n")
        assert await peers[1][0].readline() == b"HTTP/1.1 200 OK\r\n"

    served(3, act)


@pytest.mark.parametrize(
    "sent",
    [
        [b""],
        [b"GET / HT"],
        [b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"GET / HT"],
        [b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n", b"body"],
    ],
    ids=["nothing", "half a head", "half a second head", "half a body"],
)
def test_half_a_request_is_waited_for_so_long(
    monkeypatch: pytest.MonkeyPatch, sent: list[bytes]
) -> None:
    monkeypatch.setattr(connection, "HEAD_S", 0.3)

    async def act(state: Connections, dial: Dial) -> None:
        reader, writer = await dial()
        for part in sent:
            writer.write(part)
            await asyncio.sleep(0.05)
        try:
            await reader.read()
        except ConnectionResetError:
            pass
        assert not state.waiting

    served(3, act)


REQUEST = b"GET /big HTTP/1.1\r\nHost: x\r\n\r\n"


def test_who_takes_a_long_answer_slowly_gets_all_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "HEAD_S", 0.5)
    monkeypatch.setattr(connection, "TAKE_S", 1.0)

    async def act(state: Connections, dial: Dial) -> None:
        reader, writer = await dial(limit=1 << 16)
        writer.write(REQUEST)
        taken = 0
        while taken < BIG:
            taken += len(await reader.readexactly(min(1 << 19, BIG - taken)))
            await asyncio.sleep(0.04)

    served(3, act)


def test_who_takes_nothing_of_it_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "TAKE_S", 0.2)

    async def act(state: Connections, dial: Dial) -> None:
        reader, writer = await dial(limit=1 << 10)
        writer.write(REQUEST)
        while not state.connections:
            await asyncio.sleep(0.01)
        while state.connections:
            await asyncio.sleep(0.01)
        with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError)):
            await reader.readexactly(BIG)

    served(3, act)


@pytest.mark.parametrize("odd", [("Version: 13", "Version: 7"), ("Key: dGhl", "Key: x")])
def test_what_is_no_handshake_is_refused_like_any_bad_request(odd: tuple[str, str]) -> None:
    async def act(state: Connections, dial: Dial) -> None:
        reader, writer = await dial()
        writer.write(UPGRADE.decode().replace(*odd).encode())
        answer = (await reader.read()).lower()
        assert answer.startswith(b"http/1.1 400 ")
        for name, value in security_headers():
            assert b"\r\n" + name + b": " + value.lower() + b"\r\n" in answer

    served(10, act)


def test_a_refused_client_is_no_error_of_the_server(caplog: pytest.LogCaptureFixture) -> None:
    async def act(state: Connections, dial: Dial) -> None:
        reader, writer = await dial()
        writer.write(UPGRADE.replace(b"/ws", b"/refused"))
        answer = await reader.read()
        assert answer.startswith(b"HTTP/1.1 403 ")
        assert answer.endswith(b"no")

    served(10, act)
    assert caplog.messages == []


def test_messages_that_come_in_one_piece_are_taken_one_by_one_in_order() -> None:
    sent = [str(n) * (n % 7) * 50 for n in range(200)]

    async def act(state: Connections, dial: Dial) -> None:
        reader, writer = await dial()
        writer.write(UPGRADE)
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 101")
        frames = [Frame(Opcode.TEXT, text.encode()) for text in sent]
        writer.write(b"".join(frame.serialize(mask=True) for frame in frames))
        told = b"".join(frame.serialize(mask=False) for frame in frames)
        assert await reader.readexactly(len(told)) == told

    served(10, act)


def test_a_long_message_comes_whole_though_its_sender_was_stopped_on_the_way() -> None:
    async def act(state: Connections, dial: Dial) -> None:
        _, writer = await dial()
        _, port = writer.get_extra_info("peername")
        async with connect(f"ws://127.0.0.1:{port}/long", max_size=None, max_queue=1) as client:
            assert await client.recv() == "x" * BIG
            assert await client.recv() == "the next one"

    served(10, act)


def test_who_leaves_in_the_middle_of_a_long_message_is_no_error_of_the_server(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def act(state: Connections, dial: Dial) -> None:
        reader, writer = await dial()
        writer.write(UPGRADE.replace(b"/ws", b"/long"))
        await reader.readexactly(PART_BYTES)
        await asyncio.sleep(0.2)  # its sender is stopped by then
        writer.transport.abort()
        await asyncio.sleep(0.2)
        gc.collect()

    served(10, act)
    assert caplog.messages == []


def test_a_client_that_is_leaving_is_no_error_of_a_server_that_ends() -> None:
    async def act(state: Connections, dial: Dial) -> None:
        reader, writer = await dial()
        writer.write(UPGRADE)
        await reader.readuntil(b"\r\n\r\n")
        while not [each for each in state.connections if isinstance(each, WebSocket)]:
            await asyncio.sleep(0.01)
        [websocket] = state.connections
        assert isinstance(websocket, WebSocket)
        writer.write(Frame(Opcode.CLOSE, b"").serialize(mask=True))
        while websocket.conn.close_rcvd is None:
            await asyncio.sleep(0.01)
        websocket.shutdown()
        assert websocket.transport.is_closing()

    served(9, act)
