import dataclasses
import enum
import math
from collections import OrderedDict, deque, namedtuple
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple
from uuid import UUID

import pytest

from karn.plain import DEPTH_LIMIT, is_plain, plain


class Colour(enum.Enum):
    RED = 1


class Level(enum.IntEnum):
    LOW = 3


class Access(enum.Flag):
    READ = 1
    WRITE = 2


class Point(NamedTuple):
    x: float
    y: float


@dataclasses.dataclass(slots=True)
class Setting:
    rate: float
    colour: Colour


class Broken:
    def __repr__(self) -> str:
        raise RuntimeError("no")


class BrokenMapping(Mapping[str, int]):
    def __getitem__(self, key: str) -> int:
        raise KeyError(key)

    def __iter__(self) -> Iterator[str]:
        raise RuntimeError("no")

    def __len__(self) -> int:
        return 1


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (math.nan, "NaN"),
        (math.inf, "Infinity"),
        (-math.inf, "-Infinity"),
        (True, True),
        (None, None),
        (2**70, 2**70),
        (Colour.RED, "RED"),
        (Level.LOW, 3),
        (Access.READ | Access.WRITE, "READ|WRITE"),
        (Point(1.0, math.nan), {"x": 1.0, "y": "NaN"}),
        (Setting(0.1, Colour.RED), {"rate": 0.1, "colour": "RED"}),
        ((1, (2,)), [1, [2]]),
        (deque([1, 2]), [1, 2]),
        ({3, 1, 2}, [1, 2, 3]),
        (frozenset("a"), ["a"]),
        (OrderedDict(a=1), {"a": 1}),
        (timedelta(minutes=1), 60.0),
        (date(2024, 6, 1), "2024-06-01"),
        (time(1, 2), "01:02:00"),
        (datetime(2024, 6, 1, tzinfo=UTC), "2024-06-01T00:00:00.000000+00:00"),
        (
            datetime(2024, 6, 1, tzinfo=timezone(timedelta(hours=2))),
            "2024-06-01T00:00:00.000000+02:00",
        ),
        (Decimal("0.5"), 0.5),
        (Decimal("0.1"), "0.1"),
        (Decimal("12345678901234567890"), 12345678901234567890),
        (Decimal("1E+1000000"), "1E+1000000"),
        (Decimal("NaN"), "NaN"),
        (Decimal("-Infinity"), "-Infinity"),
        (Fraction(1, 3), "1/3"),
        (1 + 2j, "(1+2j)"),
        (UUID(int=5), "00000000-0000-0000-0000-000000000005"),
        (PurePosixPath("a/b"), "a/b"),
        (b"text", "text"),
        (b"\xff\xfe", "<2 bytes>"),
        (bytearray(b"ab"), "ab"),
        ("a\ud800b", "a\ufffdb"),
        (Broken(), "<unencodable Broken>"),
        (int, "<class 'int'>"),
    ],
)
def test_each_kind_of_value_has_its_form(value: object, expected: object) -> None:
    assert plain(value) == expected
    assert type(plain(value)) is type(expected)


def test_a_naive_time_is_local_time_and_gets_its_offset() -> None:
    naive = datetime(2024, 6, 1, 12)  # noqa: DTZ001  # that is the point
    assert datetime.fromisoformat(plain(naive)) == naive.astimezone()


def test_a_set_of_several_kinds_is_a_list_in_any_order() -> None:
    assert sorted(map(str, plain({1, "a", None}))) == ["1", "None", "a"]


def test_an_integer_too_long_for_decimal_digits_is_hexadecimal_text() -> None:
    assert plain(1 << 20_000) == hex(1 << 20_000)


def test_an_object_that_nothing_is_known_of_is_its_repr_cut() -> None:
    class Long:
        def __repr__(self) -> str:
            return "x" * 1000

    assert plain(Long()) == "x" * 200


def test_a_cycle_is_named_where_it_closes() -> None:
    loop: list[Any] = [1]
    loop.append({"again": loop})
    assert plain(loop) == [1, {"again": "<cycle>"}]


def test_the_same_value_twice_is_no_cycle() -> None:
    shared = [1]
    assert plain([shared, shared]) == [[1], [1]]


def test_what_is_nested_too_deep_is_cut_there() -> None:
    nested: object = "deep"
    for _ in range(DEPTH_LIMIT + 1):
        nested = [nested]
    found = plain(nested)
    for _ in range(DEPTH_LIMIT):
        found = found[0]
    assert found == "<too deep>"


def test_values_that_all_hold_each_other_do_not_take_for_ever() -> None:
    graph: dict[str, Any] = {str(number): {} for number in range(12)}
    for node in graph.values():
        node.update(graph)
    assert "<too large>" in str(plain(graph))


def test_keys_become_text() -> None:
    odd = {1: "a", 1.5: "b", None: "c", (1, 2): "e", Colour.RED: "f", Path("p"): "g"}
    assert list(plain(odd)) == ["1", "1.5", "null", "(1, 2)", "RED", "p"]
    assert plain({True: 0, False: 1, math.nan: 2}) == {"true": 0, "false": 1, "NaN": 2}


def test_keys_that_become_the_same_text_are_told_apart() -> None:
    assert plain({1: "int", "1": "text", "1#2": "own"}) == {
        "1": "int",
        "1#2": "text",
        "1#2#2": "own",
    }


def test_one_value_that_fails_costs_only_itself() -> None:
    assert plain({"good": 1, "bad": BrokenMapping()})["good"] == 1


def test_a_named_tuple_made_at_runtime_keeps_its_names() -> None:
    pair = namedtuple("pair", "left right")
    assert plain(pair(1, 2)) == {"left": 1, "right": 2}


@pytest.mark.parametrize("value", [{1: 2}, {"a": {1, 2}}, {"a": [Point(1, 2)]}, {"a": Level.LOW}])
def test_only_exact_json_types_are_plain(value: dict[str, Any]) -> None:
    assert not is_plain(value)
