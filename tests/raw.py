"""Bytes to a port and back, for requests that no client library would send."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple


class Reply(NamedTuple):
    """An answer as it came; status 0 when the connection ended without one."""

    status: int
    headers: dict[str, str]
    body: bytes


@contextmanager
def dialled(port: int, host: str = "127.0.0.1", within_s: float = 20.0) -> Iterator[socket.socket]:
    """A connection that gives up waiting after `within_s`."""
    with socket.create_connection((host, port), timeout=within_s) as connection:
        yield connection


def reply_to(connection: socket.socket) -> Reply:
    """Reads one answer: its head, and as much body as that one announces."""
    head, _, body = _until(connection, b"\r\n\r\n")
    if not head:
        return Reply(0, {}, b"")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {key.lower(): value for key, _, value in (line.partition(": ") for line in lines)}
    size = int(headers.get("content-length", 0))
    while len(body) < size:
        part = connection.recv(1 << 16)
        if not part:
            break
        body += part
    return Reply(int(first.split()[1]), headers, body[:size])


def _until(connection: socket.socket, end: bytes) -> tuple[bytes, bytes, bytes]:
    data = b""
    while end not in data:
        try:
            part = connection.recv(1 << 16)
        except ConnectionResetError:
            part = b""
        if not part:
            return b"", b"", data
        data += part
    return data.partition(end)


def ask(port: int, *lines: str, first: str = "GET /api/health HTTP/1.1") -> Reply:
    """One request of these header lines, and its answer."""
    with dialled(port) as connection:
        connection.sendall("\r\n".join([first, *lines, "", ""]).encode("latin-1"))
        return reply_to(connection)


UPGRADE = (
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
)
"""Header lines that ask for a WebSocket (RFC 6455, 1.3)."""


def frame(opcode: int, payload: bytes, *, fin: bool = True) -> bytes:
    """A client's frame, masked with zeroes (RFC 6455, 5.2)."""
    size = len(payload)
    if size < 126:
        length = bytes([0x80 | size])
    elif size < 1 << 16:
        length = b"\xfe" + size.to_bytes(2, "big")
    else:
        length = b"\xff" + size.to_bytes(8, "big")
    return bytes([fin << 7 | opcode]) + length + bytes(4) + payload
