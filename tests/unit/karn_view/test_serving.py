import asyncio
import socket
import threading
from contextlib import closing
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from karn_view import serving
from karn_view.alerting import Alerting
from karn_view.server.access import Access
from karn_view.serving import Options, bind
from karn_view.terminal import Readings


def test_what_was_kept_is_read_while_what_serves_it_is_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, is_read = tmp_path / "run.jsonl", threading.Event()
    path.write_text('{"loss": 1}\n')
    monkeypatch.setattr(Readings, "clear", lambda *_: is_read.set())

    class Interrupted(Exception):
        pass

    def importing() -> None:
        raise Interrupted if is_read.wait(5.0) else TimeoutError

    monkeypatch.setattr(serving, "uncollected", importing)
    asked: dict[str, Any] = dict.fromkeys(field.name for field in fields(Options))
    told = {"paths": [path], "follow": "auto", "no_cache": True, "is_known": True}
    options = Options(**{**asked, **told})
    with closing(bind("127.0.0.1", 0)) as listening, pytest.raises(Interrupted):
        asyncio.run(serving._serve(options, listening, Access(None, 1), Alerting()))


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
