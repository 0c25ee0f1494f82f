import json
import math
import struct
import weakref
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from karn_view.server.encode import (
    COLUMNS,
    PART_BYTES,
    curves_as_binary,
    curves_as_json,
    encode_json,
    in_parts,
    parts_of,
)
from karn_view.store.pyramid import Floats
from karn_view.store.thin import Curve, thin

VALUES = st.lists(st.floats(), max_size=12)


def curve_of(values: list[float], first: float = 0.0) -> Curve:
    rows, y = np.arange(len(values)), np.array(values, np.float64)
    y = np.where(np.isfinite(y), y, np.nan)
    return Curve((rows + first).astype(np.float64), y, y, y, rows, True)


def shown(
    curve: Curve, name: str = "loss", superseded: Curve | None = None, **more: Any
) -> dict[str, Any]:
    return {
        "name": name,
        "points": len(curve.x),
        "curve": curve,
        "superseded": curve_of([]) if superseded is None else superseded,
        "offsets": curve.rows * 100,
        "walls": curve.rows + 0.5,
        "non_finite": [],
        "banded": False,
        "approximate": False,
        **more,
    }


def read_back(data: bytes) -> tuple[dict[str, Any], list[dict[str, Floats]]]:
    """As a browser reads it: the length, the header, then columns of eight bytes a value."""
    (length,) = struct.unpack_from("<I", data)
    header: dict[str, Any] = json.loads(data[4 : 4 + length])
    at, curves = 4 + length, []
    for series in header["series"]:
        columns = {}
        counts = [(name, series["n"]) for name in series["columns"]]
        counts += [("old x", series["superseded"]), ("old y", series["superseded"])]
        for name, count in counts:
            assert at % 8 == 0
            columns[name] = np.frombuffer(data, "<f8", count, at)
            at += 8 * count
        curves.append(columns)
    assert at == len(data)
    return header, curves


def same(found: Floats, expected: Floats) -> bool:
    return np.array_equal(found, expected.astype(np.float64), equal_nan=True)


@given(st.text(max_size=20), st.lists(st.tuples(VALUES, VALUES), max_size=3))
def test_columns_are_read_back_as_they_were(
    name: str, branches: list[tuple[list[float], list[float]]]
) -> None:
    curves = [shown(curve_of(values, -3.0), name, curve_of(old, 1.0)) for values, old in branches]
    header, found = read_back(curves_as_binary(curves, {"axis": name}))
    assert header["axis"] == name
    for curve, series, columns in zip(curves, header["series"], found, strict=True):
        written = (*curve["curve"][:4], curve["offsets"], curve["walls"], *curve["superseded"][:2])
        assert series["name"] == name
        assert all(map(same, columns.values(), written))


def test_the_header_names_the_columns() -> None:
    header, (columns,) = read_back(curves_as_binary([shown(curve_of([1.0, 2.0]))], {}))
    assert tuple(header["series"][0]["columns"]) == COLUMNS
    assert COLUMNS == ("x", "y", "min", "max", "offset", "wall")
    assert columns["offset"].tolist() == [0.0, 100.0]
    assert columns["wall"].tolist() == [0.5, 1.5]


@pytest.mark.parametrize("length", range(9))
def test_columns_begin_at_a_multiple_of_eight_bytes(length: int) -> None:
    data = curves_as_binary([shown(curve_of([1.0]))], {"id": "x" * length})
    (text,) = struct.unpack_from("<I", data)
    assert (4 + text) % 8 == 0


def test_no_curves_are_a_header_alone() -> None:
    header, curves = read_back(curves_as_binary([], {"axis": "step"}))
    assert header == {"axis": "step", "series": []}
    assert curves == []


def test_a_thinned_curve_tells_its_extremes_in_both_forms() -> None:
    curve = thin(curve_of([0.0, 9.0, -9.0, 1.0]), 1)
    item = shown(curve)
    header, (columns,) = read_back(curves_as_binary([item], {}))
    (listed,) = json.loads(curves_as_json([item], {}))["series"]
    assert header["series"][0]["exact"] is listed["exact"] is False
    assert columns["min"].tolist() == listed["min"] == [-9.0]
    assert columns["max"].tolist() == listed["max"] == [9.0]
    assert columns["y"].tolist() == listed["y"] == [1.0]


def test_an_exact_curve_has_no_extremes_of_its_own_in_json() -> None:
    item = shown(curve_of([1.0, math.nan]), superseded=curve_of([4.0], 8.0))
    (listed,) = json.loads(curves_as_json([item], {"axis": "step"}))["series"]
    assert listed == {
        "name": "loss",
        "points": 2,
        "exact": True,
        "banded": False,
        "approximate": False,
        "x": [0.0, 1.0],
        "y": [1.0, None],
        "min": None,
        "max": None,
        "offset": [0, 100],
        "non_finite": [],
        "superseded": {"x": [8.0], "y": [4.0]},
    }


def test_an_exact_curve_of_several_values_at_an_x_has_their_extremes() -> None:
    curve = curve_of([1.0, 2.0])
    listed = json.loads(curves_as_json([shown(curve._replace(high=curve.y + 1))], {}))["series"][0]
    assert (listed["exact"], listed["banded"]) == (True, False)
    assert (listed["min"], listed["max"]) == ([1, 2], [2, 3])


def test_an_exact_curve_with_a_band_has_the_extremes_that_the_file_tells() -> None:
    curve = curve_of([1.0, 2.0])._replace(low=np.array([0.5, 2.0]), high=np.array([3.0, 2.0]))
    (listed,) = json.loads(curves_as_json([shown(curve, banded=True)], {}))["series"]
    assert (listed["exact"], listed["banded"]) == (True, True)
    assert (listed["min"], listed["max"]) == ([0.5, 2.0], [3.0, 2.0])


def test_without_an_old_branch_json_says_so() -> None:
    (listed,) = json.loads(curves_as_json([shown(curve_of([1.0]))], {}))["series"]
    assert listed["superseded"] is None


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_browser_can_read_what_is_not_finite(value: float) -> None:
    assert encode_json({"a": [value]}) == b'{"a":[null]}'


@given(st.lists(st.dictionaries(st.text(max_size=5), st.floats() | st.text(), max_size=3)))
def test_a_message_in_parts_is_the_message(items: list[dict[str, Any]]) -> None:
    for head in ({}, {"type": "runs", "now": 1.5}):
        assert b"".join(in_parts(head, "runs", items)) == encode_json({**head, "runs": items})


def test_a_long_list_comes_in_parts_of_which_none_is_long() -> None:
    items = ["x" * 1_000] * 2_000
    parts = in_parts({}, "items", items)
    assert json.loads(b"".join(parts)) == {"items": items}
    assert max(map(len, parts)) <= PART_BYTES + 1_100


def test_of_the_items_in_a_message_only_the_last_is_kept_until_the_next() -> None:
    class Item(dict[str, int]):
        pass

    def made() -> Iterator[Item]:
        kept: list[weakref.ref[Item]] = []
        for n in range(10):
            assert sum(item() is not None for item in kept) <= 1
            item = Item(n=n)
            kept.append(weakref.ref(item))
            yield item

    assert json.loads(b"".join(in_parts({}, "items", made())))["items"][9] == {"n": 9}


@pytest.mark.parametrize("length", [0, 1, PART_BYTES, PART_BYTES + 1])
def test_what_is_sent_of_a_message_at_a_time_is_its_parts(length: int) -> None:
    message = b"x" * length
    assert b"".join(parts_of(message)) == message
    assert len(parts_of(message)) == max(1, math.ceil(length / PART_BYTES))
    assert parts_of([b"a", message]) == [b"a", message]
