from hypothesis import given
from hypothesis import strategies as st
from karn_view.tail.spool import Spool


def test_what_was_added_last_can_be_read() -> None:
    spool = Spool(limit_bytes=100)
    spool.add(10, b"abc\n")
    spool.add(14, b"def\n")
    assert spool.read(12, 4) == b"c\nde"
    assert spool.read(10, 100) == b"abc\ndef\n"


def test_what_is_unknown_is_empty() -> None:
    spool = Spool(limit_bytes=100)
    assert spool.read(0, 10) == b""
    spool.add(10, b"abc\n")
    assert spool.read(9, 10) == b""
    assert spool.read(14, 10) == b""


def test_reading_stops_at_a_gap() -> None:
    spool = Spool(limit_bytes=100)
    spool.add(0, b"ab\n")
    spool.add(10, b"cd\n")
    assert spool.read(0, 20) == b"ab\n"
    assert spool.read(10, 20) == b"cd\n"


@given(st.lists(st.integers(1, 30_000), max_size=30))
def test_the_oldest_is_forgotten_beyond_the_limit(sizes: list[int]) -> None:
    spool, end = Spool(limit_bytes=100_000), 0
    for size in sizes:
        spool.add(end, b"x" * size)
        end += size
    kept = next((start for start in range(0, end, 1_000) if spool.read(start, 1)), end)
    assert end - kept <= 100_000
    assert spool.read(kept, end) == b"x" * (end - kept)
