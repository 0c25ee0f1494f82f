"""Wall time is known by its value, not by its name."""

import math
from datetime import UTC, datetime

import pytest
from karn_view.formats.clock import is_clock_name, preference, wall_time_s

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC).timestamp()


@pytest.mark.parametrize("scale", [1, 1e3, 1e6, 1e9])
def test_a_number_is_seconds_or_a_thousandth_of_the_one_before(scale: float) -> None:
    assert wall_time_s(int(NOON * scale)) == NOON


@pytest.mark.parametrize("value", [0, 0.0018, -NOON, 5e9, math.nan, math.inf, True, None, [NOON]])
def test_other_values_are_no_time(value: object) -> None:
    assert math.isnan(wall_time_s(value))


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-23T12:00:00Z",
        "2026-11-23 12:00:00+00:00",
        "2026-11-23T13:00:00.000000000+01:00",
        "2026-11-23T12:00:00.000000001Z",
        "2026-11-23_12-00-00Z",
        "1795435200",
        "1795435200.000",
        "2026/11/23 12:00:00Z",
    ],
)
def test_text_is_a_time_in_many_spellings(text: str) -> None:
    assert wall_time_s(text) == pytest.approx(NOON, abs=1e-6)


def test_text_without_a_zone_is_local() -> None:
    local = datetime(2026, 11, 23, 23, 6, 47).astimezone().timestamp()
    assert wall_time_s("2026-11-23_23-06-47") == local
    assert wall_time_s("2026-11-23 23:06:47,500") == local + 0.5


@pytest.mark.parametrize("text", ["", "today", "2026-13-45T00:00:00Z", "0:00:05", "12"])
def test_other_text_is_no_time(text: str) -> None:
    assert math.isnan(wall_time_s(text))


def test_the_finest_clock_comes_first() -> None:
    clocks = {"time": 1795475559, "time_ms": 1795475559262, "time_us": 1795475559262406}
    assert min(clocks, key=lambda key: preference(key, clocks[key])) == "time_us"


def test_names_of_clocks() -> None:
    assert all(map(is_clock_name, ["Time", "@timestamp", "created_at", "wall_time", "_timestamp"]))
    assert not is_clock_name("time/step")
