"""Clients that misbehave: they are dropped by named limits, and the others notice nothing."""

import os
import resource
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from karn_view.server.limits import HEAD_S, TAKE_S
from load.crowd import watching
from load.hostile import KINDS, bothering
from load.scene import growing, memory_kb, stop_s
from raw import ask, dialled
from viewing import ADDRESS, Viewer, start_viewer

Eventually = Callable[..., None]

PATIENT = {"reads nothing": TAKE_S, "takes no answer": TAKE_S, "never finishes a head": HEAD_S}
"""Those that are borne for a while before they are dropped."""
HONEST = 5
HOSTILE = 8
MORE_KB = 64 << 10


@pytest.fixture
def viewer(tmp_path: Path) -> Iterator[Viewer]:
    path = tmp_path / "run.jsonl"
    with growing(path, 50):
        started = start_viewer(path)
        yield started
        started.close()


def sockets(viewer: Viewer) -> int:
    folder = f"/proc/{viewer.process.pid}/fd"
    targets = []
    for fd in os.listdir(folder):
        try:
            targets.append(os.readlink(f"{folder}/{fd}"))
        except FileNotFoundError:
            continue
    return sum(target.startswith("socket:") for target in targets)


def page_status(viewer: Viewer) -> int:
    host, bearer = f"Host: 127.0.0.1:{viewer.port}", f"Authorization: Bearer {viewer.token}"
    return ask(viewer.port, host, bearer, first="GET / HTTP/1.1").status


def bother(viewer: Viewer, path: Path, eventually: Eventually, *kinds: str, for_s: float) -> None:
    """Honest and hostile clients at once; the honest ones are told everything once, in order."""
    run = viewer.run()["id"]
    with watching(viewer.url, run, path, HONEST) as honest, ExitStack() as crowds:
        before_kb, idle = memory_kb(viewer), sockets(viewer)
        started = [
            crowds.enter_context(bothering(viewer.url, run, kind, HOSTILE, for_s)) for kind in kinds
        ]
        assert page_status(viewer) == 200
        for crowd in started:
            assert crowd.wait()["dropped"] >= HOSTILE
        assert memory_kb(viewer) - before_kb < MORE_KB
        eventually(lambda: sockets(viewer) <= idle)
        eventually(lambda: honest.tell()["behind_most"] < 25)
        told = honest.tell()
        assert (told["wrong"], told["reconnects"], told["connected"]) == (0, 0, HONEST)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in PATIENT])
def test_who_misbehaves_is_dropped_and_nobody_else(
    viewer: Viewer, tmp_path: Path, eventually: Eventually, kind: str
) -> None:
    bother(viewer, tmp_path / "run.jsonl", eventually, kind, for_s=4.0)


def test_who_takes_nothing_or_never_finishes_is_dropped_in_time(
    viewer: Viewer, tmp_path: Path, eventually: Eventually
) -> None:
    for_s = max(PATIENT.values()) + 8.0
    bother(viewer, tmp_path / "run.jsonl", eventually, *PATIENT, for_s=for_s)


def test_half_open_connections_leave_descriptors_to_others(
    tmp_path: Path, eventually: Eventually
) -> None:
    descriptors, strangers = 128, 150
    limited = subprocess.Popen(
        [sys.executable, "-m", "karn_view", "--port", "0", str(tmp_path / "run.jsonl")],
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors,) * 2),
    )
    assert limited.stdout
    address = ADDRESS.match(limited.stdout.readline())
    assert address
    viewer = Viewer(limited, address.group(1))
    try:
        with ExitStack() as stack:
            for _ in range(strangers):
                peer = stack.enter_context(dialled(viewer.port))
                peer.sendall(b"GET / HT")
            assert page_status(viewer) == 200
            assert sockets(viewer) < descriptors / 2
            (tmp_path / "run.jsonl").write_text('{"step": 1, "loss": 0.5}\n')
            eventually(lambda: viewer.run()["lines"] == 1)
    finally:
        viewer.close()


def test_the_viewer_ends_soon_whatever_its_clients_do(viewer: Viewer) -> None:
    run = viewer.run()["id"]
    with ExitStack() as crowds:
        for kind in KINDS:
            crowds.enter_context(bothering(viewer.url, run, kind, 2, 20.0))
        bothered = threading.Event()
        bothered.wait(2.0)
        assert stop_s(viewer) < 5
