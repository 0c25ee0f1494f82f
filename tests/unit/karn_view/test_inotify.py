import os
import select
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from karn_view.inotify import Inotify


@pytest.fixture
def inotify() -> Iterator[Inotify]:
    with closing(Inotify()) as inotify:
        yield inotify


def names(inotify: Inotify) -> set[str]:
    assert select.select([inotify.fd], [], [], 5.0)[0]
    return {change.place[1] for change in inotify.read()}


def test_names_are_told_whole_whatever_their_length_and_bytes(
    tmp_path: Path, inotify: Inotify
) -> None:
    wanted = {"a", "a" * 15, "a" * 16, "a" * 255, os.fsdecode(b"odd-\xff")}
    inotify.add(str(tmp_path))
    for name in wanted:
        (tmp_path / name).touch()
    assert names(inotify) == wanted


def test_nothing_changed_is_told_at_once(tmp_path: Path, inotify: Inotify) -> None:
    inotify.add(str(tmp_path))
    assert inotify.read() == []


def test_a_folder_has_one_watch_until_it_is_another_folder(
    tmp_path: Path, inotify: Inotify
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (tmp_path / "link").symlink_to(folder)
    watch = inotify.add(str(folder))
    assert inotify.add(str(tmp_path / "link")) == watch
    folder.rmdir()
    folder.mkdir()
    assert inotify.add(str(folder)) != watch


def test_a_folder_that_goes_away_is_told(tmp_path: Path, inotify: Inotify) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    watch = inotify.add(str(folder))
    folder.rename(tmp_path / "away")
    (change,) = inotify.read()
    assert change.is_gone and not change.is_lost and change.place == (watch, "")


def test_a_watch_that_was_removed_tells_nothing_more(tmp_path: Path, inotify: Inotify) -> None:
    watch = inotify.add(str(tmp_path))
    inotify.remove(watch)
    inotify.remove(watch)
    (tmp_path / "name").touch()
    (change,) = inotify.read()
    assert change.is_gone


def test_what_the_system_refuses_is_an_error_with_its_words(
    tmp_path: Path, inotify: Inotify
) -> None:
    with pytest.raises(FileNotFoundError, match="No such file"):
        inotify.add(str(tmp_path / "missing"))
    (tmp_path / "file").touch()
    with pytest.raises(NotADirectoryError):
        inotify.add(str(tmp_path / "file"))
