"""The laws of encoding, over nested values of every kind."""

import enum
import json
import math
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from karn.encode import _dumps, encode
from karn.event import TelemetryEvent, TelemetryEventType, envelope
from karn.plain import is_plain, plain


class Colour(enum.Enum):
    RED = 1


class Failing:
    def tolist(self) -> object:
        raise RuntimeError("no")


def has_a_form(atom: Any) -> bool:
    """Whether JSON has a form of its own for this value."""
    if isinstance(atom, str):
        return not any("\ud800" <= char <= "\udfff" for char in atom)
    return not isinstance(atom, float) or math.isfinite(atom)


any_text = st.text(st.characters(exclude_categories=()))  # lone surrogates included
json_atoms = st.none() | st.booleans() | st.integers() | st.floats() | any_text
odd_atoms = st.one_of(
    st.binary(),
    st.decimals(),
    st.fractions(),
    st.complex_numbers(),
    st.dates(),
    st.datetimes(),
    st.datetimes(timezones=st.just(UTC)),
    st.timedeltas(),
    st.uuids(),
    st.sampled_from(
        [Colour.RED, Failing(), object, np.float32("nan"), np.int8(3), np.ones((2, 2))]
    ),
    st.floats(width=32).map(np.float32),
    st.floats().map(np.float64),
    st.integers(10**4299, 10**4301),
)
keys = json_atoms | st.dates() | st.tuples(st.integers()) | st.just(Colour.RED)


def nested(atoms: st.SearchStrategy[Any], keys: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.recursive(
        atoms,
        lambda inner: st.one_of(
            st.lists(inner), st.lists(inner).map(tuple), st.dictionaries(keys, inner)
        ),
        max_leaves=20,
    )


plain_values = nested(json_atoms, st.text())
any_values = nested(json_atoms | odd_atoms, keys)


@given(st.dictionaries(keys, any_values))
def test_every_record_is_one_line_that_strict_parsers_accept(record: dict[str, Any]) -> None:
    line = encode(record)
    assert b"\n" not in line
    assert isinstance(msgspec.json.decode(line), dict)


@given(st.dictionaries(st.text(), plain_values))
def test_both_ways_of_encoding_give_the_same_bytes(record: dict[str, Any]) -> None:
    try:
        fast = _dumps(record).encode() if is_plain(record) else None
    except ValueError:  # refused: only the slow way is taken
        fast = None
    assert fast in (None, _dumps(plain(record)).encode())


@given(any_values)
def test_plain_values_stay_as_they_are(value: Any) -> None:
    once = plain(value)
    assert plain(once) == once


@given(
    st.builds(
        TelemetryEvent,
        event_type=st.sampled_from(TelemetryEventType),
        timestamp=st.datetimes(timezones=st.just(UTC)),
        seed_id=st.none() | st.text(),
        slot_id=st.none() | st.text(),
        epoch=st.none() | st.integers(),
        group_id=st.text(),
        message=st.text(),
        data=st.dictionaries(st.text(), nested(json_atoms.filter(has_a_form), st.text())),
        severity=st.sampled_from(["debug", "info", "warning", "error", "critical"]),
    )
)
def test_encode_then_decode_gives_the_event_back(event: TelemetryEvent) -> None:
    found = json.loads(encode(envelope(event)))
    back = TelemetryEvent(
        **found
        | {
            "event_type": TelemetryEventType[found["event_type"]],
            "timestamp": datetime.fromisoformat(found["timestamp"]),
        }
    )
    assert _lists(back.data) == _lists(event.data)
    back.data = event.data
    assert back == event


def _lists(value: Any) -> Any:
    """JSON has no tuples."""
    if isinstance(value, dict):
        return {key: _lists(item) for key, item in value.items()}
    return [_lists(item) for item in value] if isinstance(value, list | tuple) else value


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_a_decimal_is_never_rounded(value: Decimal) -> None:
    assert Decimal(plain(value)) == value
