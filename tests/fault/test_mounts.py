"""Mounts that hang or fail: only their own runs wait, and the page says for what."""

import errno
import os
import signal
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import pytest
from faulty import Disk, mounted, why_not
from viewing import Viewer, start_viewer
from visitor import Visitor

Eventually = Callable[..., None]

pytestmark = pytest.mark.skipif(bool(why_not()), reason=f"no file system of our own: {why_not()}")


@pytest.fixture
def local(tmp_path: Path) -> Path:
    path = tmp_path / "local.jsonl"
    write(path, 0, 3)
    return path


@pytest.fixture
def serve() -> Iterator[Callable[..., Viewer]]:
    viewers: list[Viewer] = []

    def start(*paths: Path) -> Viewer:
        viewers.append(start_viewer(*paths))
        return viewers[-1]

    yield start
    for viewer in viewers:
        viewer.close()


@pytest.fixture
def disk(tmp_path: Path, serve: Callable[..., Viewer]) -> Iterator[Disk]:
    """A disk that heals before its viewers end: not even kill -9 ends a process that it holds."""
    with mounted(tmp_path / "disk") as disk:
        yield disk


def write(path: Path, first: int, count: int) -> None:
    with path.open("a") as file:
        for n in range(first, first + count):
            file.write(f'{{"n": {n}}}\n')


def runs(viewer: Viewer) -> dict[str, dict[str, Any]]:
    """By name. That there is an answer while something hangs is what is tested."""
    return {run["name"]: run for run in viewer.get("api/runs")["runs"]}


def numbers(page: Visitor) -> list[int]:
    return [item["record"]["n"] for item in page.given]


@pytest.mark.parametrize("operation", ["read", "open", "getattr"])
def test_a_hung_mount_stalls_its_own_run_only(
    disk: Disk, local: Path, serve: Callable[..., Viewer], eventually: Eventually, operation: str
) -> None:
    remote = disk.mount / "remote.jsonl"
    write(remote, 0, 3)
    viewer = serve(local, remote)
    eventually(lambda: runs(viewer)["remote"]["lines"] == 3)
    assert runs(viewer)["remote"]["followed"]["by"] == "polling"
    assert "fuse.faulty" in runs(viewer)["remote"]["followed"]["why"]
    here, there = (Visitor(runs(viewer)[name]["id"]) for name in ("local", "remote"))
    with there.open(viewer) as far:
        far.until(lambda: len(there.given) == 3)
        disk.hangs(operation)
        write(disk.backing / "remote.jsonl", 3, 2)
        eventually(lambda: runs(viewer)["remote"]["hang"])
        run = runs(viewer)["remote"]
        assert "waiting for the file system, which has not answered for" in run["reason"]
        assert (run["state"], run["lines"]) == ("quiet", 3)
        assert viewer.get(f"api/runs/{there.run}/metrics")["metrics"][0]["points"] == 3
        with here.open(viewer) as near:
            near.until(lambda: len(here.given) == 3)
            write(local, 3, 5)
            near.until(lambda: len(here.given) == 8)
        disk.heals()
        far.until(lambda: len(there.given) == 5)
    assert numbers(there) == [0, 1, 2, 3, 4]
    eventually(lambda: not runs(viewer)["remote"]["hang"])
    assert numbers(here) == list(range(8))


def test_one_page_that_looks_at_both_goes_on_with_the_other(
    disk: Disk, local: Path, serve: Callable[..., Viewer], eventually: Eventually
) -> None:
    remote = disk.mount / "remote.jsonl"
    write(remote, 0, 3)
    viewer = serve(local, remote)
    eventually(lambda: runs(viewer)["remote"]["lines"] == 3)
    ids = [runs(viewer)[name]["id"] for name in ("remote", "local")]
    page = Visitor(ids[1])
    disk.hangs("read")
    eventually(lambda: runs(viewer)["remote"]["hang"])
    with page.open(viewer, also=[ids[0]]) as link:
        link.until(lambda: len(page.given) == 3, within_s=5.0)
        write(local, 3, 2)
        link.until(lambda: len(page.given) == 5, within_s=5.0)


def test_a_path_that_hangs_at_the_start_holds_up_nothing(
    disk: Disk, local: Path, serve: Callable[..., Viewer], eventually: Eventually
) -> None:
    write(disk.backing / "remote.jsonl", 0, 3)
    disk.hangs("getattr")
    viewer = serve(disk.mount / "remote.jsonl", local)
    eventually(lambda: runs(viewer)["local"]["lines"] == 3)
    eventually(lambda: "has not answered" in runs(viewer)["remote"]["hang"])
    assert runs(viewer)["remote"]["state"] == "waiting"
    disk.heals()
    eventually(lambda: runs(viewer)["remote"]["lines"] == 3)


def test_a_mount_below_a_folder_and_a_link_into_it_hold_up_nothing_else(
    tmp_path: Path, serve: Callable[..., Viewer], eventually: Eventually
) -> None:
    folder = tmp_path / "runs"
    with mounted(tmp_path / "disk", folder / "mount") as disk:
        write(disk.backing / "far.jsonl", 0, 3)
        write(folder / "near.jsonl", 0, 3)
        (folder / "link.jsonl").symlink_to(disk.mount / "far.jsonl")
        disk.hangs("getattr", "readdir", "open")
        viewer = serve(folder)
        eventually(lambda: runs(viewer)["near"]["lines"] == 3)
        write(folder / "new.jsonl", 0, 4)
        eventually(lambda: runs(viewer).get("new", {}).get("lines") == 4)
        eventually(lambda: runs(viewer)["link"]["hang"])
        disk.heals()
        eventually(lambda: runs(viewer).get("mount/far", {}).get("lines") == 3)
        eventually(lambda: runs(viewer)["link"]["lines"] == 3)


@pytest.mark.parametrize("number", [errno.EIO, errno.ESTALE, errno.EACCES, errno.ENOTCONN])
@pytest.mark.parametrize("operation", ["open", "read"])
def test_what_a_file_system_says_is_shown_and_tried_again(
    disk: Disk, serve: Callable[..., Viewer], eventually: Eventually, number: int, operation: str
) -> None:
    path = disk.mount / "run.jsonl"
    write(path, 0, 3)
    viewer = serve(path)
    page = Visitor(viewer.run()["id"])
    with page.open(viewer) as link:
        link.until(lambda: len(page.given) == 3)
        disk.fails(operation, number=number)
        write(disk.backing / "run.jsonl", 3, 2)
        eventually(lambda: viewer.run()["trouble"] == os.strerror(number))
        assert os.strerror(number) in viewer.run()["reason"]
        disk.heals()
        link.until(lambda: len(page.given) == 5)
        link.rest()
    assert numbers(page) == [0, 1, 2, 3, 4]
    assert page.resets == 0
    assert page.reasons == []


def test_a_viewer_whose_mount_hangs_ends_at_once(
    disk: Disk, serve: Callable[..., Viewer], eventually: Eventually
) -> None:
    path = disk.mount / "run.jsonl"
    write(path, 0, 3)
    viewer = serve(path)
    eventually(lambda: viewer.run()["lines"] == 3)
    disk.hangs("read")
    eventually(lambda: viewer.run()["hang"])
    with pytest.raises(HTTPError, match="503"):
        viewer.get(f"api/runs/{viewer.run()['id']}/events")
    viewer.process.send_signal(signal.SIGINT)
    eventually(lambda: not listens(viewer), within_s=3)
    disk.heals()  # the system lets go of no process before
    assert viewer.process.wait(timeout=3) == 130


def listens(viewer: Viewer) -> bool:
    with socket.socket() as asking:
        return asking.connect_ex(("127.0.0.1", viewer.port)) == 0
