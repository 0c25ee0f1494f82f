import pytest
from karn_view.server.pace import Pace


@pytest.fixture
def pace() -> Pace:
    return Pace(4, 1.0)


def arrivals(pace: Pace, count: int, now: float) -> list[float | None]:
    return [pace.wait_s(now) for _ in range(count)]


def test_as_many_as_a_second_takes_come_at_once_and_the_others_queue(pace: Pace) -> None:
    assert arrivals(pace, 7, now=10.0) == [0.0, 0.0, 0.0, 0.0, 0.0, 0.25, 0.5]


def test_who_would_wait_too_long_is_turned_away_and_costs_nobody_a_turn(pace: Pace) -> None:
    assert arrivals(pace, 11, now=10.0)[-4:] == [0.75, 1.0, None, None]
    assert pace.wait_s(10.25) == 1.0


def test_a_rest_saves_no_more_than_a_second(pace: Pace) -> None:
    arrivals(pace, 9, now=10.0)
    assert arrivals(pace, 6, now=99.0) == [0.0, 0.0, 0.0, 0.0, 0.0, 0.25]
