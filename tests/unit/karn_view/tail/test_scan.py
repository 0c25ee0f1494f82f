from collections.abc import Hashable
from typing import Self

from hypothesis import given
from hypothesis import strategies as st
from karn_view.tail.scan import Found, Scan


class Memory:
    """A source whose content a test changes at will, and which counts what is read."""

    identity: Hashable = 0

    def __init__(self, content: bytes = b"") -> None:
        self.content = content
        self.bytes_read = 0

    def size(self) -> int:
        return len(self.content)

    def read(self, offset: int, length: int) -> bytes:
        data = self.content[offset : offset + max(0, length)]
        self.bytes_read += len(data)
        return data

    def renewed(self, fresh: Self) -> Self:
        return fresh

    def twin(self) -> Self:
        return self

    def close(self) -> None:
        pass


def scan() -> Scan:
    return Scan(block_bytes=8, line_bytes=20)


def test_nothing_whole_is_not_yet() -> None:
    assert scan().find(Memory(b""), 0) is None
    assert scan().find(Memory(b"torn" * 10), 0) is None


def test_whole_lines_of_a_block_come_together() -> None:
    assert scan().find(Memory(b"a\nb\nc"), 0) == Found(0, 4, b"a\nb\n", is_last=True)


def test_a_block_is_read_once() -> None:
    source = Memory(b"a\nb\nc\nd\ne")
    scan().find(source, 0)
    assert source.bytes_read == 8


def test_a_line_may_span_blocks() -> None:
    assert scan().find(Memory(b"123456789012345\nb\n"), 0) == Found(0, 16, b"123456789012345\n")


def test_a_line_at_the_limit_is_a_line_and_one_over_it_is_not() -> None:
    assert scan().find(Memory(b"x" * 19 + b"\n"), 0) == Found(
        0, 20, b"x" * 19 + b"\n", is_last=True
    )
    assert scan().find(Memory(b"x" * 20 + b"\ny\n"), 0) == Found(0, 21, None)


def test_nul_bytes_in_front_do_not_count_for_the_length_of_a_line() -> None:
    assert scan().find(Memory(bytes(100) + b"a\n"), 0) == Found(100, 102, b"a\n", is_last=True)


def test_nul_bytes_within_a_line_are_part_of_it() -> None:
    assert scan().find(Memory(b"a" + bytes(10) + b"b\n"), 0) == Found(
        0, 13, b"a" + bytes(10) + b"b\n", is_last=True
    )


def test_what_was_looked_through_is_not_read_again() -> None:
    source, scanning = Memory(), Scan(block_bytes=256, line_bytes=1 << 20)
    for _ in range(1_000):
        source.content += b"x" * 64
        assert scanning.find(source, 0) is None
    assert source.bytes_read < 1_000 * 3 * 256


def test_a_torn_line_rewritten_in_place_is_looked_through_again() -> None:
    source, scanning = Memory(b"x" * 100), Scan(block_bytes=8, line_bytes=200)
    assert scanning.find(source, 0) is None
    source.content = b"now\nwhole\n" + b"x" * 90
    assert scanning.find(source, 0) == Found(0, 4, b"now\n")


def test_a_hole_filled_while_its_line_is_torn_is_part_of_the_line() -> None:
    source, scanning = Memory(bytes(40) + b"x" * 40), Scan(block_bytes=8, line_bytes=200)
    assert scanning.find(source, 0) is None
    source.content = bytes(30) + b"filled " + b"x" * 43 + b"\n"
    assert scanning.find(source, 0) == Found(30, 81, b"filled " + b"x" * 43 + b"\n", is_last=True)


@given(
    st.lists(st.sampled_from([b"a", b"bc" * 9, b"d" * 30, b"\n", b"\0" * 11])).map(b"".join),
    st.lists(st.integers(0, 200), max_size=5),
)
def test_however_a_file_grows_the_same_bytes_are_found(content: bytes, sizes: list[int]) -> None:
    def ends_and_skips(sizes: list[int]) -> list[tuple[int, int]]:
        scanning, offset, found = scan(), 0, []
        for size in sizes:
            while find := scanning.find(Memory(content[:size]), offset):
                offset = find.end
                found.append((find.begin, find.end))
        return [span for span in found if span[1] - span[0] > 20] + [(0, offset)]

    assert ends_and_skips([*sorted(sizes), len(content)]) == ends_and_skips([len(content)])
