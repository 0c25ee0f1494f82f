"""What no history of real files shows: files that change between two reads, and reading back."""

from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest
from karn_view.sources import File, Source, open_source
from karn_view.tail import Committed, Limits, NewGeneration, Skipped, Tail

SMALL = Limits(block_bytes=64, line_bytes=100, spool_bytes=200, generations=2)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "run.jsonl"


@pytest.fixture
def tail(path: Path) -> Iterator[Tail]:
    tail = Tail(path, limits=SMALL)
    yield tail
    tail.close()


def lines(*numbers: int) -> bytes:
    return b"".join(b"line %d\n" % number for number in numbers)


def told(tail: Tail) -> bytes:
    return b"".join(item.data for item in tail.poll() if isinstance(item, Committed))


class Meddled(File):
    """A file that somebody changes just before its n-th read."""

    meddle: Callable[[], None] = staticmethod(lambda: None)
    reads_left = -1

    def read(self, offset: int, length: int) -> bytes:
        type(self).reads_left -= 1
        if self.reads_left == 0:
            self.meddle()
        return super().read(offset, length)


@pytest.mark.parametrize("reads", range(1, 20))
def test_a_rewrite_between_any_two_reads_slips_nothing_in(
    path: Path, reads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = lines(*range(10, 16)), lines(*range(70, 90))
    path.write_bytes(old[:40])
    tail = Tail(path, limits=SMALL, open_source=Meddled.open)
    came = told(tail)
    path.write_bytes(old)
    monkeypatch.setattr(Meddled, "meddle", staticmethod(lambda: path.write_bytes(new)))
    monkeypatch.setattr(Meddled, "reads_left", reads)
    came += b"".join(told(tail) for _ in range(5))
    assert came in (old[:40] + new, old + new)
    tail.close()


def test_a_pass_ends_though_the_file_grows_as_fast_as_it_is_read(path: Path, tail: Tail) -> None:
    there = lines(*range(100))
    path.write_bytes(there)
    came = b""
    for item in tail.poll():
        came += item.data if isinstance(item, Committed) else b""
        assert len(came) <= len(there)
        if came == there:
            with path.open("ab") as file:
                file.write(lines(100))
    assert came == there
    assert told(tail) == lines(100)


def test_nothing_is_at_the_path_yet(tail: Tail) -> None:
    with pytest.raises(FileNotFoundError):
        list(tail.poll())
    assert (tail.generation, tail.offset, tail.size, tail.torn) == ("0", 0, 0, 0)


def test_the_first_generation_is_announced_with_its_first_line(path: Path, tail: Tail) -> None:
    path.write_bytes(b"torn")
    assert list(tail.poll()) == []
    path.write_bytes(b"whole\n")
    announced, committed = tail.poll()
    assert announced == NewGeneration(tail.generation, "")
    assert committed == Committed(tail.generation, 0, b"whole\n")


def test_what_could_be_read_comes_before_the_error(path: Path) -> None:
    failing = False

    def opening(path: Path) -> Source:
        if failing:
            raise OSError(5, "Input/output error")
        return open_source(path)

    path.write_bytes(lines(1))
    tail = Tail(path, open_source=opening)
    assert told(tail) == lines(1)
    failing = True
    with path.open("ab") as file:
        file.write(lines(2))
    poll = tail.poll()
    assert next(poll) == Committed(tail.generation, 7, lines(2))
    with pytest.raises(OSError, match="Input/output error"):
        next(poll)
    tail.close()


def test_a_pass_that_is_broken_off_goes_on_with_the_next(path: Path, tail: Tail) -> None:
    path.write_bytes(lines(*range(10, 40)))
    poll = tail.poll()
    next(poll)
    first = next(poll)
    assert isinstance(first, Committed)
    assert isinstance(poll, Generator)
    poll.close()
    assert first.data + told(tail) == path.read_bytes()


def test_pages_are_whole_lines_and_at_least_one(path: Path, tail: Tail) -> None:
    path.write_bytes(lines(1, 2, 3) + b"x" * 80 + b"\n")
    told(tail)
    assert tail.read(tail.generation, 0, 15) == lines(1, 2)
    assert tail.read(tail.generation, 0, 1) == lines(1)
    assert tail.read(tail.generation, 21, 1) == b"x" * 80 + b"\n"
    assert tail.read(tail.generation, 102, 100) == b""
    assert tail.read("0", 0, 7) == lines(1)


def test_torn_bytes_are_on_no_page(path: Path, tail: Tail) -> None:
    path.write_bytes(lines(1) + b"torn")
    told(tail)
    assert tail.read(tail.generation, 0, 1_000) == lines(1)


@pytest.mark.parametrize("offset", [3, 8, 1_000], ids=["in a line", "in the next", "beyond"])
def test_a_cursor_that_stands_nowhere_is_not_answered(path: Path, tail: Tail, offset: int) -> None:
    path.write_bytes(lines(1, 2))
    told(tail)
    assert tail.read(tail.generation, offset, 100) is None


def test_an_unknown_generation_is_not_at_hand(path: Path, tail: Tail) -> None:
    path.write_bytes(lines(1))
    told(tail)
    assert tail.read("0123456789ab", 0, 100) is None
    assert tail.read("0", 7, 100) is None


def test_pages_meet_what_was_skipped_where_it_stands(path: Path, tail: Tail) -> None:
    path.write_bytes(lines(1) + b"y" * 200 + b"\n" + bytes(5) + lines(2))
    items = [item for item in tail.poll() if not isinstance(item, NewGeneration)]
    again: list[Committed | Skipped] = []
    offset = 0
    while page := tail.read(tail.generation, offset, 1_000):
        if isinstance(page, Skipped):
            again.append(page)
            offset += page.length
        else:
            again.append(Committed(tail.generation, offset, page))
            offset += len(page)
    assert again == items
    assert [type(item) for item in items] == [Committed, Skipped, Skipped, Committed]


def test_only_the_last_generations_stay_at_hand(path: Path, tail: Tail) -> None:
    names = []
    for number in range(10, 14):
        path.write_bytes(lines(number))
        told(tail)
        names.append(tail.generation)
    assert [tail.read(name, 0, 100) for name in names] == [None, lines(11), lines(12), lines(13)]


def test_of_a_lost_generation_only_what_memory_holds_is_at_hand(path: Path, tail: Tail) -> None:
    old = lines(*range(100, 140))
    path.write_bytes(old)
    told(tail)
    name, end = tail.generation, tail.offset
    path.write_bytes(b"")
    with pytest.raises(StopIteration):
        next(tail.poll())
    assert tail.read(name, 0, 1_000) is None
    kept = tail.read(name, end - 90, 1_000)
    assert kept == old[-90:]
    assert tail.check(end - 10, name) is not None
    assert tail.check(70, name) is None


def test_a_second_generation_of_the_same_first_line_is_named_apart(path: Path, tail: Tail) -> None:
    path.write_bytes(b"header\n" + lines(1))
    told(tail)
    name = tail.generation
    path.write_bytes(b"header\n" + lines(2))
    told(tail)
    assert tail.generation == f"{name}-2"


def test_a_check_is_known_for_committed_offsets_only(path: Path, tail: Tail) -> None:
    path.write_bytes(lines(*range(10, 30)) + b"torn")
    told(tail)
    assert tail.check(tail.offset) != tail.check(16)
    assert tail.check(tail.offset + 1) is None


def test_a_tail_settles_once_no_replaced_file_is_waited_for(path: Path) -> None:
    now = 0.0
    tail = Tail(path, limits=SMALL, clock=lambda: now)

    def is_settled() -> bool:
        told(tail)
        return tail.is_settled

    path.write_bytes(lines(1))
    assert is_settled()
    path.rename(path.with_suffix(".1"))
    path.write_bytes(lines(2))
    assert not is_settled()
    now = SMALL.drain_s + 1.0
    assert is_settled()
    tail.close()
