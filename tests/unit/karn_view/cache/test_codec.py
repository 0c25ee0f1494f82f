import math
from array import array
from collections import deque
from typing import Any

import msgspec
import numpy as np
import pytest
from karn_view.cache.codec import WITHIN_BYTES, Codec, Known, Unknown
from karn_view.cache.known import CODEC
from karn_view.formats.points import Points
from karn_view.formats.rows import Progress
from karn_view.store.column import Column, anonymous
from reading import restored


class Other:
    """Not on any list."""


VALUES = (
    None,
    True,
    7,
    -(1 << 63),
    1 << 70,
    0.1,
    math.inf,
    "",
    "größe",
    "\ud800 alone",
    b"\x00\xff",
    [1, [2, []]],
    (1, ("a", None)),
    {1, 2},
    frozenset("a"),
    {"b": 1, "a": [{}], (1, str): float, None: b""},
    array("d", [1.5, math.inf]),
    bytearray(b"ab"),
    deque([1, 2], 3),
    Progress(1.0, 2.0, "step"),
)


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_a_value_comes_back_as_it_was(value: Any) -> None:
    found = restored(value)
    assert (type(found), found) == (type(value), value)
    assert not isinstance(value, dict) or list(found) == list(value)
    assert not isinstance(value, deque) or found.maxlen == value.maxlen


@pytest.mark.parametrize("value", [np.float64(0.1), np.int32(7), np.bool_(True)], ids=repr)
def test_a_number_of_numpy_comes_back_as_a_plain_one(value: Any) -> None:
    found = restored([value])[0]
    assert (type(found), found) == (type(value.item()), value)


def test_what_is_held_twice_is_one_object_again_and_may_hold_itself() -> None:
    shared: list[Any] = [Points(("a",), (1.0,))]
    shared.append(shared)
    first, second = restored((shared, {"second": shared}))
    assert first is second["second"] is first[1]
    assert first[0] == Points(("a",), (1.0,))


@pytest.mark.parametrize("length", [0, 10, WITHIN_BYTES])
@pytest.mark.parametrize("dtype", ["f8", "i8", "i4", "i2", "i1"])
def test_a_column_comes_back_and_grows(dtype: Any, length: int) -> None:
    column = Column(dtype)
    column.extend(np.ones(length, dtype))
    found = restored({"a": column})["a"]
    for each in (column, found):
        each.room(3)[:] = np.zeros(3, dtype)
    assert found.view.dtype == column.view.dtype
    assert found.view.tolist() == column.view.tolist()


@pytest.mark.parametrize("value", [Other(), [Other], print, memoryview(b"")])
def test_what_is_not_on_the_list_is_not_kept(value: Any) -> None:
    with pytest.raises(Unknown):
        CODEC.keep(value)


def data(*nodes: list[Any]) -> bytes:
    return msgspec.msgpack.encode(([0], nodes))


@pytest.mark.parametrize(
    "node",
    [
        ["type", "print"],
        ["type", "builtins.eval"],
        ["type", "__import__('os')"],
        ["os.system", "true"],
        ["karn_view.tail.tail.Tail", "path", "x"],
        ["karn_view.formats.points.Points", "__class__", 1],
        ["karn_view.formats.rows.Progress", "other", 1],
        ["karn_view.formats.points.Points", "names"],
        ["column", 0],
        ["column", "O", b"12345678"],
        ["array", "u", b"1234"],
        ["list", [7]],
        ["tuple", [0]],
        ["str", "text"],
        [],
        7,
    ],
    ids=repr,
)
def test_data_that_somebody_made_up_gives_no_code_and_is_refused(node: Any) -> None:
    with pytest.raises((ValueError, TypeError, LookupError, RecursionError, msgspec.MsgspecError)):
        CODEC.restore(data(node), (), anonymous)


def test_classes_of_one_name_are_told_apart() -> None:
    codec = Codec((Known(Progress),))
    with pytest.raises(Unknown):
        codec.keep(type("Progress", (), {})())
