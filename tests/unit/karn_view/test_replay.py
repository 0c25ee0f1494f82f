import math
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from karn_view.replay import PAUSE_MOST_S, TOGETHER_S, pace

Groups = list[tuple[float, list[int]]]

WALLS = st.lists(st.none() | st.floats(0, 1e9), max_size=40)
SPEEDS = st.floats(0.01, 1e4)


def paced(walls: list[float | None], speed: float = 1.0) -> Groups:
    items: list[dict[str, Any]] = [{"wall": wall, "n": n} for n, wall in enumerate(walls)]
    return [(wait, [item["n"] for item in group]) for wait, group in pace(items, speed)]


def test_nothing_takes_no_time() -> None:
    assert paced([]) == []


def test_a_line_waits_as_long_as_it_did() -> None:
    assert paced([100.0, 101.0, 104.0]) == [(0.0, [0]), (1.0, [1]), (3.0, [2])]


def test_twice_the_speed_is_half_the_wait() -> None:
    assert paced([100.0, 101.0, 104.0], 2.0) == [(0.0, [0]), (0.5, [1]), (1.5, [2])]


def test_lines_that_fall_together_are_sent_together() -> None:
    assert paced([0.0, 0.001, 0.002, 1.0, 1.001]) == [(0.0, [0, 1, 2]), (1.0, [3, 4])]


def test_a_night_of_silence_is_cut_short() -> None:
    assert paced([0.0, 30_000.0]) == [(0.0, [0]), (PAUSE_MOST_S, [1])]


def test_a_line_without_a_clock_goes_with_the_one_before() -> None:
    assert paced([None, 5.0, None, 6.0, None]) == [(0.0, [0, 1, 2]), (1.0, [3, 4])]


def test_lines_without_any_clock_are_sent_at_once() -> None:
    items: list[dict[str, Any]] = [{"n": 0}, {"n": 1}]
    assert list(pace(items, 1.0)) == [(0.0, items)]


def test_a_clock_that_was_set_back_is_no_wait() -> None:
    assert paced([10.0, 5.0, 6.0]) == [(0.0, [0, 1]), (1.0, [2])]


@given(WALLS, SPEEDS)
def test_every_item_is_sent_once_in_order(walls: list[float | None], speed: float) -> None:
    sent = [n for _, group in paced(walls, speed) for n in group]
    assert sent == list(range(len(walls)))


@given(WALLS, SPEEDS)
def test_small_waits_add_up_and_none_is_lost(walls: list[float | None], speed: float) -> None:
    known = [wall for wall in walls if wall is not None]
    due = sum(
        min(max(later - sooner, 0.0) / speed, PAUSE_MOST_S) for sooner, later in pairwise(known)
    )
    groups = paced(walls, speed)
    waited = math.fsum(wait for wait, _ in groups)
    assert due - TOGETHER_S - 1e-6 <= waited <= due + 1e-6
    assert all(group for _, group in groups)
    assert all(0.0 <= wait <= PAUSE_MOST_S + TOGETHER_S for wait, _ in groups)
