"""An NFS server and its clients, all on the loopback of the guest that these tests run in."""

import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from viewing import Viewer, start_viewer

EXPORT = Path("/run/karn/export")
MOUNTS = Path("/run/karn/mounts")
VERSIONS = ("3", "4.2")
Serve = Callable[..., Viewer]
Eventually = Callable[..., None]
Measured = Callable[[str], None]
SERVER = {"here": "10.0.1.1", "there": "10.0.2.1"}
"""The server's address in the network of each client."""


@pytest.fixture(autouse=True, scope="session")
def guest() -> None:
    """The guest, where the server runs already."""
    if not MOUNTS.is_dir():
        pytest.skip("these tests run in the guest that `./nox -s nfs` boots")


def run(*command: str | Path) -> None:
    subprocess.run([str(part) for part in command], check=True, timeout=60)


@contextmanager
def mounted(version: str, client: str, *options: str, folder: str = "") -> Iterator[Path]:
    """The export, or a file system in it, as a client sees it through caches of its own.

    Version 4 tells clients apart by host, so each has its network and its name. Locks of version 3
    need services in the client's network; without such a network the caches are its own, too.
    """
    point = Path(tempfile.mkdtemp(dir=MOUNTS))
    wanted = ",".join((f"vers={version}", "nosharecache", *options))
    inside: list[str] = []
    server = "127.0.0.1"
    if version != "3" or "nolock" in options:
        named = ["unshare", "--uts", "sh", "-c", f'hostname {client}; exec "$@"', "sh"]
        inside = ["nsenter", f"--net=/run/netns/{client}", *named]
        server = SERVER[client]
    served = f"{EXPORT if version == '3' else ''}/{folder}"
    run(*inside, "mount", "-t", "nfs", "-o", wanted, f"{server}:{served}", point)
    try:
        yield point
    finally:
        run("umount", "-f", "-l", point)


@contextmanager
def unplugged(client: str) -> Iterator[None]:
    """No word from the server reaches a client's network, until the end of the block."""
    run("ip", "link", "set", client, "down")
    try:
        yield
    finally:
        run("ip", "link", "set", client, "up")


@dataclass
class Share:
    """One folder as the server has it, and as two clients that know nothing of each other see it.

    Mounted with the options that `mount` takes by itself.
    """

    version: str
    served: Path
    here: Path
    there: Path


@pytest.fixture(params=VERSIONS, ids=lambda version: f"v{version}")
def share(request: pytest.FixtureRequest) -> Iterator[Share]:
    """A folder of its own for each test, over either version of NFS."""
    served = Path(tempfile.mkdtemp(dir=EXPORT))
    version: str = request.param
    with mounted(version, "here") as here, mounted(version, "there") as there:
        yield Share(version, served, here / served.name, there / served.name)


@pytest.fixture
def serve() -> Iterator[Callable[..., Viewer]]:
    """Start `karn-view` with these arguments; it ends with the test."""
    viewers: list[Viewer] = []

    def start(*arguments: object) -> Viewer:
        viewers.append(start_viewer(*map(str, arguments)))
        return viewers[-1]

    yield start
    for viewer in viewers:
        viewer.close()


@pytest.fixture
def measured(capsys: pytest.CaptureFixture[str]) -> Measured:
    """Show a figure, whether or not output is captured."""

    def show(text: str) -> None:
        with capsys.disabled():
            print(f"\n{text}", flush=True)

    return show
