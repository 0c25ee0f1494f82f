"""A viewer behind real reverse proxies: a prefix, TLS, and three viewers that are one."""

import json
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from load.crowd import watching
from load.proxies import certificate, free_port, haproxy, missing, nginx
from load.scene import growing
from raw import UPGRADE, Reply, reply_to
from viewing import Viewer, received_records
from websockets.sync.client import connect
from websockets.typing import Origin

Serve = Callable[..., Viewer]
Eventually = Callable[..., None]

NAME = "runs.example"
PROXIES = ("nginx", "nginx that takes the prefix off", "haproxy")


def needs(*programs: str) -> None:
    if absent := missing(*programs):
        pytest.skip(f"not installed: {absent}; `./nox -s load` installs them, as root")


@contextmanager
def shown(kind: str, folder: Path, port: int, viewer: Viewer) -> Iterator[None]:
    needs("openssl", kind.split()[0])
    pem = certificate(folder, NAME)
    if kind == "haproxy":
        proxy = haproxy(folder, port, [viewer.port], pem=pem)
    else:
        proxy = nginx(folder, port, viewer.port, takes_prefix_off=kind != "nginx")
    with proxy:
        yield


@contextmanager
def secured(folder: Path, port: int) -> Iterator[ssl.SSLSocket]:
    context = ssl.create_default_context(cafile=str(folder / "made.pem"))
    with (
        socket.create_connection(("127.0.0.1", port), timeout=20) as plain,
        context.wrap_socket(plain, server_hostname=NAME) as connection,
    ):
        yield connection


def ask(folder: Path, port: int, path: str, *lines: str) -> Reply:
    with secured(folder, port) as connection:
        head = [f"GET {path} HTTP/1.1", f"Host: {NAME}:{port}", *lines, "", ""]
        connection.sendall("\r\n".join(head).encode())
        return reply_to(connection)


@pytest.mark.parametrize("kind", PROXIES)
def test_a_prefix_and_tls_are_a_proxys_business(
    serve: Serve, sample_runs: Path, tmp_path: Path, kind: str
) -> None:
    port = free_port()
    host = f"{NAME}:{port}"
    viewer = serve(
        *(sample_runs / "finished.jsonl", "--root-path", "/karn", "--allow-host", host),
        *("--trusted-proxy", "127.0.0.1"),
    )
    with shown(kind, tmp_path, port, viewer):
        first = ask(tmp_path, port, f"/karn/?token={viewer.token}")
        assert (first.status, first.headers["location"]) == (303, "./")
        assert first.headers["set-cookie"].endswith("Path=/; Secure")
        cookie = "Cookie: " + first.headers["set-cookie"].partition(";")[0]
        assert ask(tmp_path, port, "/karn/").status == 401
        assert ask(tmp_path, port, "/karn/", cookie).body.startswith(b"<!doctype html>")
        assert ask(tmp_path, port, "/karn/js/main.js", cookie).status == 200
        runs = json.loads(ask(tmp_path, port, "/karn/api/runs", cookie).body)["runs"]

        for origin in (f"http://{host}", f"https://evil.example:{port}", f"https://{NAME}"):
            more = (*UPGRADE, cookie, f"Origin: {origin}")
            assert ask(tmp_path, port, "/karn/ws", *more).status == 403
        assert ask(tmp_path, port, "/karn/ws", *UPGRADE, f"Origin: https://{host}").status == 401
        context = ssl.create_default_context(cafile=str(tmp_path / "made.pem"))
        with connect(
            f"wss://{host}/karn/ws",
            sock=socket.create_connection(("127.0.0.1", port)),
            ssl=context,
            server_hostname=NAME,
            origin=Origin(f"https://{host}"),
            additional_headers={"Cookie": cookie.removeprefix("Cookie: ")},
            max_size=None,
        ) as browser:
            browser.send(json.dumps({"type": "hello", "wants": ["events"]}))
            assert len(received_records(browser, 5)) >= 5
        assert len(runs) == 1


def test_three_viewers_are_one_and_none_is_missed(
    serve: Serve, tmp_path: Path, eventually: Eventually
) -> None:
    needs("haproxy")
    path, kept, port = tmp_path / "run.jsonl", tmp_path / "token", free_port()
    options = (path, "--token-file", kept, "--allow-host", f"127.0.0.1:{port}")
    with growing(path, 50) as end:
        viewers = [serve(*options) for _ in range(3)]
        run = viewers[0].run()["id"]
        assert {viewer.run()["id"] for viewer in viewers} == {run}
        url = f"http://127.0.0.1:{port}/?token={viewers[0].token}"
        with (
            haproxy(tmp_path, port, [viewer.port for viewer in viewers]),
            watching(url, run, path, 30) as crowd,
        ):
            eventually(lambda: min(viewer.get("api/health")["clients"] for viewer in viewers) > 5)
            lost = viewers[0].get("api/health")["clients"]
            viewers[0].kill()
            eventually(lambda: crowd.tell()["connected"] == 30)
            end()
            eventually(lambda: crowd.tell()["complete"] == 30)
            told = crowd.tell()
            assert (told["wrong"], told["reconnects"]) == (0, lost)
