"""Lines are taken alike whether they are decoded together or one by one."""

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from karn_view.formats import taker, text
from karn_view.formats.taker import Form, Taken, Taker
from karn_view.formats.text import Text
from karn_view.lines import LF

FLAT = Form((("step", float), ("loss", float)), ("f0", "f1"), (), None)
TIMED = Form(
    (("time", str), ("done", float), ("at", (("step", float), ("name", str), ("loss", float)))),
    ("f2.f0", "f2.f2"),
    ("f0", "f1"),
    "f1",
)
NUMBERS = st.one_of(
    st.floats().map(repr),
    st.integers().map(str),
    st.sampled_from(
        [
            *("-0.0", "-0", "1e3", "1E-400", "1e999", "NaN", "Infinity", "null", "true", '"1"'),
            *("9007199254740993", "1.7976931348623159e308", "2.2250738585072011e-308", "01", "{}"),
        ]
    ),
)
FLAT_LINES = st.one_of(
    st.builds('{{"step": {}, "loss": {}}}'.format, st.floats(0, 9), st.floats(0, 9)),
    st.builds('{{"step": {}, "loss": {}}}'.format, NUMBERS, NUMBERS),
    st.builds('{{"loss": {}, "step": {}}}\r'.format, NUMBERS, NUMBERS),
)
ODD_LINES = st.sampled_from(
    [
        *("", " ", "{}", "[1]", "1", "\x00", "\ufeff{}", '{"step": 1,', '"loss": 2}', "{", "}"),
        '{"step": 1, "loss": 2}{"step": 3, "loss": 4}',
        '{"step": 1, "loss": 2} {"step": 3, "loss": 4}',
        '{"step": 1, "loss": 2, "step": 3}',
        '{"step": 1, "loss": 2, "other": 3}',
        '{"step": 1}',
        '{"step": 1, "loss": 2},',
        '\t{"st\\u0065p": 1, "loss": 2}',
    ]
)
TIMED_LINES = st.builds(
    '{{"time": "{}", "done": {}, "at": {{"step": {}, "name": "{}", "loss": {}}}}}'.format,
    st.sampled_from(["2026-11-23T22:57:00Z", "soon", "\u00e9", "\\n"]),
    st.one_of(st.just("1.7e9"), NUMBERS),
    NUMBERS,
    st.sampled_from(["a", "\\ud800", "\udcff"]),
    st.floats(0, 9),
)


def lines_of(texts: list[str]) -> list[bytes]:
    return [text.encode("utf-8", "surrogateescape") for text in texts]


def taken_in_parts(form: Form, lines: list[bytes], part: int) -> Taken | None:
    """What is taken when lines that are not of the form are left out."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(taker, "PART", part)
        patch.setattr(text, "PART", part)
        made, whole = Taker(form), Text(b"".join(line + LF for line in lines))
        left = np.arange(len(whole))
        while len(left):
            left = left[made.take(whole, left) :]
            left = left[1:]
        return made.cut() if made.is_used else None


def columns(taken: Taken | None) -> Iterator[tuple[bytes, int]]:
    for column in taken or ():
        yield np.asarray(column).tobytes("F"), column.size


GOOD = '{"step": 1, "loss": 2}'


@given(st.lists(st.one_of(FLAT_LINES, FLAT_LINES, FLAT_LINES, ODD_LINES), max_size=30))
@example([GOOD, GOOD, GOOD, '{"step": 3,', '"loss": 4}', GOOD, GOOD])
@example([GOOD, GOOD, GOOD, "", GOOD, GOOD, GOOD, ""])
@example([GOOD, GOOD, GOOD, f"{GOOD} {GOOD}", GOOD, GOOD])
@example([GOOD, GOOD, GOOD, '{"step": 1,', '"loss": 2}', f"{GOOD}{GOOD}"])
def test_numbers_are_the_same_to_the_bit(texts: list[str]) -> None:
    lines = lines_of(texts)
    alone = [*columns(taken_in_parts(FLAT, lines, len(lines) + 1))]
    assert [*columns(taken_in_parts(FLAT, lines, 1))] == alone
    assert [*columns(taken_in_parts(FLAT, lines, 3))] == alone


@given(st.lists(st.one_of(TIMED_LINES, TIMED_LINES, ODD_LINES), max_size=30))
def test_clocks_and_nested_numbers_are_the_same(texts: list[str]) -> None:
    lines = lines_of(texts)
    alone = [*columns(taken_in_parts(TIMED, lines, len(lines) + 1))]
    assert [*columns(taken_in_parts(TIMED, lines, 2))] == alone
