import gzip
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from karn_view.sources import File
from karn_view.tail import Bookmark, Committed, Tail
from karn_view.tail.bookmark import PLACES
from karn_view.tail.limits import Limits

LINES = 20_000
Change = Callable[[Path], None]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "run.jsonl"
    path.write_text("".join(f"line {n}\n" for n in range(LINES)))
    return path


@pytest.fixture
def bookmark(path: Path) -> Bookmark:
    return bookmark_of(path)


def bookmark_of(path: Path) -> Bookmark:
    tail = Tail(path)
    read(tail)
    found = tail.bookmark()
    tail.close()
    assert found is not None
    return found


def read(tail: Tail) -> bytes:
    return b"".join(item.data for item in tail.poll() if isinstance(item, Committed))


def resumed(path: Path, bookmark: Bookmark) -> bool:
    tail = Tail(path)
    try:
        return tail.resume(bookmark)
    finally:
        tail.close()


def test_a_tail_goes_on_where_another_stood(path: Path, bookmark: Bookmark) -> None:
    with path.open("a") as file:
        file.write("new\n")
    tail = Tail(path)
    assert tail.resume(bookmark)
    assert (tail.generation, tail.offset) == (bookmark.generation, bookmark.consumed.offset)
    assert read(tail) == b"new\n"
    assert tail.read(tail.generation, 0, 7) == b"line 0\n"
    tail.close()


def test_a_tail_that_starts_over_begins_at_the_beginning(path: Path, bookmark: Bookmark) -> None:
    tail = Tail(path)
    assert tail.resume(bookmark)
    tail.start_over()
    assert read(tail) == path.read_bytes()
    assert tail.generation == bookmark.generation
    tail.close()


def touched(path: Path) -> None:
    os.utime(path, ns=(0, time.time_ns() - 10**9))


def shortened(path: Path) -> None:
    os.truncate(path, path.stat().st_size - 1)


def with_another_middle(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data[:1_000] + data[1_000:-1_000].replace(b"line", b"LINE") + data[-1_000:])


def grown_with_another_middle(path: Path) -> None:
    with_another_middle(path)
    with path.open("a") as file:
        file.write("new\n")


@pytest.mark.parametrize(
    "change", [touched, shortened, with_another_middle, grown_with_another_middle]
)
def test_a_file_that_may_be_another_is_not_gone_on_with(
    path: Path, bookmark: Bookmark, change: Change
) -> None:
    assert resumed(path, bookmark)
    change(path)
    assert not resumed(path, bookmark)


def test_little_is_read_to_recognize_a_file(
    path: Path, bookmark: Bookmark, monkeypatch: pytest.MonkeyPatch
) -> None:
    lengths: list[int] = []
    read_from = File.read

    def count(self: File, offset: int, length: int) -> bytes:
        lengths.append(length)
        return read_from(self, offset, length)

    monkeypatch.setattr(File, "read", count)
    assert resumed(path, bookmark)
    assert PLACES < len(lengths) < 2 * PLACES
    assert sum(lengths) < 8_000


@pytest.fixture
def packed(path: Path) -> Path:
    packed = path.with_suffix(".gz")
    packed.write_bytes(gzip.compress(path.read_bytes()))
    return packed


def test_a_compressed_file_is_gone_on_with_before_it_is_inflated(path: Path, packed: Path) -> None:
    bookmark, lines = bookmark_of(packed), path.read_bytes()
    tail = Tail(packed, limits=Limits(block_bytes=50_000))
    assert tail.resume(bookmark)
    assert (tail.size, tail.offset) == (len(lines), len(lines))
    assert list(tail.inflate()) == list(range(50_000, len(lines), 50_000))
    assert read(tail) == b""
    assert tail.read(tail.generation, 0, 7) == b"line 0\n"
    tail.close()


def test_who_asks_for_a_line_of_it_waits_until_it_is_inflated(path: Path, packed: Path) -> None:
    bookmark, lines = bookmark_of(packed), path.read_bytes()
    tail = Tail(packed)
    assert tail.resume(bookmark)
    last = lines.rindex(b"line")
    assert tail.read(tail.generation, last, 100) == lines[last:]
    tail.close()


def recompressed(packed: Path) -> None:
    """To a file of the same size and time."""
    before = packed.stat()
    lines = gzip.decompress(packed.read_bytes()).replace(b"line 7\n", b"line 8\n")
    packed.write_bytes(gzip.compress(lines).ljust(before.st_size, b"\0")[: before.st_size])
    os.utime(packed, ns=(before.st_atime_ns, before.st_mtime_ns))


def with_more(packed: Path) -> None:
    with packed.open("ab") as file:
        file.write(gzip.compress(b"more\n"))


def no_longer_compressed(packed: Path) -> None:
    packed.write_bytes(gzip.decompress(packed.read_bytes()))


@pytest.mark.parametrize("change", [touched, recompressed, with_more, no_longer_compressed])
def test_a_compressed_file_that_may_be_another_is_not_gone_on_with(
    packed: Path, change: Change
) -> None:
    bookmark = bookmark_of(packed)
    assert resumed(packed, bookmark)
    change(packed)
    assert not resumed(packed, bookmark)


def test_a_bookmark_is_of_the_compressed_file_that_was_read_and_no_later_one(packed: Path) -> None:
    tail = Tail(packed)
    read(tail)
    recompressed(packed)
    bookmark = tail.bookmark()
    tail.close()
    assert bookmark is not None
    assert not resumed(packed, bookmark)


@pytest.mark.parametrize("change", [{"tail": b"x" * 64}, {"offset": 1 << 30}])
def test_a_bookmark_that_is_not_true_is_noticed_once_the_file_is_inflated(
    path: Path, packed: Path, change: dict[str, Any]
) -> None:
    bookmark = bookmark_of(packed)
    untrue = bookmark._replace(consumed=bookmark.consumed._replace(**change))
    tail = Tail(packed)
    assert tail.resume(untrue)
    assert read(tail) == path.read_bytes()
    assert tail.generation != bookmark.generation
    tail.close()


def test_a_file_without_a_line_gets_no_bookmark(tmp_path: Path) -> None:
    path = tmp_path / "torn.jsonl"
    path.write_text("torn")
    tail = Tail(path)
    assert read(tail) == b""
    assert tail.bookmark() is None
    tail.close()
