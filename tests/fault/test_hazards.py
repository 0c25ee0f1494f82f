"""What people and programs do to run files: no line lost, none twice, none that was never written.

The table of hazards with real files, as the tail sees them. Each test numbers its lines and
compares all that came, by generation, with all that was written.
"""

import gzip
import os
import sys
import threading
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest
from karn_view.lines import split
from karn_view.tail import Committed, Limits, NewGeneration, Skipped, Tail

MIB = 1 << 20


class Follower:
    """A tail, and all that it told, by generation in the order of appearance."""

    def __init__(self, path: Path, **options: object) -> None:
        self.now = 0.0
        self.lines: dict[str, list[bytes]] = {}
        self.skipped: list[Skipped] = []
        self.reasons: list[str] = []
        self.tail = Tail(path, clock=lambda: self.now, **options)  # type: ignore[arg-type]

    def look(self) -> None:
        try:
            for item in self.tail.poll():
                self.take(item)
        except FileNotFoundError:
            pass

    def take(self, item: Committed | Skipped | NewGeneration) -> None:
        if isinstance(item, NewGeneration):
            self.reasons.append(item.reason)
        elif isinstance(item, Skipped):
            self.skipped.append(item)
        else:
            lines = [line.data for line in split(item.data, item.offset)]
            self.lines.setdefault(item.generation, []).extend(lines)

    @property
    def told(self) -> list[list[bytes]]:
        return list(self.lines.values())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "run.jsonl"


@pytest.fixture
def follower(path: Path) -> Iterator[Follower]:
    follower = Follower(path)
    yield follower
    follower.tail.close()


def numbered(start: int, count: int, width: int = 20) -> list[bytes]:
    return [b'{"n": %d, "pad": "%s"}' % (n, b"x" * width) for n in range(start, start + count)]


def text(lines: list[bytes]) -> bytes:
    return b"".join(line + b"\n" for line in lines)


def append(path: Path, data: bytes) -> None:
    with path.open("ab") as file:
        file.write(data)


def test_a_torn_line_waits_until_it_is_completed(path: Path, follower: Follower) -> None:
    append(path, b'{"n": 0}\n{"n"')
    follower.look()
    assert (follower.told, follower.tail.torn) == ([[b'{"n": 0}']], 4)
    append(path, b": 1}\n")
    follower.look()
    assert (follower.told, follower.tail.torn) == ([[b'{"n": 0}', b'{"n": 1}']], 0)


def test_a_cut_inside_a_character_waits_as_well(path: Path, follower: Follower) -> None:
    line = '{"note": "größer"}\n'.encode()
    for byte in line:
        append(path, bytes([byte]))
        follower.look()
    assert follower.told == [[line[:-1]]]


@pytest.mark.parametrize("count", [5, 10, 20], ids=["smaller", "same size", "larger"])
def test_truncated_and_rewritten_between_two_looks(
    path: Path, follower: Follower, count: int
) -> None:
    before, after = numbered(100, 10), numbered(500, count)
    path.write_bytes(text(before))
    follower.look()
    path.write_bytes(text(after))
    follower.look()
    assert follower.told == [before, after]
    assert follower.reasons[0] == ""
    assert follower.reasons[1] in ("the file was shortened", "the file was rewritten")


def test_an_emptied_file_is_announced_with_its_first_new_line(
    path: Path, follower: Follower
) -> None:
    append(path, b"old\n")
    follower.look()
    path.write_bytes(b"")
    follower.look()
    assert (follower.tail.generation, follower.tail.offset) == ("0", 0)
    append(path, b"new\n")
    follower.look()
    assert follower.told == [[b"old"], [b"new"]]
    assert follower.reasons == ["", "the file was shortened"]


def test_copytruncate_of_a_quiet_file(path: Path, follower: Follower) -> None:
    before, after = numbered(100, 50), numbered(500, 50)
    path.write_bytes(text(before))
    follower.look()
    path.with_suffix(".1").write_bytes(path.read_bytes())
    os.truncate(path, 0)
    append(path, text(after))
    follower.look()
    assert follower.told == [before, after]


def test_renamed_with_lines_unread_and_lines_to_come(path: Path, follower: Follower) -> None:
    before, after = numbered(100, 30), numbered(500, 30)
    append(path, text(before[:10]))
    follower.look()
    append(path, text(before[10:20]))
    rotated = path.rename(path.with_suffix(".1"))
    append(path, text(after[:15]))
    follower.look()
    append(rotated, text(before[20:]))
    append(path, text(after[15:]))
    follower.look()
    assert follower.told == [before, after]
    assert follower.reasons == ["", "the file was replaced by another"]


def test_late_lines_are_waited_for_and_not_for_ever(path: Path, follower: Follower) -> None:
    append(path, b"a\n")
    follower.look()
    rotated = path.rename(path.with_suffix(".1"))
    append(path, b"b\n")
    follower.look()
    follower.now = 4.9
    append(rotated, b"late\n")
    follower.look()
    follower.now = 5.1
    follower.look()
    append(rotated, b"too late\n")
    follower.look()
    assert follower.told == [[b"a", b"late"], [b"b"]]


def test_a_line_torn_at_the_rotation_is_completed_in_the_old_file(
    path: Path, follower: Follower
) -> None:
    append(path, b"hal")
    follower.look()
    rotated = path.rename(path.with_suffix(".1"))
    append(path, b"new\n")
    follower.look()
    append(rotated, b"f\n")
    follower.look()
    assert sorted(follower.told) == [[b"half"], [b"new"]]


def test_deleted_and_created_again(path: Path, follower: Follower) -> None:
    before, after = numbered(100, 200), numbered(500, 100)
    append(path, text(before))
    follower.look()
    path.unlink()
    append(path, text(after))
    follower.look()
    assert follower.told == [before, after]


def test_deleted_and_gone_for_a_while(path: Path, follower: Follower) -> None:
    append(path, b"a\n")
    follower.look()
    path.unlink()
    for _ in range(3):
        follower.now += 4.0
        follower.look()
    append(path, b"b\n")
    follower.look()
    assert follower.told == [[b"a"], [b"b"]]


def test_taken_away_and_brought_back_goes_on(path: Path, follower: Follower) -> None:
    append(path, b"a\n")
    follower.look()
    away = path.rename(path.with_suffix(".away"))
    follower.now += 10.0
    follower.look()
    append(away, b"b\n")
    away.rename(path)
    follower.look()
    assert follower.told == [[b"a", b"b"]]
    assert follower.reasons == [""]


def test_a_file_that_gets_its_name_back_tells_its_lines_once_more_and_not_twice(
    path: Path, follower: Follower
) -> None:
    append(path, b"a\n")
    follower.look()
    away = path.rename(path.with_suffix(".away"))
    append(path, b"b\n")
    follower.look()
    away.replace(path)
    follower.look()
    append(path, b"c\n")
    follower.look()
    assert follower.told == [[b"a"], [b"b"], [b"a", b"c"]]


def test_created_again_with_the_same_inode(path: Path) -> None:
    """A file system may give it back at once; a viewer that was away must not trust it."""
    append(path, text(numbered(100, 100)))
    before = Follower(path)
    before.look()
    cursor, check = before.tail.generation, before.tail.check(before.tail.offset)
    end = before.tail.offset
    before.tail.close()
    inode = path.stat().st_ino
    for _ in range(50):
        path.unlink()
        append(path, text(numbered(500, 100)))
        if path.stat().st_ino == inode:
            break
    else:
        pytest.skip("this file system did not give the same inode again in 50 tries")
    after = Follower(path)
    after.look()
    assert after.told == [numbered(500, 100)]
    assert after.tail.generation != cursor
    assert after.tail.check(end) != check
    after.tail.close()


def test_a_viewer_started_again_gives_the_same_cursors(path: Path) -> None:
    append(path, text(numbered(100, 300)) + b"torn")
    first, second = Follower(path), Follower(path)
    first.look()
    middle = first.tail.offset // 2
    page = first.tail.read(first.tail.generation, 0, middle)
    assert isinstance(page, bytes)
    first.tail.close()
    second.look()
    assert second.lines == first.lines
    rest = second.tail.read(first.tail.generation, len(page), 10 * MIB)
    assert page + (rest if isinstance(rest, bytes) else b"") == text(numbered(100, 300))
    second.tail.close()


@pytest.mark.parametrize("compressed", [False, True], ids=["as it is", "compressed"])
def test_rotated_while_the_viewer_was_down(path: Path, compressed: bool) -> None:
    """A page comes back with its cursor; the lines it is owed are in the rotated file."""
    before, after = numbered(100, 40), numbered(500, 30)
    append(path, text(before[:20]))
    old = Follower(path)
    old.look()
    name, offset, check = old.tail.generation, old.tail.offset, old.tail.check(old.tail.offset)
    old.tail.close()
    append(path, text(before[20:30]))
    moved = path.rename(path.with_name("run.jsonl.1"))
    append(path, text(after))
    if compressed:
        append(moved, text(before[30:]))
        path.with_name("run.jsonl.1.gz").write_bytes(gzip.compress(moved.read_bytes()))
        moved.unlink()
    new = Follower(path)
    new.look()
    assert new.tail.read(name, offset, MIB) is None
    new.tail.recall(name)
    if not compressed:
        append(moved, text(before[30:]))
        new.look()
        assert new.told == [after, before[30:]]
    assert new.tail.read(name, offset, MIB) == text(before[20:])
    assert new.tail.check(offset, name) == check
    assert new.tail.recall("0123456789ab") == {}
    new.tail.close()


def test_rotated_more_than_once_while_the_viewer_was_down(path: Path) -> None:
    """Whoever comes back is owed the files in between, too; copies and notes are none of them."""
    ages = [numbered(100 * age, 10) for age in range(4)]
    append(path, text(ages[0]))
    old = Follower(path)
    old.look()
    name = old.tail.generation
    old.tail.close()
    for age in (1, 2, 3):
        path.rename(path.with_name(f"run.jsonl.{age}"))
        append(path, text(ages[age]))
    path.with_name("run.jsonl.bak").write_bytes(b"a note\n")
    path.with_name("run.jsonl.7").write_bytes(text(ages[3]))
    path.with_name("run.jsonl.8").write_bytes(text(ages[1]))
    new = Follower(path)
    new.look()
    recalled = new.tail.recall(name)
    assert [new.tail.read(id, 0, MIB) for id in recalled] == [text(age) for age in ages[:3]]
    assert (next(iter(recalled)), new.told) == (name, [ages[3]])
    new.tail.close()


def test_nul_bytes_wait_and_are_skipped_once_a_line_follows(path: Path, follower: Follower) -> None:
    append(path, b"a\n" + bytes(4096))
    follower.look()
    assert (follower.told, follower.tail.torn) == ([[b"a"]], 4096)
    append(path, b"b\n")
    follower.look()
    assert follower.told == [[b"a", b"b"]]
    assert [(skip.offset, skip.length) for skip in follower.skipped] == [(2, 4096)]


def test_a_hole_of_any_size_costs_no_line(path: Path, follower: Follower) -> None:
    """Truncated under a writer that does not append, a file gets a hole as long as it was."""
    with path.open("wb") as file:
        file.seek(100 * MIB)
        file.write(b"after\n")
    follower.look()
    assert follower.told == [[b"after"]]
    assert [(skip.offset, skip.length) for skip in follower.skipped] == [(0, 100 * MIB)]


def test_on_a_mount_a_hole_has_time_to_be_filled(path: Path) -> None:
    follower = Follower(path, patient=True)
    append(path, b"a\nb" + bytes(6) + b"e\nf\n")
    follower.look()
    assert follower.told == [[b"a"]]
    follower.now = 59.0
    follower.look()
    with path.open("r+b") as file:
        file.seek(3)
        file.write(b"\nc\ndd\n")
    follower.look()
    assert follower.told == [[b"a", b"b", b"c", b"dd", b"e", b"f"]]
    assert follower.skipped == []
    follower.tail.close()


def test_on_a_mount_a_hole_that_stays_is_skipped_after_a_minute(path: Path) -> None:
    follower = Follower(path, patient=True)
    append(path, b"a\n" + bytes(6) + b"b\nc\n")
    follower.look()
    assert follower.told == [[b"a"]]
    follower.now = 60.0
    follower.look()
    assert follower.told == [[b"a", b"b", b"c"]]
    assert [(skip.offset, skip.length) for skip in follower.skipped] == [(2, 6)]
    follower.tail.close()


def test_on_a_mount_holes_seen_together_are_waited_for_together(path: Path) -> None:
    follower = Follower(path, patient=True)
    append(path, bytes(6) + b"a\n" + bytes(6) + b"b\nc\n")
    follower.look()
    follower.now = 30.0
    append(path, b"d\n" + bytes(6) + b"e\n")
    follower.look()
    assert follower.told == []
    follower.now = 60.0
    follower.look()
    assert follower.told == [[b"a", b"b", b"c", b"d"]]
    follower.now = 119.0
    follower.look()
    assert follower.told == [[b"a", b"b", b"c", b"d"]]
    follower.now = 120.0
    follower.look()
    assert follower.told == [[b"a", b"b", b"c", b"d", b"e"]]
    follower.tail.close()


def test_a_line_of_5_mb_is_a_line(path: Path, follower: Follower) -> None:
    lines = [b"before", b"x" * (5 * MIB), b"after"]
    append(path, text(lines))
    follower.look()
    assert follower.told == [lines]
    assert follower.skipped == []


def test_a_slow_line_of_15_mb_is_not_read_over_and_over(path: Path) -> None:
    """Its cost is its length, not the square of it: read bytes are counted, not time."""
    follower = Follower(path)
    read = 0
    piece, pieces = 1 << 14, 960
    original = os.pread

    def counting(fd: int, length: int, offset: int) -> bytes:
        nonlocal read
        data = original(fd, length, offset)
        read += len(data)
        return data

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "pread", counting)
        for _ in range(pieces):
            append(path, b"x" * piece)
            follower.look()
        append(path, b"\n")
        follower.look()
    assert follower.told == [[b"x" * piece * pieces]]
    assert read < 1.5 * pieces * Limits().block_bytes  # over and over it would be 7 GB
    follower.tail.close()


def test_a_line_of_200_mb_is_a_fault_with_its_size_and_is_never_held(
    path: Path, follower: Follower
) -> None:
    with path.open("wb") as file:
        file.write(b"before\n")
        for _ in range(200):
            file.write(b"x" * MIB)
        file.write(b"\nafter\n")
    tracemalloc.start()
    follower.look()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert follower.told == [[b"before", b"after"]]
    assert [(skip.offset, skip.length) for skip in follower.skipped] == [(7, 200 * MIB + 1)]
    assert peak < 16 * MIB
    assert follower.tail.read(follower.tail.generation, 7, 100) == follower.skipped[0]


def test_a_switched_symlink(tmp_path: Path) -> None:
    one, two, link = tmp_path / "one", tmp_path / "two", tmp_path / "latest.jsonl"
    before, after = numbered(100, 30), numbered(500, 50)
    one.write_bytes(text(before[:20]))
    two.write_bytes(text(after))
    link.symlink_to(one)
    follower = Follower(link)
    follower.look()
    append(one, text(before[20:]))
    (tmp_path / "next").symlink_to(two)
    (tmp_path / "next").replace(link)
    follower.look()
    assert follower.told == [before, after]
    follower.tail.close()


def test_atomically_replaced_by_another_file(path: Path, follower: Follower) -> None:
    before, after = numbered(100, 50), numbered(500, 60)
    append(path, text(before))
    follower.look()
    aside = path.with_suffix(".new")
    append(aside, text(after))
    aside.replace(path)
    follower.look()
    assert follower.told == [before, after]


def test_replaced_by_a_longer_copy_of_itself(path: Path, follower: Follower) -> None:
    lines = numbered(100, 80)
    append(path, text(lines[:50]))
    follower.look()
    aside = path.with_suffix(".new")
    append(aside, text(lines))
    aside.replace(path)
    follower.look()
    assert follower.told == [lines]
    assert follower.reasons == [""]


def test_crlf_bom_and_empty_lines_keep_their_offsets(path: Path, follower: Follower) -> None:
    append(path, b'\xef\xbb\xbf{"n": 0}\r\n\r\n\n{"n": 1}\r\n')
    follower.look()
    assert follower.told == [[b'\xef\xbb\xbf{"n": 0}\r', b"\r", b"", b'{"n": 1}\r']]


def test_permission_lost_and_regained(path: Path, follower: Follower) -> None:
    """Told by an opener that is refused, as root is refused nothing."""
    append(path, b"a\n")
    refused = False
    tail = follower.tail
    opening = tail._open_source

    def refusing(path: Path) -> object:
        if refused:
            raise PermissionError(13, "Permission denied", str(path))
        return opening(path)

    tail._open_source = refusing  # type: ignore[assignment]
    follower.look()
    refused = True
    append(path, b"b\n")
    with pytest.raises(PermissionError):
        follower.look()
    follower.now += 100.0
    refused = False
    append(path, b"c\n")
    follower.look()
    assert follower.told == [[b"a", b"b", b"c"]]


@pytest.mark.parametrize("kind", ["folder", "fifo", "device"])
def test_what_is_no_regular_file_is_refused_at_once(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "run.jsonl"
    if kind == "folder":
        path.mkdir()
    elif kind == "fifo":
        os.mkfifo(path)
    else:
        path = Path("/dev/zero")
    with pytest.raises(OSError, match=r"directory|not a regular file"):
        list(Tail(path).poll())


def test_a_thousand_rotations_leave_no_descriptor_and_little_memory(
    path: Path, follower: Follower
) -> None:
    descriptors = len(os.listdir("/proc/self/fd"))
    for n in range(1_000):
        append(path, b"line %d\n" % n)
        follower.look()
        assert len(os.listdir("/proc/self/fd")) < descriptors + 40
        path.replace(path.with_suffix(".1"))
        follower.now += 0.5
    follower.now += 10.0
    follower.look()
    follower.now += 10.0
    follower.look()
    assert follower.told == [[b"line %d" % n] for n in range(1_000)]
    assert len(os.listdir("/proc/self/fd")) == descriptors
    assert len(follower.tail._older) <= 40


def test_lines_of_a_rewritten_file_can_still_be_read(path: Path, follower: Follower) -> None:
    before = numbered(100, 1_000)
    append(path, text(before))
    follower.look()
    old = follower.tail.generation
    path.write_bytes(text(numbered(500, 1_500)))
    assert follower.tail.read(old, 0, MIB) == text(before)
    follower.look()
    assert follower.tail.read(old, 0, MIB) == text(before)


def test_a_run_compressed_behind_its_own_name_goes_on(path: Path, follower: Follower) -> None:
    """`gzip` and a rename leave the same content in other bytes: the same generation."""
    lines = numbered(100, 50)
    append(path, text(lines[:30]))
    follower.look()
    aside = path.with_suffix(".gz")
    aside.write_bytes(gzip.compress(text(lines)))
    aside.replace(path)
    follower.look()
    assert follower.told == [lines]
    assert follower.reasons == [""]


def test_pages_asked_for_while_a_file_is_rewritten_hold_one_generation_only(
    path: Path, follower: Follower
) -> None:
    """A reader of pages beside the one that follows, and a writer that never rests."""
    wrong: list[bytes] = []
    pages = 0
    stopped = threading.Event()

    def ask() -> None:
        nonlocal pages
        while not stopped.is_set():
            for name in list(follower.lines):
                page = follower.tail.read(name, 0, MIB)
                pages += isinstance(page, bytes)
                if isinstance(page, bytes) and len({row[:4] for row in page.splitlines()}) > 1:
                    wrong.append(page)

    asking = threading.Thread(target=ask)
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)  # neither thread waits long for the other, and races are likelier
    asking.start()
    try:
        for number in range(300):
            path.write_bytes(b"".join(b"%04d %d\n" % (number, n) for n in range(200)))
            follower.look()
    finally:
        stopped.set()
        asking.join()
        sys.setswitchinterval(interval)
    assert wrong == []
    assert pages
    assert all(len({line[:4] for line in lines}) == 1 for lines in follower.told)
