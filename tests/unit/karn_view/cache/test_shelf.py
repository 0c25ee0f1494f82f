import fcntl
import os
from pathlib import Path
from typing import IO

import pytest
from karn_view.cache.shelf import Shelf

SIZE = 100_000


def put(shelf: Shelf, name: str, size: int = SIZE) -> None:
    shelf.put(name, size, lambda file: file.write(b"x" * size))


def names(shelf: Shelf) -> set[str]:
    return {path.name for path in shelf.folder.iterdir()}


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "cache/runs", 3 * SIZE + SIZE // 2)


def age(shelf: Shelf, *ordered: str) -> None:
    """Makes the first the one that was not used for longest."""
    for at, name in enumerate(ordered):
        os.utime(shelf.folder / name, (at, at))


def test_the_least_used_make_room_for_a_new_one(shelf: Shelf) -> None:
    for name in "abc":
        put(shelf, name)
    age(shelf, "a", "b", "c")
    shelf.open("a").close()
    put(shelf, "d")
    assert names(shelf) == {"a", "c", "d"}


def test_a_file_that_is_replaced_needs_no_room_beside_itself(shelf: Shelf) -> None:
    for name in "abc":
        put(shelf, name)
    age(shelf, "a", "b", "c")
    put(shelf, "b")
    assert names(shelf) == {"a", "b", "c"}


def test_what_is_too_large_is_refused_and_nothing_goes_for_it(shelf: Shelf) -> None:
    put(shelf, "a")
    with pytest.raises(OSError, match=r"0\.4 MB are more than --cache-size allows"):
        put(shelf, "b", 4 * SIZE)
    assert names(shelf) == {"a"}


def test_half_of_a_disk_that_is_nearly_full_stays_free(tmp_path: Path) -> None:
    free = os.statvfs(tmp_path)
    shelf = Shelf(tmp_path / "runs", 1 << 62)
    with pytest.raises(OSError, match="No space left"):
        shelf.put("a", free.f_bavail * free.f_frsize, lambda file: None)


def test_what_was_begun_goes_once_its_writer_is_gone(shelf: Shelf) -> None:
    put(shelf, "a")
    left, going_on = shelf.folder / "left.begun", shelf.folder / "going-on.begun"
    left.write_bytes(b"x")
    with going_on.open("wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        put(shelf, "b")
        assert names(shelf) == {"a", "b", going_on.name}


def test_what_is_being_written_goes_when_nobody_waits_for_its_end(shelf: Shelf) -> None:
    put(shelf, "a")
    seen = []

    def write(file: IO[bytes]) -> None:
        file.write(b"y")
        seen.append(len(names(shelf)))
        shelf.close()
        seen.append(len(names(shelf)))

    with pytest.raises(FileNotFoundError):
        shelf.put("a", SIZE, write)
    assert seen == [2, 1]
    shelf.close()
    assert (shelf.folder / "a").read_bytes() == b"x" * SIZE


def test_a_writer_that_fails_leaves_what_was_there(shelf: Shelf) -> None:
    put(shelf, "a")

    def fail(_: object) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        shelf.put("a", SIZE, fail)
    assert names(shelf) == {"a"}
    assert (shelf.folder / "a").read_bytes() == b"x" * SIZE
