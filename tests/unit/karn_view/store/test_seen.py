import math
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from karn_view.formats.points import Points
from karn_view.formats.rows import Batch, Floats, Mark, Row
from karn_view.store import Store, climbs, drawn, pyramid, series
from karn_view.store.pyramid import Places, Pyramid
from karn_view.store.scale import Scale
from karn_view.store.seen import Odd, Seen, see
from karn_view.store.series import Series
from karn_view.store.store import AXES, BY
from karn_view.store.thin import Curve, Stretch, binned, bins, edges, window

LINE_BYTES = 10
ODD = st.sampled_from([math.nan, math.inf, -math.inf])
VALUES = st.floats(-9, 9).map(lambda value: value + 0.0) | ODD
WHOLE = Stretch()
ANY_AXIS = st.sampled_from((*AXES, f"{BY}together", f"{BY}apart"))
small = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])

Point = tuple[float, float, float, float]
Bands = Mapping[int, tuple[float, float]]


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a few points make several levels."""
    monkeypatch.setattr(pyramid, "BLOCK", 4)
    monkeypatch.setattr(pyramid, "FACTOR", 2)
    monkeypatch.setattr(pyramid, "WIDE", 4)
    monkeypatch.setattr(series, "SETTLED", 4)
    monkeypatch.setattr("karn_view.store.store.SETTLED", 4)
    monkeypatch.setattr(drawn, "FEW", 1)
    monkeypatch.setattr("karn_view.store.scale.NEAR", 4)


def stored(points: list[Point], marks: list[Mark], cut: int, bands: Bands | None = None) -> Store:
    """Rows of x, wall, loss and another metric in batches of ``cut``.

    Every third row has no loss; the other metric is ``together`` with it, and ``apart`` from it in
    every second row.
    """
    store = Store()
    rows = [_row(index, *point, (bands or {}).get(index)) for index, point in enumerate(points)]
    for start in range(0, len(rows), cut):
        ours = [mark for mark in marks if start <= mark.row < start + cut]
        store.append(Batch(rows[start : start + cut], ours, None))
    return store


def _row(
    index: int,
    x: float,
    wall: float,
    value: float,
    other: float,
    band: tuple[float, float] | None = None,
) -> Row:
    together = [("loss", value), ("together", other)] if index % 3 else []
    points = Points.of([*together, *([] if index % 2 else [("apart", other)])])
    if band is not None:
        points.add_band("loss", band)
    return Row(index * LINE_BYTES, "metric", "train", "", wall, x, True, points, None, "")


def ascending(values: list[float]) -> list[Point]:
    return [(float(n), 1e9 + n / 2, value, n / 4) for n, value in enumerate(values)]


class Plain(NamedTuple):
    """What is shown of a branch, and the rows of all points that it stands for."""

    curve: Curve
    rows: list[int]


def plainly(
    store: Store, axis: str, asked: Stretch, bands: Bands | None = None
) -> tuple[Plain, Plain, list[Odd]]:
    """What is shown, by a look at each point: what `see` has to agree with."""
    loss, x = store.series["loss"], column(store, axis)
    limit = len(store) if asked.until is None else store.rows_before(asked.until)
    marks = [mark for mark in store.marks if mark.row < limit]
    kept, replaced = dict[int, float](), dict[int, float]()
    for row, value in zip(loss.rows.tolist(), loss.values.tolist(), strict=True):
        later = (mark.x for mark in marks if row < mark.row)
        is_kept = not marks or store.x.view[row] < min(later, default=math.inf)
        if row < limit and math.isfinite(x[row]):
            (kept if is_kept else replaced)[row] = value
    shown, old = (stacked(values, x, asked, bands or {}) for values in (kept, replaced))
    odd = [Odd(row, x[row].item(), kept[row]) for row in shown.rows if not math.isfinite(kept[row])]
    return shown, old, odd


def stacked(values: Mapping[int, float], x: Floats, asked: Stretch, bands: Bands) -> Plain:
    """The window of a branch: one point for all with the same x."""
    stacks: dict[float, list[int]] = {}
    for row in values:
        stacks.setdefault(x[row].item(), []).append(row)
    drawn = []
    for _, rows in sorted(stacks.items()):
        known = [values[row] for row in rows if math.isfinite(values[row])] or [math.nan]
        sides = [bands.get(row, (values[row], values[row])) for row in rows]
        sides = [pair for pair in sides if math.isfinite(pair[0])] or [(math.nan, math.nan)]
        lows, highs = zip(*sides, strict=True)
        drawn.append((known[-1], min(lows), max(highs), rows[-1]))
    y, low, high, last = np.array(drawn).reshape(-1, 4).T
    curve = Curve(np.array(sorted(stacks)), y, low, high, last.astype(np.int64), True)
    shown = window(curve, asked.first, asked.last)
    return Plain(shown, sorted(row for x in shown.x.tolist() for row in stacks[x]))


def column(store: Store, axis: str) -> Floats:
    """The x of every row."""
    if not axis.startswith(BY):
        return store.axis(axis)
    metric, x = store.series[axis.removeprefix(BY)], np.full(len(store), math.nan)
    for row, value in zip(metric.rows.tolist(), metric.values.tolist(), strict=True):
        x[row:] = value
    return x


def same(found: Seen, expected: tuple[Plain, Plain, list[Odd]], points: int) -> bool:
    return (
        alike(found.curve, expected[0], points)
        and alike(found.superseded, expected[1], points)
        and repr(list(found.odd)) == repr(expected[2])
    )


def alike(found: Curve, plain: Plain, points: int) -> bool:
    """Whether a curve is exact, or thinned as it may be if there are more points than asked."""
    expected = plain.curve
    if not found.exact:
        if len(plain.rows) <= points:
            return False
        first, last = expected.x[0].item(), expected.x[-1].item()
        cuts = np.searchsorted(expected.x, edges(first, last, points))
        expected = binned(expected, bins(0, len(expected.x), cuts), exact=False)
    return len(found.x) <= points and all(
        np.array_equal(one, other, equal_nan=True)
        for one, other in zip(found[:5], expected[:5], strict=True)
    )


UNTIL = st.none() | st.integers(0, 80).map(LINE_BYTES.__mul__)
EDGE = st.none() | st.floats(-5, 70) | st.integers(-1, 60).map(float)
ASKED = st.builds(Stretch, EDGE, EDGE, st.integers(1, 20), UNTIL).filter(
    lambda asked: asked.first is None or asked.last is None or asked.first <= asked.last
)
BANDS = st.dictionaries(
    st.integers(0, 80), st.tuples(st.floats(-20, -9), st.floats(9, 20)), max_size=9
)


@small
@given(st.lists(VALUES, min_size=2, max_size=60), st.integers(1, 30), ASKED, BANDS, ANY_AXIS)
def test_what_ascends_is_shown_as_a_look_at_each_point_shows_it(
    values: list[float], cut: int, asked: Stretch, bands: Bands, axis: str
) -> None:
    store = stored(ascending(values), [], cut, bands)
    assert same(see(store, "loss", axis, asked), plainly(store, axis, asked, bands), asked.points)


FINITE = st.integers(0, 60).map(float)
X = FINITE | st.just(math.nan) | st.just(math.inf)


@st.composite
def attempts(draw: st.DrawFn) -> tuple[list[Point], list[Mark]]:
    """Stretches along which every axis ascends; some were resumes, whose x may be another's too."""
    points: list[Point] = []
    marks: list[Mark] = []
    for attempt in range(draw(st.integers(1, 4))):
        x, wall, other = (float(draw(st.integers(0, 40))) for _ in range(3))
        if attempt and draw(st.booleans()):
            marks.append(Mark(len(points), "resume", draw(st.just(x) | FINITE), ""))
        for step in draw(st.lists(st.integers(0, 3), min_size=1, max_size=20)):
            points.append((x, wall, draw(VALUES), other))
            x, wall, other = x + step, wall + step, other + step / 2
    return points, marks


@small
@given(attempts(), st.integers(1, 30), ASKED, BANDS, ANY_AXIS, st.sampled_from([1, 2, 99]))
def test_attempts_over_the_same_x_are_shown_as_a_look_at_each_point_shows_them(
    history: tuple[list[Point], list[Mark]],
    cut: int,
    asked: Stretch,
    bands: Bands,
    axis: str,
    most: int,
) -> None:
    points, marks = history
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(climbs, "MOST", most)
        store = stored([*points, *points[-1:] * 2], marks, cut, bands)
        assert same(
            see(store, "loss", axis, asked), plainly(store, axis, asked, bands), asked.points
        )


@small
@given(
    st.lists(st.tuples(X, X, VALUES, X), min_size=2, max_size=40),
    st.sets(st.integers(1, 39), max_size=2),
    st.integers(1, 30),
    ASKED,
    BANDS,
    ANY_AXIS,
)
def test_any_history_is_shown_as_a_look_at_each_point_shows_it(
    points: list[Point],
    resumes: set[int],
    cut: int,
    asked: Stretch,
    bands: Bands,
    axis: str,
) -> None:
    marks = [Mark(row, "resume", 20.0, "") for row in sorted(resumes) if row < len(points)]
    store = stored(points, marks, cut, bands)
    assert same(see(store, "loss", axis, asked), plainly(store, axis, asked, bands), asked.points)


@small
@given(st.lists(VALUES, min_size=1, max_size=80), st.lists(st.integers(0, 80)), st.integers(1, 9))
def test_extremes_of_any_stretch_are_those_of_its_values(
    values: list[float], cuts: list[int], step: int
) -> None:
    column, levels = np.array(values), Pyramid()
    for end in (*range(0, len(values), step), len(values)):
        levels.extend(column[:end], column[:end], column[:end])
    at = sorted({min(cut, len(values)) for cut in cuts})
    starts, ends = np.array(at[:-1] or [0]), np.array(at[1:] or [len(values)])
    found = (
        *levels.extremes(column, column, starts, ends),
        levels.latest(column, starts, ends),
    )
    for index, (start, end) in enumerate(zip(starts.tolist(), ends.tolist(), strict=True)):
        finite = [place for place in range(start, end) if math.isfinite(values[place])]
        told = [values[place] for place in finite] or [math.nan]
        expected = (min(told), max(told), max(finite, default=-1))
        assert repr([each[index].item() for each in found]) == repr(list(expected))


def test_edges_are_looked_at_only_where_an_extreme_may_be_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    spike, column, levels = np.arange(31, 960, 64), np.zeros(960), Pyramid()
    column[spike], column[spike + 1], column[63] = 1.0, -1.0, 2.0
    levels.extend(column, column, column)
    edges, looked_at = pyramid._edges, list[int]()

    def looked(starts: Places, ends: Places, depths: int) -> Iterator[tuple[int, Places, Places]]:
        looked_at.extend(starts.tolist())
        return edges(starts, ends, depths)

    monkeypatch.setattr(pyramid, "_edges", looked)
    starts = np.append(np.arange(0, 960, 64) - 1, 959)
    starts[0] = 0
    low, high = levels.extremes(column, column, starts[:-1], starts[1:])
    assert low.tolist() == [-1.0] * 15
    assert high.tolist() == [1.0, 2.0, *[1.0] * 13]
    assert looked_at == [0, 63]


@pytest.mark.parametrize("axis", [*AXES, f"{BY}together"])
def test_what_ascends_in_few_stretches_is_not_looked_at_point_by_point(
    axis: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = [(x, wall + 99, value, other + 99) for x, wall, value, other in ascending([2.0] * 150)]
    marks, asked = [Mark(90, "resume", 60.0, "")], WHOLE._replace(points=5)
    store = stored([*ascending([1.0] * 90), *later[60:]], marks, 7, {30: (0.0, 3.0)})
    expected = plainly(store, axis, asked, {30: (0.0, 3.0)})
    monkeypatch.delattr(Series, "exact")
    found = see(store, "loss", axis, asked)
    assert not found.curve.exact
    assert not found.superseded.exact
    assert same(found, expected, asked.points)


def test_a_step_back_is_no_longer_one_when_the_axis_is_revised() -> None:
    store = stored([*ascending([1.0] * 9), *ascending([2.0] * 9)], [], 7)
    assert see(store, "loss", "step", WHOLE).curve.x.tolist() == [1, 2, 4, 5, 7, 8]
    store.append(Batch([], [], [float(n) for n in range(18)]))
    assert len(see(store, "loss", "step", WHOLE).curve.x) == 12
    assert same(see(store, "loss", "step", WHOLE), plainly(store, "step", WHOLE), WHOLE.points)


def test_metrics_of_the_same_records_are_looked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    store = stored(ascending([1.0] * 90), [], 90)
    see(store, "loss", "wall", WHOLE)
    monkeypatch.delattr(climbs, "_found")
    assert len(see(store, "together", "wall", WHOLE).curve.x) == 60


@small
@given(st.lists(FINITE, min_size=1).map(lambda values: sorted({*values})), st.lists(X | ODD))
def test_a_search_finds_what_is_not_below(x: list[float], wanted: list[float]) -> None:
    scale, whole = Scale(np.array(x), None), np.ones(len(wanted), int)
    found = scale.search(np.array(wanted), 0 * whole, len(x) * whole)
    assert found.tolist() == np.searchsorted(x, wanted).tolist()
