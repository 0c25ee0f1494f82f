"""Numbers that were written as text."""

import math

import pytest
from karn_view.formats.values import Share, Spelled, finite_size, is_gap, spelled


@pytest.mark.parametrize(
    ("text", "value"),
    [("12", 12.0), ("-1.5e-3", -0.0015), (".5", 0.5), ("+3.", 3.0), (" 7 ", 7.0)],
)
def test_a_spelled_number_is_itself(text: str, value: float) -> None:
    assert spelled("loss", text) == Spelled(value, "")


@pytest.mark.parametrize("text", ["1,000", "1 2", "0x10", "1_000", "twelve", "3 of 4", "1e", ""])
def test_other_text_is_no_number(text: str) -> None:
    assert spelled("loss", text) is None


@pytest.mark.parametrize("text", ["nan", "NaN", "-inf", "Infinity", "+Infinity"])
def test_non_finite_numbers_are_numbers(text: str) -> None:
    found = spelled("loss", text)
    assert isinstance(found, Spelled)
    assert not math.isfinite(found.value)
    assert (found.value < 0) == text.startswith("-")


def test_a_percentage_keeps_its_unit() -> None:
    assert spelled("acc", "65.6%") == Spelled(65.6, "%")


def test_a_share_is_a_position_and_a_total() -> None:
    assert spelled("step", "5/400") == Share(5, 400)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0:00:05", 5),
        ("1 day, 2:03:04", 93784),
        ("2:05", 125),
        ("1h 2m 3s", 3723),
        ("11s", 11),
        ("3d 4h", 273600),
    ],
)
def test_a_duration_is_seconds_where_the_name_speaks_of_time(text: str, seconds: float) -> None:
    assert spelled("elapsed_time", text) == Spelled(seconds, "s")
    assert spelled("ratio", text) is None


@pytest.mark.parametrize("name", ["run_id", "version", "git.sha", "model", "date"])
def test_digits_of_a_name_are_no_number(name: str) -> None:
    assert spelled(name, "12") is None


def test_words_for_nothing_are_a_gap() -> None:
    assert all(map(is_gap, ["", "null", "None", " n/a "]))
    assert not is_gap("0")


def test_an_integer_beyond_all_floats_is_infinite() -> None:
    assert finite_size(-(10**400)) == -math.inf
