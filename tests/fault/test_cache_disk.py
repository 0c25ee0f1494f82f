"""A cache on a disk that refuses, is full or lies: runs are shown all the same."""

import errno
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from faulty import Disk, mounted, why_not
from viewing import Viewer, start_viewer

Eventually = Callable[..., None]

pytestmark = pytest.mark.skipif(bool(why_not()), reason=f"no file system of our own: {why_not()}")

LINES = 300_000


@pytest.fixture
def disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Disk]:
    with mounted(tmp_path) as disk:
        monkeypatch.setenv("XDG_CACHE_HOME", str(disk.mount))
        yield disk


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "run.jsonl"
    path.write_text("".join(lines(0, LINES)))
    return path


def lines(first: int, end: int) -> Iterator[str]:
    return (
        f'{{"step": {n}, "loss": {n % 997 / 991:.9f}, "learning_rate": {n % 83 / 1e4:.9f}}}\n'
        for n in range(first, end)
    )


def metrics(viewer: Viewer, path: Path, eventually: Eventually) -> Any:
    """What a viewer knows once it has read everything."""
    run = viewer.run()["id"]
    eventually(
        lambda: viewer.get(f"api/runs/{run}")["progress"]["read_bytes"] == path.stat().st_size
    )
    return viewer.get(f"api/runs/{run}/metrics")


def kept(disk: Disk) -> list[Path]:
    return [*(disk.backing / "karn-view/runs").glob("*")]


def test_a_cache_on_a_mount_is_used(
    disk: Disk, path: Path, tmp_path: Path, eventually: Eventually
) -> None:
    with closing(start_viewer(path)) as viewer:
        expected = metrics(viewer, path, eventually)
        eventually(lambda: [file.suffix for file in kept(disk)] == [""])
    used_at = kept(disk)[0].stat().st_mtime_ns
    with (
        (tmp_path / "said").open("w") as log,
        closing(start_viewer(path, log=log.fileno())) as again,
    ):
        assert metrics(again, path, eventually) == expected
        maps = Path(f"/proc/{again.process.pid}/maps").read_text()
    assert kept(disk)[0].stat().st_mtime_ns > used_at
    assert str(disk.mount) not in maps, "what another machine removes is gone from memory too"
    assert (tmp_path / "said").read_text() == ""


@pytest.mark.parametrize(
    ("operation", "number"),
    [
        ("write", errno.ENOSPC),
        ("write", errno.EDQUOT),
        ("create", errno.EROFS),
        ("rename", errno.EIO),
    ],
)
def test_a_disk_that_takes_no_cache_is_told_of_once(
    disk: Disk, path: Path, tmp_path: Path, eventually: Eventually, operation: str, number: int
) -> None:
    said = tmp_path / "said"
    disk.fails(operation, number=number)
    with said.open("w") as log, closing(start_viewer(path, log=log.fileno())) as viewer:
        first = metrics(viewer, path, eventually)
        eventually(lambda: "no cache in" in said.read_text())
        with path.open("a") as file:
            file.write("".join(lines(LINES, 2 * LINES)))
        assert metrics(viewer, path, eventually) != first
    assert said.read_text().count("\n") == 1
    assert [file for file in kept(disk) if not file.suffix] == []


def test_a_cache_that_cannot_be_read_is_done_without(
    disk: Disk, path: Path, eventually: Eventually
) -> None:
    with closing(start_viewer(path)) as viewer:
        expected = metrics(viewer, path, eventually)
        eventually(lambda: [file.suffix for file in kept(disk)] == [""])
    disk.fails("read", number=errno.EIO)
    with closing(start_viewer(path)) as viewer:
        assert metrics(viewer, path, eventually) == expected


def test_a_cache_on_a_disk_that_hangs_is_done_without(
    disk: Disk, path: Path, tmp_path: Path, eventually: Eventually
) -> None:
    disk.hangs("getattr")
    said = tmp_path / "said"
    with said.open("w") as log, closing(start_viewer(path, log=log.fileno())) as viewer:
        assert metrics(viewer, path, eventually)["metrics"][0]["points"] == LINES
        assert "no answer for 2 s" in said.read_text()
        disk.heals()  # a process cannot end before
