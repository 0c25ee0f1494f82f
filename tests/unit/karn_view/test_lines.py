from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from karn_view.lines import Line, holes, split, whole

content = st.lists(st.sampled_from([b"a", b"\n", b"\0", b"\r\n", "é".encode()])).map(b"".join)


def test_lines_know_where_they_stand() -> None:
    assert split(b"one\n\ntwo\r\n", 100) == [
        Line(100, b"one"),
        Line(104, b""),
        Line(105, b"two\r"),
    ]


def test_nothing_holds_no_line() -> None:
    assert split(b"", 7) == []


@given(content, st.lists(st.integers(0, 50)))
def test_any_chunking_gives_the_same_lines(data: bytes, cuts: list[int]) -> None:
    data = whole(data)
    ends = sorted({len(whole(data[:cut])) for cut in cuts} | {0, len(data)})
    chunked = [line for start, end in pairwise(ends) for line in split(data[start:end], start)]
    assert chunked == split(data, 0)


@given(content)
def test_offsets_account_for_every_byte(data: bytes) -> None:
    data = whole(data)
    for line in split(data, 0):
        assert data[line.offset :].startswith(line.data + b"\n")
    assert b"".join(line.data + b"\n" for line in split(data, 0)) == data


def test_holes_are_nul_bytes_at_the_start_of_a_line() -> None:
    assert holes(b"\0\0a\0\n\0b\n") == [(0, 2), (5, 6)]


def test_whole_ends_with_the_last_lf() -> None:
    assert whole(b"a\nb\nc") == b"a\nb\n"
    assert whole(b"torn") == b""
