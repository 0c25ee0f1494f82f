import pytest
from hypothesis import given
from hypothesis import strategies as st
from karn_view.cursor import OFFSET_DIGITS, START, Cursor
from karn_view.errors import KarnViewError


@given(st.text(min_size=1), st.integers(0, 10**OFFSET_DIGITS - 1))
def test_what_a_cursor_writes_it_reads_back(generation: str, offset: int) -> None:
    cursor = Cursor(generation, offset)
    assert Cursor.parse(str(cursor)) == cursor


def test_somebody_who_has_nothing_starts_at_zero() -> None:
    assert str(START) == "0:0"
    assert Cursor.parse("0:0") == START


def test_the_last_colon_ends_the_generation() -> None:
    assert Cursor.parse("a:b:7") == Cursor("a:b", 7)


@pytest.mark.parametrize(
    "text", ["", ":", "7", "a", "a:", ":7", "a:-1", "a:+1", "a:1.0", "a: 1", "a:1 ", "a:x", "a:²"]
)
def test_anything_else_is_no_cursor(text: str) -> None:
    with pytest.raises(KarnViewError, match="not a cursor"):
        Cursor.parse(text)


def test_arabic_digits_are_no_offset() -> None:
    with pytest.raises(KarnViewError):
        Cursor.parse("a:\N{ARABIC-INDIC DIGIT THREE}")


def test_what_is_said_about_a_wrong_cursor_is_one_short_line() -> None:
    with pytest.raises(KarnViewError) as raised:
        Cursor.parse("x\n" * 10_000)
    assert len(str(raised.value)) < 250
    assert "\n" not in str(raised.value)
