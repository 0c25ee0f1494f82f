import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from karn_view.formats.points import Points
from karn_view.formats.rows import Batch, Mark, Row
from karn_view.store import Store, pyramid, seen, series
from karn_view.store.pyramid import Pyramid
from karn_view.store.seen import Seen, see
from karn_view.store.store import AXES
from karn_view.store.thin import Stretch

LINE_BYTES = 10
ODD = st.sampled_from([math.nan, math.inf, -math.inf])
VALUES = st.floats(-9, 9).map(lambda value: value + 0.0) | ODD
WHOLE = Stretch()
small = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a few points make several levels."""
    monkeypatch.setattr(pyramid, "FACTOR", 2)
    monkeypatch.setattr(series, "SETTLED", 4)
    monkeypatch.setattr("karn_view.store.store.SETTLED", 4)


def stored(points: list[tuple[float, float, float]], marks: list[Mark], cut: int) -> Store:
    """Rows of x, wall and value in batches of ``cut``; every third row has no value."""
    store = Store()
    rows = [_row(index, *point) for index, point in enumerate(points)]
    for start in range(0, len(rows), cut):
        ours = [mark for mark in marks if start <= mark.row < start + cut]
        store.append(Batch(rows[start : start + cut], ours, None))
    return store


def _row(index: int, x: float, wall: float, value: float) -> Row:
    points = Points.of([("loss", value)] if index % 3 else [])
    return Row(index * LINE_BYTES, "metric", "train", "", wall, x, True, points, None, "")


def ascending(values: list[float]) -> list[tuple[float, float, float]]:
    return [(float(index), 1e9 + index / 2, value) for index, value in enumerate(values)]


def plainly(store: Store, axis: str, asked: Stretch) -> Seen:
    return seen._any(store, "loss", axis, asked)


def same(found: Seen, expected: Seen) -> bool:
    columns = zip(
        (*found.curve[:5], *found.superseded[:5]),
        (*expected.curve[:5], *expected.superseded[:5]),
        strict=True,
    )
    return (
        found.curve.exact == expected.curve.exact
        and all(np.array_equal(one, other, equal_nan=True) for one, other in columns)
        and repr(list(found.odd)) == repr(list(expected.odd))
    )


EDGE = st.none() | st.floats(-5, 70) | st.integers(-1, 60).map(float)
ASKED = st.builds(
    Stretch, EDGE, EDGE, st.integers(1, 20), st.none() | st.integers(0, 70).map(LINE_BYTES.__mul__)
)


@small
@given(st.lists(VALUES, min_size=2, max_size=60), st.integers(1, 30), ASKED, st.sampled_from(AXES))
def test_the_quick_way_shows_what_the_plain_one_does(
    values: list[float], cut: int, asked: Stretch, axis: str
) -> None:
    store = stored(ascending(values), [], cut)
    quick = seen._straight(store, "loss", axis, asked, store.limit(asked.until))
    assert quick is not None
    assert same(quick, plainly(store, axis, asked))


X = st.integers(0, 60).map(float) | st.just(math.nan) | st.just(math.inf)


@small
@given(
    st.lists(st.tuples(X, X, VALUES), min_size=2, max_size=40),
    st.sets(st.integers(1, 39), max_size=2),
    st.integers(1, 30),
    ASKED,
    st.sampled_from(AXES),
)
def test_any_history_is_shown_as_the_plain_way_does(
    points: list[tuple[float, float, float]],
    resumes: set[int],
    cut: int,
    asked: Stretch,
    axis: str,
) -> None:
    marks = [Mark(row, "resume", 20.0, "") for row in sorted(resumes) if row < len(points)]
    store = stored(points, marks, cut)
    assert same(see(store, "loss", axis, asked), plainly(store, axis, asked))


def test_what_ascends_is_not_looked_at_point_by_point(monkeypatch: pytest.MonkeyPatch) -> None:
    store = stored(ascending([1.0] * 90), [], 7)
    monkeypatch.delattr(Store, "curve")
    assert len(see(store, "loss", "step", WHOLE._replace(points=10)).curve.x) == 10


@pytest.mark.parametrize("late", [2, 32, 59])
def test_one_step_back_is_noticed_wherever_it_stands(late: int) -> None:
    points = ascending([float(n) for n in range(60)])
    points[late] = (-1.0, *points[late][1:])
    store = stored(points, [], 7)
    assert seen._straight(store, "loss", "step", WHOLE, len(store)) is None
    assert same(see(store, "loss", "step", WHOLE), plainly(store, "step", WHOLE))


def test_a_revised_axis_is_looked_at_again() -> None:
    store = stored(ascending([float(n) for n in range(30)]), [], 7)
    row = _row(31, 99.0, 2e9, 5.0)
    store.append(Batch([row], [], [float(-n) for n in range(30)]))
    assert same(see(store, "loss", "step", WHOLE), plainly(store, "step", WHOLE))
    store.append(Batch([], [], [float(n) for n in range(31)]))
    assert seen._straight(store, "loss", "step", WHOLE, len(store)) is not None


@small
@given(st.lists(VALUES, max_size=80), st.lists(st.integers(0, 80), min_size=2), st.integers(1, 9))
def test_extremes_of_any_stretch_are_those_of_its_values(
    values: list[float], cuts: list[int], step: int
) -> None:
    column, levels = np.array(values), Pyramid()
    for end in range(0, len(values) + 1, step):
        levels.extend(column[:end])
    at = sorted({min(cut, len(values)) for cut in cuts})
    found = levels.over(column, np.array(at[:-1], int), np.array(at[1:], int))
    for index, (start, end) in enumerate(pairwise(at)):
        finite = [place for place in range(start, end) if math.isfinite(values[place])]
        told = [values[place] for place in finite] or [math.nan]
        expected = (min(told), max(told), max(finite, default=-1))
        assert repr(list(found[index].item())) == repr(list(expected))
