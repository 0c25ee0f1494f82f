import asyncio
import socket

from karn_view.serving import bind


def test_no_message_waits_for_an_earlier_one_to_be_acknowledged() -> None:
    asyncio.run(_connect())


async def _connect() -> None:
    listening = bind("127.0.0.1", 0)
    connected: asyncio.Queue[asyncio.BaseTransport] = asyncio.Queue()

    class Peer(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            connected.put_nowait(transport)

    async with await asyncio.get_running_loop().create_server(Peer, sock=listening):
        _, writer = await asyncio.open_connection(*listening.getsockname())
        transport = await connected.get()
        peer = transport.get_extra_info("socket")
        is_at_once = peer.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        transport.close()
        writer.close()
        await writer.wait_closed()
    assert is_at_once
