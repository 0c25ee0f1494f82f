"""The guard on a real server, asked by bytes that no browser or library would send."""

import json
import os
import re
import signal
import socket
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from raw import UPGRADE, ask, dialled, reply_to
from viewing import Viewer, received, start_viewer
from websockets.exceptions import ConnectionClosedError, InvalidStatus
from websockets.sync.client import connect

Serve = Callable[..., Viewer]


@pytest.fixture(scope="module")
def viewer(sample_runs: Path) -> Iterator[Viewer]:
    started = start_viewer(sample_runs / "finished.jsonl")
    yield started
    started.close()


def own(viewer: Viewer) -> tuple[str, str]:
    return f"Host: 127.0.0.1:{viewer.port}", f"Authorization: Bearer {viewer.token}"


def listening(pid: int) -> set[str]:
    """Local addresses of the listening sockets of a process, as the kernel writes them."""
    inodes = set()
    for fd in os.listdir(f"/proc/{pid}/fd"):
        try:
            inodes.add(os.readlink(f"/proc/{pid}/fd/{fd}").removeprefix("socket:[").rstrip("]"))
        except OSError:
            continue
    found = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and fields[9] in inodes:
                found.add(fields[1].rpartition(":")[0])
    return found


def test_it_listens_on_loopback_alone(viewer: Viewer) -> None:
    assert listening(viewer.process.pid) == {"0100007F"}


def test_another_address_is_served_with_the_token_and_a_warning(
    sample_runs: Path, tmp_path: Path
) -> None:
    with (tmp_path / "log").open("w+") as log:
        wide = start_viewer("--host", "0.0.0.0", sample_runs, log=log.fileno())
        try:
            assert wide.token
            assert listening(wide.process.pid) == {"00000000"}
            assert ask(wide.port, f"Host: 127.0.0.1:{wide.port}").status == 401
        finally:
            wide.close()
        log.seek(0)
        assert "listening beyond this machine" in log.read()


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        ([], 400),
        (["Host: 127.0.0.1:{port}", "Host: 127.0.0.1:{port}"], 400),
        (["Host: 127.0.0.1:{port}", "Host: evil.com"], 400),
        (["Host: evil.com"], 403),
        (["Host: 127.0.0.1.evil.com:{port}"], 403),
        (["Host: localhost.evil.com:{port}"], 403),
        (["Host: LOCALHOST.:{port}"], 403),
        (["Host: 127.0.0.1:1"], 403),
        (["Host: 127.0.0.1"], 403),
        (["Host: 0.0.0.0:{port}"], 403),
        (["Host: 127.0.0.1:{port}"], 200),
        (["Host: localhost:{port}"], 200),
        (["Host: [::1]:{port}"], 200),
    ],
)
def test_one_exact_host(viewer: Viewer, lines: list[str], status: int) -> None:
    asked = [line.format(port=viewer.port) for line in lines]
    assert ask(viewer.port, *asked, own(viewer)[1]).status == status


@pytest.mark.parametrize("target", ["http://evil.com/api/health", "http:///", "*", "api/health"])
def test_what_is_no_path_is_no_request(viewer: Viewer, target: str) -> None:
    answer = ask(viewer.port, *own(viewer), first=f"GET {target} HTTP/1.1")
    assert answer.status == 400
    assert answer.body.count(b"\n") == 1


PATHS = ("/", "/api/health", "/api/runs", "/api/openapi.json", "/ws", "/js/main.js", "/nothing")
METHODS = ("OPTIONS", "POST", "PUT", "DELETE", "PATCH", "TRACE", "QUERY")


@pytest.mark.parametrize("path", PATHS)
def test_only_get_and_head_on_any_path(viewer: Viewer, path: str) -> None:
    for method in METHODS:
        answer = ask(viewer.port, *own(viewer), first=f"{method} {path} HTTP/1.1")
        assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD")
        assert not [name for name in answer.headers if name.startswith("access-control")]


@pytest.mark.parametrize("path", PATHS)
def test_without_token_every_path_is_refused_alike(viewer: Viewer, path: str) -> None:
    answers = [
        ask(viewer.port, own(viewer)[0], *more, first=f"GET {path} HTTP/1.1")
        for more in ([], ["Authorization: Bearer wrong"], [f"Cookie: karn_view_{viewer.port}=x"])
    ]
    assert {(answer.status, answer.body) for answer in answers} == {
        (401, b"a token is needed: open the address that karn-view printed when it started\n")
    }


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "lines",
    [
        ["Origin: http://127.0.0.1:{port}"],
        ["Origin: http://evil.com", "Authorization: Bearer {token}"],
        ["Origin: null", "Authorization: Bearer {token}"],
        ["Cookie: karn_view_{port}={token}"],
        ["Origin: http://evil.com", "Cookie: karn_view_{port}={token}"],
        ["Sec-Fetch-Site: cross-site", "Authorization: Bearer {token}"],
    ],
)
def test_no_socket_opens_for_a_stranger(viewer: Viewer, path: str, lines: list[str]) -> None:
    more = [line.format(port=viewer.port, token=viewer.token) for line in lines]
    first = f"GET {path} HTTP/1.1"
    answer = ask(viewer.port, own(viewer)[0], *UPGRADE, *more, first=first)
    assert answer.status in (401, 403)
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_another_viewers_token_is_no_key(viewer: Viewer, serve: Serve, sample_runs: Path) -> None:
    other = serve(sample_runs / "diverged.jsonl")
    assert ask(viewer.port, own(viewer)[0], own(other)[1]).status == 401
    assert ask(other.port, own(other)[0], own(other)[1]).status == 200


def test_each_start_has_a_token_of_its_own_that_nobody_can_guess(
    viewer: Viewer, serve: Serve, sample_runs: Path
) -> None:
    other = serve(sample_runs / "diverged.jsonl")
    assert viewer.token != other.token
    for each in (viewer, other):
        assert len(each.token) * 6 >= 128
        assert re.fullmatch(r"[A-Za-z0-9_-]+", each.token)


@pytest.mark.parametrize(
    "bytes_sent",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET / HTTP/9.9\r\n\r\n",
        b"\x00\r\n\r\n",
        b"GET /\xff HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost : x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: -1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: gzip\r\n\r\n",
        b"GET /" + b"a" * (128 << 10),
        b"GET / HTTP/1.1\r\nA: " + b"b" * (128 << 10),
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ],
    ids=range(10),
)
def test_what_is_no_http_gets_one_line(viewer: Viewer, bytes_sent: bytes) -> None:
    with dialled(viewer.port) as connection:
        connection.sendall(bytes_sent)
        answer = reply_to(connection)
    assert answer.status == 400
    assert answer.body.count(b"\n") == 1
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")


def test_the_token_is_said_once_and_never_logged(sample_runs: Path, tmp_path: Path) -> None:
    with (tmp_path / "log").open("w+") as log:
        chatty = start_viewer(sample_runs, "--log-level", "debug", log=log.fileno())
        try:
            address = f"ws://127.0.0.1:{chatty.port}/ws?token={chatty.token}"
            with connect(address) as socket:
                socket.send(json.dumps({"type": "hello"}))
                assert received(socket, "connected")
            host = own(chatty)[0]
            page = ask(chatty.port, host, first=f"GET /?token={chatty.token} HTTP/1.1")
            assert page.status == 303
            cookie = f"Cookie: {page.headers['set-cookie'].partition(';')[0]}"
            shown = ask(chatty.port, host, cookie, first="GET / HTTP/1.1")
            assert shown.status == 200
            assert chatty.token.encode() not in shown.body
            ask(chatty.port, host, first=f"GET /api/nothing?token={chatty.token} HTTP/1.1")
            ask(chatty.port, host, first=f"GET /api/runs?token={chatty.token}x HTTP/1.1")
            with dialled(chatty.port) as connection:
                connection.sendall(f"GET /?token={chatty.token} HTTP/7.7\r\n\r\n".encode())
                reply_to(connection)
            chatty.stop()
        finally:
            chatty.close()
        log.seek(0)
        said = log.read()
        assert said
        assert chatty.token not in said


def test_a_token_file_is_made_for_its_owner_and_used_again(
    serve: Serve, sample_runs: Path, tmp_path: Path
) -> None:
    kept = tmp_path / "token"
    first = serve(sample_runs / "finished.jsonl", "--token-file", kept)
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert kept.read_text().strip() == first.token
    command = Path(f"/proc/{first.process.pid}/cmdline").read_bytes()
    assert first.token.encode() not in command
    first.stop()
    again = serve(sample_runs / "finished.jsonl", "--token-file", kept)
    assert again.token == first.token


def test_a_prefix_of_the_page_lets_no_socket_through_unasked(viewer: Viewer) -> None:
    with pytest.raises(InvalidStatus) as refused, connect(f"ws://127.0.0.1:{viewer.port}/ws"):
        pass
    assert refused.value.response.status_code == 403


def test_compression_is_not_offered(viewer: Viewer) -> None:
    offer = "Sec-WebSocket-Extensions: permessage-deflate"
    answer = ask(viewer.port, *own(viewer), *UPGRADE, offer, first="GET /ws HTTP/1.1")
    assert answer.status == 101
    assert "sec-websocket-extensions" not in answer.headers


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_it_stops_at_once_though_a_connection_is_open(
    serve: Serve, sample_runs: Path, end: signal.Signals
) -> None:
    viewer = serve(sample_runs)
    with socket.create_connection(("127.0.0.1", viewer.port)) as idle:
        idle.sendall(b"GET / HT")
        viewer.process.send_signal(end)
        viewer.process.wait(timeout=3)


def test_a_message_that_is_too_long_is_refused_by_its_length(viewer: Viewer) -> None:
    with viewer.connected(wants=[]) as socket:
        socket.send(b"x" * (65 << 10))
        with pytest.raises(ConnectionClosedError) as closed:
            received(socket, "nothing of this type")
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1009
