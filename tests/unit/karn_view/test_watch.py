import logging
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from karn_view import watch as module
from karn_view.watch import Watch
from waking import Woken

Eventually = Callable[..., None]


@pytest.fixture
def watch() -> Iterator[Watch]:
    watch = Watch()
    yield watch
    watch.close()
    assert "watch" not in [thread.name for thread in threading.enumerate()]


@pytest.fixture
def woken() -> Woken:
    return Woken()


def appending(path: Path) -> Callable[[], None]:
    def append() -> None:
        with path.open("a") as file:
            file.write("x\n")

    return append


def start(watch: Watch, path: Path, woken: Woken) -> None:
    """Registers and waits for the wake-up that tells that watching began."""
    assert woken.by(lambda: watch.add(path, woken))
    assert watch.degraded is None


def test_an_append_wakes(tmp_path: Path, watch: Watch, woken: Woken) -> None:
    path = tmp_path / "run.jsonl"
    start(watch, path, woken)
    assert woken.by(appending(path))
    assert woken.by(appending(path))


def test_a_replaced_and_a_recreated_file_still_wake(
    tmp_path: Path, watch: Watch, woken: Woken
) -> None:
    path, aside = tmp_path / "run.jsonl", tmp_path / "aside"
    path.touch()
    aside.touch()
    start(watch, path, woken)
    assert woken.by(lambda: aside.replace(path))
    assert woken.by(appending(path))
    assert woken.by(path.unlink)
    assert woken.by(appending(path))


def test_a_neighbour_does_not_wake(tmp_path: Path, watch: Watch, woken: Woken) -> None:
    other = Woken()
    start(watch, tmp_path / "run.jsonl", woken)
    start(watch, tmp_path / "other.jsonl", other)
    woken.event.clear()
    assert other.by(appending(tmp_path / "other.jsonl"))
    assert not woken.event.is_set()


def test_a_link_wakes_at_both_its_ends(tmp_path: Path, watch: Watch, woken: Woken) -> None:
    real, link = tmp_path / "real" / "run.jsonl", tmp_path / "links" / "latest.jsonl"
    real.parent.mkdir()
    link.parent.mkdir()
    real.touch()
    link.symlink_to(real)
    start(watch, link, woken)
    assert woken.by(appending(real))
    other = link.with_name("next")
    other.symlink_to(tmp_path)
    assert woken.by(lambda: other.replace(link))


def test_a_folder_that_comes_later_is_watched_then(
    tmp_path: Path, watch: Watch, woken: Woken, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "REVIEW_S", 0.02)
    path = tmp_path / "later" / "run.jsonl"
    watch.add(path, woken)
    assert woken.by(path.parent.mkdir)
    assert woken.by(appending(path))


def test_a_folder_made_anew_is_watched_again(
    tmp_path: Path, watch: Watch, woken: Woken, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "REVIEW_S", 0.02)
    folder = tmp_path / "folder"
    folder.mkdir()
    start(watch, folder / "run.jsonl", woken)
    folder.rmdir()
    assert woken.by(folder.mkdir)
    assert woken.by(appending(folder / "run.jsonl"))


def test_who_was_removed_is_not_woken(tmp_path: Path, watch: Watch, woken: Woken) -> None:
    other = Woken()
    start(watch, tmp_path / "run.jsonl", woken)
    start(watch, tmp_path, other)
    watch.remove(tmp_path / "run.jsonl", woken)
    watch.remove(tmp_path / "never added", woken)
    woken.event.clear()
    assert other.by(appending(tmp_path / "run.jsonl"))
    assert not woken.event.is_set()


def test_a_name_that_is_no_utf_8_stops_nothing_for_long(
    tmp_path: Path,
    watch: Watch,
    woken: Woken,
    monkeypatch: pytest.MonkeyPatch,
    eventually: Eventually,
) -> None:
    monkeypatch.setattr(module, "RETRY_S", 0.02)
    path = tmp_path / "run.jsonl"
    start(watch, path, woken)
    odd = os.fsencode(tmp_path) + b"/odd-\xff"
    os.close(os.open(odd, os.O_CREAT | os.O_WRONLY))
    eventually(lambda: woken.by(appending(path)) and watch.degraded is None)


def test_without_watches_it_says_so_once_and_tries_again(
    tmp_path: Path,
    watch: Watch,
    woken: Woken,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    eventually: Eventually,
) -> None:
    def no_more_watches(*_: Any) -> None:
        raise OSError(28, "inotify watch limit reached")

    monkeypatch.setattr(module, "RETRY_S", 0.01)
    with pytest.MonkeyPatch.context() as limited, caplog.at_level(logging.WARNING):
        limited.setattr(module, "RustNotify", no_more_watches)
        watch.add(tmp_path / "run.jsonl", woken)
        eventually(lambda: watch.degraded)
        assert "inotify watch limit reached" in str(watch.degraded)
    eventually(lambda: watch.degraded is None)
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "from time to time" in caplog.text
    assert woken.by(appending(tmp_path / "run.jsonl"))


def test_closing_without_ever_watching_is_harmless() -> None:
    Watch().close()


def test_names_that_are_no_utf_8_keep_nobody_from_being_woken(
    tmp_path: Path, watch: Watch, woken: Woken
) -> None:
    path, folder = tmp_path / "run.jsonl", Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff"))
    folder.mkdir()
    watch.add(folder / "run.jsonl", lambda: None)
    start(watch, path, woken)
    assert woken.by(folder.with_name(os.fsdecode(b"\xfe")).touch)  # it is watched anew
    assert woken.by(appending(path))
