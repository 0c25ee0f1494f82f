import math
from types import MappingProxyType
from typing import Any

import msgspec
import pytest

from karn.encode import LINE_LIMIT_BYTES, encode
from karn.plain import CONTAINERS_LIMIT, is_plain


def test_a_record_is_one_compact_json_object() -> None:
    assert (
        encode({"loss": 0.5, "text": "é", "none": None})
        == '{"loss":0.5,"text":"é","none":null}'.encode()
    )


def test_an_end_of_line_inside_a_text_does_not_end_the_line() -> None:
    assert b"\n" not in encode({"text": "a\nb\r\n\u2028"})


def test_non_finite_numbers_are_text_at_any_depth() -> None:
    assert encode({"a": [math.nan, {"b": -math.inf}]}) == b'{"a":["NaN",{"b":"-Infinity"}]}'


def test_integers_keep_all_their_digits() -> None:
    assert encode({"seed": 18295924486325041799}) == b'{"seed":18295924486325041799}'


def test_a_lone_surrogate_does_not_cost_the_line() -> None:
    assert msgspec.json.decode(encode({"\ud800": "\udfff"})) == {"\ufffd": "\ufffd"}


def test_a_cycle_does_not_cost_the_line() -> None:
    record: dict[str, Any] = {"step": 1}
    record["self"] = record
    assert encode(record) == b'{"step":1,"self":"<cycle>"}'


def test_a_record_beyond_the_limit_keeps_its_small_fields() -> None:
    found = msgspec.json.decode(
        encode({"event_type": "X", "message": "m" * LINE_LIMIT_BYTES, "data": {"a": "b" * 5000}})
    )
    assert found["event_type"] == "X"
    assert found["message"].startswith("<cut: ")
    assert found["data"]["cut_bytes"] > 5000


def test_a_record_of_too_many_fields_is_cut_as_well() -> None:
    many = {f"{number}{'k' * 1000}": 0 for number in range(LINE_LIMIT_BYTES // 1000)}
    assert len(encode(many)) < 2**20


def test_a_mapping_that_is_no_dict_is_an_object_as_well() -> None:
    assert encode(MappingProxyType({"a": 1})) == b'{"a":1}'


@pytest.mark.parametrize("count", [CONTAINERS_LIMIT - 2, CONTAINERS_LIMIT - 1])
def test_too_many_containers_are_cut_whichever_way_they_go(count: int) -> None:
    record: dict[str, Any] = {"many": [[] for _ in range(count)]}
    assert is_plain(record) is (count == CONTAINERS_LIMIT - 2)
    assert (b"<too large>" in encode(record)) is not is_plain(record)
    assert encode(record)[:-1] + b',"nan":"NaN"}' == encode(record | {"nan": math.nan})


@pytest.mark.parametrize("times", [31, 32, 33, 2000])
def test_depth_is_bounded(times: int) -> None:
    nested: Any = 1
    for _ in range(times):
        nested = {"in": nested}
    msgspec.json.decode(encode(nested))
