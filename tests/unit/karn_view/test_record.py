"""One line, decoded."""

import math

import pytest
from karn_view.lines import Line
from karn_view.record import Fault, decode, decode_text, is_object_like


def read(data: bytes) -> object:
    return decode(Line(7, data))


@pytest.mark.parametrize(
    "data",
    [b'{"a":1}', b'{"a":1}\r', b' {"a": 1} ', b'\xef\xbb\xbf{"a":1}', b'\x00\x00{"a":1}\x00'],
)
def test_an_object_is_read_whatever_surrounds_it(data: bytes) -> None:
    assert read(data) == {"a": 1}


@pytest.mark.parametrize("data", [b"", b"\r", b"  ", b"\x00\x00"])
def test_a_blank_line_is_nothing(data: bytes) -> None:
    assert read(data) is None


@pytest.mark.parametrize("data", [b"Epoch 3", b"[1, 2]", b"3", b"{'a': 1}", b"null", b"\xff\xfe"])
def test_a_line_that_is_no_object_is_text(data: bytes) -> None:
    assert isinstance(read(data), str)


def test_tokens_of_python_are_numbers() -> None:
    found = read(b'{"a": NaN, "b": -Infinity, "c": 1e999}')
    assert isinstance(found, dict)
    assert math.isnan(found["a"])
    assert (found["b"], found["c"]) == (-math.inf, math.inf)


def test_integers_stay_exact_at_any_size() -> None:
    assert read(b'{"a": 18295924486325041799}') == {"a": 18295924486325041799}
    assert read(b'{"a": 1%s}' % (b"0" * 5000)) == {"a": math.inf}


def test_a_lone_surrogate_becomes_a_question_mark() -> None:
    assert read(b'{"a": "\\ud800", "b": NaN}') is not None
    assert read(b'{"a": "x\\ud800y"}') == {"a": "x?y"}


def test_a_doubled_key_is_the_last() -> None:
    assert read(b'{"a": 1, "a": 2}') == {"a": 2}


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b'{"a": 1', "not JSON"),
        (b'{"a": 1} and more', "not JSON"),
        (b'{"a": "\xff"}', "not UTF-8 at byte 7"),
        (b'{"a":' * 5000 + b"1" + b"}" * 5000, "nested too deeply"),
    ],
)
def test_what_begins_like_an_object_and_is_none_is_a_fault(data: bytes, reason: str) -> None:
    found = read(data)
    assert isinstance(found, Fault)
    assert (found.offset, found.length) == (7, len(data))
    assert found.reason.startswith(reason)


def test_text_inside_a_line_is_read_alike() -> None:
    assert decode_text('{"a": NaN}') is not None
    assert decode_text("[1]") is None
    assert decode_text("{") is None


def test_an_object_begins_with_a_quoted_key() -> None:
    assert is_object_like('{ "a"')
    assert is_object_like("{}")
    assert not is_object_like("{'a': 1}")
