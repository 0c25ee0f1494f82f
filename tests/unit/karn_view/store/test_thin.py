import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from karn_view.store.pyramid import Floats
from karn_view.store.thin import Curve, thin, window

X = st.floats(-1e12, 1e12) | st.integers(-5, 5).map(float)
ODD = st.sampled_from([math.nan, math.inf, -math.inf])
PAIRS = st.lists(st.tuples(X | ODD, X | ODD), max_size=60)


def floats(*values: float) -> Floats:
    return np.array(values, np.float64)


def made(pairs: list[tuple[float, float]]) -> Curve:
    """Points of a strictly ascending x; of equal ones the last."""
    known = sorted({x: y for x, y in pairs if math.isfinite(x)}.items())
    x, y = floats(*(x for x, _ in known)), floats(*(y for _, y in known))
    y = np.where(np.isfinite(y), y, math.nan)
    return Curve(x, y, y, y, np.arange(len(known)), True)


def shape(steps: int) -> Curve:
    return made([(float(x), math.sin(x)) for x in range(steps)])


def same(found: Floats, expected: list[float]) -> bool:
    return np.array_equal(found, floats(*expected), equal_nan=True)


def test_no_points_are_a_curve_too() -> None:
    curve = made([])
    assert [len(column) for column in curve[:5]] == [0] * 5
    assert thin(curve, 10) is curve
    assert len(window(curve, 0.0, 1.0).x) == 0


def test_a_curve_that_fits_stays_as_it_is() -> None:
    curve = shape(10)
    assert thin(curve, 10) is curve
    assert curve.exact


@given(PAIRS, st.integers(1, 20))
def test_every_low_and_high_survives_thinning(
    pairs: list[tuple[float, float]], points: int
) -> None:
    curve = made(pairs)
    thinned = thin(curve, points)
    assert len(thinned.x) <= max(points, 0) or thinned is curve
    begin = 0
    for index, x in enumerate(thinned.x):
        end = int(np.searchsorted(curve.x, x, "right"))
        values = [value for value in curve.y[begin:end].tolist() if not math.isnan(value)]
        if values:
            assert (thinned.low[index], thinned.high[index]) == (min(values), max(values))
        else:
            assert math.isnan(thinned.low[index])
            assert math.isnan(thinned.high[index])
        begin = end
    assert begin == len(curve.x)


@given(PAIRS, st.integers(1, 20))
def test_a_thinned_point_was_really_measured(pairs: list[tuple[float, float]], points: int) -> None:
    curve = made(pairs)
    thinned = thin(curve, points)
    assert set(thinned.rows.tolist()) <= set(curve.rows.tolist())
    assert set(thinned.x.tolist()) <= set(curve.x.tolist())
    measured = set(curve.y[~np.isnan(curve.y)].tolist())
    assert set(thinned.y[~np.isnan(thinned.y)].tolist()) <= measured
    assert (thinned.x[1:] > thinned.x[:-1]).all()


def test_one_spike_among_a_million_is_seen() -> None:
    y = np.zeros(1_000_000)
    y[123_456], y[654_321] = 9.0, -9.0
    rows = np.arange(len(y))
    thinned = thin(Curve(rows.astype(np.float64), y, y, y, rows, True), 500)
    assert not thinned.exact
    assert len(thinned.x) <= 500
    assert (thinned.high.max(), thinned.low.min()) == (9.0, -9.0)


def test_one_gap_among_many_points_does_not_tear_the_line() -> None:
    thinned = thin(made([(float(x), math.nan if x % 7 == 6 else 1.0) for x in range(700)]), 10)
    assert same(thinned.y, [1.0] * len(thinned.x))


def test_a_stretch_without_any_finite_value_stays_a_gap() -> None:
    pairs = [(float(x), math.nan if 200 <= x < 600 else 1.0) for x in range(1000)]
    thinned = thin(made(pairs), 10)
    assert math.isnan(thinned.y[3])
    assert math.isnan(thinned.low[3])
    assert math.isnan(thinned.high[3])


def test_points_far_apart_leave_bins_empty() -> None:
    thinned = thin(made([(0.0, 1.0), (1.0, 2.0), (2.0, 3.0), (1e9, 4.0)]), 3)
    assert thinned.x.tolist() == [2.0, 1e9]
    assert thinned.low.tolist() == [1.0, 4.0]
    assert thinned.high.tolist() == [3.0, 4.0]


@pytest.mark.parametrize(
    ("first", "last", "shown"),
    [
        (None, None, range(10)),
        (3.0, 5.0, range(2, 7)),
        (3.5, 3.6, range(3, 5)),
        (None, 2.0, range(4)),
        (7.0, None, range(6, 10)),
        (-5.0, -1.0, range(1)),
        (20.0, 30.0, range(9, 10)),
    ],
)
def test_a_window_has_a_point_beyond_each_side(
    first: float | None, last: float | None, shown: range
) -> None:
    part = window(shape(10), first, last)
    assert part.rows.tolist() == list(shown)
    assert [len(column) for column in part[:5]] == [len(shown)] * 5
    assert part.exact
