import os
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from karn_view import folder as module
from karn_view.finding import files_below, is_run
from karn_view.folder import GONE_S, Changes, Folder

LINE = b'{"step": 1, "loss": 0.5}\n'


class Listed:
    """A folder that is listed when the test says so."""

    def __init__(self, root: Path) -> None:
        self.now = 0.0
        self.folder = Folder(
            root, partial(files_below, root), is_run, lambda _: None, clock=lambda: self.now
        )

    def again(self) -> tuple[list[str], list[str], list[str]]:
        changes = self.folder.list()
        came, grown = (
            [file.path.name for file in files] for files in (changes.came, changes.grown)
        )
        return came, grown, [path.name for path in changes.gone]


def put(path: Path, data: bytes = LINE, age_s: int = 0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    os.utime(path, (1_700_000_000 - age_s,) * 2)
    return path


def test_runs_come_youngest_first_and_only_once(tmp_path: Path) -> None:
    put(tmp_path / "old.jsonl", age_s=9)
    put(tmp_path / "deep/young.jsonl")
    put(tmp_path / "notes.md", b"no run\n")
    listed = Listed(tmp_path)
    assert listed.again() == (["young.jsonl", "old.jsonl"], [], [])
    assert listed.again() == ([], [], [])


def test_a_run_that_grew_is_named(tmp_path: Path) -> None:
    put(tmp_path / "a.jsonl")
    put(tmp_path / "b.jsonl")
    listed = Listed(tmp_path)
    listed.again()
    put(tmp_path / "b.jsonl", LINE * 2)
    assert listed.again() == ([], ["b.jsonl"], [])


def test_a_file_becomes_a_run_with_its_first_object(tmp_path: Path) -> None:
    put(tmp_path / "a.log", b"starting\n")
    listed = Listed(tmp_path)
    assert listed.again() == ([], [], [])
    put(tmp_path / "a.log", b"starting\n" + LINE)
    assert listed.again() == (["a.log"], [], [])


def test_a_run_that_is_gone_for_a_moment_only_stays(tmp_path: Path) -> None:
    path = put(tmp_path / "a.jsonl")
    listed = Listed(tmp_path)
    listed.again()
    path.unlink()
    assert listed.again() == ([], [], [])
    put(path)
    listed.now = GONE_S + 1
    assert listed.again()[2] == []
    path.unlink()
    listed.again()
    listed.now += GONE_S + 1
    assert listed.again() == ([], [], ["a.jsonl"])
    assert listed.again() == ([], [], [])
    put(path)
    assert listed.again() == (["a.jsonl"], [], [])


def test_a_renamed_run_comes_and_goes(tmp_path: Path) -> None:
    path = put(tmp_path / "a.jsonl")
    listed = Listed(tmp_path)
    listed.again()
    path.rename(tmp_path / "b.jsonl")
    assert listed.again() == (["b.jsonl"], [], [])
    listed.now = GONE_S + 1
    assert listed.again() == ([], [], ["a.jsonl"])


def test_runs_of_a_folder_that_cannot_be_listed_now_are_not_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Told by a listing that is refused, as root is refused nothing."""
    put(tmp_path / "deep/a.jsonl")
    listed = Listed(tmp_path)
    listed.again()
    scandir = os.scandir

    def refusing(path: Path) -> object:
        if Path(path).name == "deep":
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    with monkeypatch.context() as patch:
        patch.setattr(os, "scandir", refusing)
        for _ in range(2):
            assert listed.again() == ([], [], [])
            listed.now += 10.0
    assert listed.again() == ([], [], [])


def test_a_mount_of_other_machines_is_listed_by_a_thread_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path / "here.jsonl")
    put(tmp_path / "mount/there.jsonl")
    place = str(tmp_path / "mount")
    monkeypatch.setattr(
        module,
        "remote_mounts_beside",
        lambda real: frozenset() if real == place else frozenset({place, "/elsewhere"}),
    )
    told: dict[str, str] = {}
    both = threading.Event()

    def tell(changes: Changes) -> None:
        for file in changes.came:
            told[file.path.name] = threading.current_thread().name
        if len(told) == 2:
            both.set()

    folder = Folder(tmp_path, partial(files_below, tmp_path), is_run, tell).start()
    assert both.wait(10.0)
    assert told.keys() == {"here.jsonl", "there.jsonl"}
    folder.stop()


def test_what_goes_wrong_in_a_listing_does_not_end_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "SCAN_S", 0.001)
    came = threading.Event()
    broken = [True]

    def files(*given: object) -> list[object]:
        if broken.pop() if broken else False:
            raise ZeroDivisionError
        came.set()
        return []

    folder = Folder(tmp_path, files, is_run, lambda _: None).start()  # type: ignore[arg-type]
    assert came.wait(10.0)
    folder.stop()
    assert "cannot be listed" in caplog.text


def test_a_folder_stops_at_once(tmp_path: Path, eventually: Callable[..., None]) -> None:
    folder = Folder(tmp_path, partial(files_below, tmp_path), is_run, lambda _: None).start()
    assert folder.listed.wait(10.0)
    folder.stop()
    eventually(lambda: not folder._thread.is_alive())
