import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from karn_view.formats.points import Points
from karn_view.formats.rows import Batch, Kind, Mark, Row
from karn_view.store import Curve, Store
from karn_view.store.seen import see
from karn_view.store.store import FAULTS_KEPT
from karn_view.store.thin import Stretch, thin

LINE_BYTES = 10


def row(
    index: int,
    x: float,
    points: dict[str, float],
    *,
    wall: float = math.nan,
    kind: Kind = "metric",
    type: str = "train",
    severity: str = "",
) -> Row:
    offset = index * LINE_BYTES
    own = Points.of(points.items())
    return Row(offset, kind, type, severity, wall, x, True, own, None, "")


def stored(xs: list[float], marks: list[Mark] | None = None) -> Store:
    """A store of one metric whose value is the row's number."""
    store = Store()
    rows = [row(index, x, {"loss": float(index)}) for index, x in enumerate(xs)]
    store.append(Batch(rows, marks or [], None))
    return store


def resume(row: int, x: float) -> Mark:
    return Mark(row, "resume", x, "resume")


def pairs(curve: Curve) -> list[tuple[float, float]]:
    return list(zip(curve.x.tolist(), curve.y.tolist(), strict=True))


def superseded(store: Store, until: int | None = None) -> Curve:
    series = store.series["loss"]
    _, places = store.places("loss", "step", until)
    return series.exact(places, store.scale(series, "step"))


def test_a_curve_is_what_was_written() -> None:
    store = stored([1.0, 2.0, 3.0])
    curve = store.curve("loss", "step")
    assert pairs(curve) == [(1.0, 0.0), (2.0, 1.0), (3.0, 2.0)]
    assert curve.exact
    assert pairs(superseded(store)) == []


def test_neighbours_with_equal_x_are_the_last_of_them_and_hide_no_spike() -> None:
    curve = stored([1.0, 2.0, 2.0, 2.0, 3.0]).curve("loss", "step")
    assert pairs(curve) == [(1.0, 0.0), (2.0, 3.0), (3.0, 4.0)]
    assert (curve.low.tolist(), curve.high.tolist()) == ([0, 1, 4], [0, 3, 4])
    assert curve.exact


def test_a_resume_replaces_the_overlap_and_keeps_the_old_branch() -> None:
    store = stored([1.0, 2.0, 3.0, 4.0, 3.0, 4.0, 5.0], [resume(4, 3.0)])
    assert pairs(store.curve("loss", "step")) == [
        (1.0, 0.0),
        (2.0, 1.0),
        (3.0, 4.0),
        (4.0, 5.0),
        (5.0, 6.0),
    ]
    assert pairs(superseded(store)) == [(3.0, 2.0), (4.0, 3.0)]


def test_a_resume_that_has_not_come_as_far_yet_hides_what_the_old_branch_had() -> None:
    store = stored([1.0, 2.0, 3.0, 4.0, 2.0], [resume(4, 2.0)])
    assert store.curve("loss", "step").x.tolist() == [1.0, 2.0]
    assert superseded(store).x.tolist() == [2.0, 3.0, 4.0]


def test_a_second_resume_further_back_replaces_the_first_too() -> None:
    marks = [resume(3, 3.0), resume(5, 2.0)]
    store = stored([1.0, 2.0, 3.0, 3.0, 4.0, 2.0], marks)
    assert pairs(store.curve("loss", "step")) == [(1.0, 0.0), (2.0, 5.0)]


def test_a_curve_of_the_past_knows_nothing_of_a_later_resume() -> None:
    store = stored([1.0, 2.0, 3.0, 2.0, 3.0], [resume(3, 2.0)])
    until = 3 * LINE_BYTES
    assert pairs(store.curve("loss", "step", until)) == [(1.0, 0.0), (2.0, 1.0), (3.0, 2.0)]
    assert pairs(superseded(store, until)) == []
    assert pairs(store.curve("loss", "step", until + 1)) == [(1.0, 0.0), (2.0, 3.0)]


XS = st.lists(st.integers(0, 8).map(float) | st.just(math.nan), min_size=1, max_size=30)


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[float], list[Mark]]:
    xs = draw(XS)
    starts = draw(st.sets(st.integers(1, len(xs)), max_size=4))
    return xs, [resume(start, draw(st.integers(0, 8).map(float))) for start in sorted(starts)]


@given(histories(), st.integers(0, 40))
def test_any_history_until_any_byte_agrees_with_its_model(
    history: tuple[list[float], list[Mark]], rows: int
) -> None:
    xs, marks = history
    current: dict[float, float] = {}
    old: dict[float, float] = {}
    for index, x in enumerate(xs[:rows]):
        later = [mark.x for mark in marks if index < mark.row < min(rows, len(xs))]
        branch = current if all(x < fall for fall in later) else old
        if not math.isnan(x):
            branch[x] = float(index)
    store = stored(xs, marks)
    assert pairs(store.curve("loss", "step", rows * LINE_BYTES)) == sorted(current.items())
    assert pairs(superseded(store, rows * LINE_BYTES)) == sorted(old.items())


@given(histories(), st.integers(0, 30))
def test_batches_of_any_size_make_the_same_store(
    history: tuple[list[float], list[Mark]], cut: int
) -> None:
    xs, marks = history
    rows = [row(index, x, {"loss": float(index)}) for index, x in enumerate(xs)]
    whole, parts = Store(), Store()
    whole.append(Batch(rows, marks, None))
    parts.append(Batch(rows[:cut], [mark for mark in marks if mark.row < cut], None))
    parts.append(Batch(rows[cut:], [mark for mark in marks if mark.row >= cut], None))
    assert pairs(whole.curve("loss", "step")) == pairs(parts.curve("loss", "step"))
    assert whole.offsets.view.tolist() == parts.offsets.view.tolist()


def test_a_revised_axis_replaces_every_x_and_every_mark() -> None:
    store = stored([1.0, 2.0, 1.0], [resume(2, 1.0)])
    before = store.revision
    store.append(Batch([row(3, 40.0, {"loss": 3.0})], [], [10.0, 20.0, 30.0]))
    assert store.revision > before
    assert store.marks == []
    assert pairs(store.curve("loss", "step")) == [
        (10.0, 0.0),
        (20.0, 1.0),
        (30.0, 2.0),
        (40.0, 3.0),
    ]
    mark = resume(4, 30.0)
    store.append(Batch([row(4, 30.0, {"loss": 4.0})], [mark], [10.0, 20.0, 30.0, 40.0]))
    assert store.marks == [mark]


def test_only_points_that_may_have_changed_raise_the_revision() -> None:
    store = stored([1.0])
    store.append(Batch([row(1, 2.0, {"loss": 1.0})], [], None))
    assert store.revision == 0
    store.append(Batch([row(2, 2.0, {"loss": 1.0})], [resume(2, 2.0)], None))
    assert store.revision == 1


def test_what_is_not_finite_is_a_gap_in_the_curve_and_told_by_its_row() -> None:
    store = Store()
    values = [1.0, math.nan, math.inf, -math.inf, 2.0]
    rows = [row(index, float(index), {"loss": value}) for index, value in enumerate(values)]
    store.append(Batch(rows, [], None))
    curve = store.curve("loss", "step")
    assert np.isnan(curve.y).tolist() == [False, True, True, True, False]
    odd = [*see(store, "loss", "step", Stretch()).odd]
    assert [point.row for point in odd] == [1, 2, 3]
    assert math.isnan(odd[0].value)
    assert [point.value for point in odd[1:]] == [math.inf, -math.inf]
    odd = [*see(store, "loss", "step", Stretch(3.5)).odd]
    assert odd == [(3, 3.0, -math.inf)]


def test_a_summary_tells_extremes_of_finite_values_only() -> None:
    store = Store()
    values = [math.nan, 3.0, -1.0, math.inf]
    rows = [row(index, index / 2, {"loss": value}) for index, value in enumerate(values)]
    store.append(Batch([*rows, row(4, 9.0, {"bad": math.nan})], [], None))
    loss, bad = store.summaries()
    assert loss == ("loss", 4, 2, 0.0, 1.5, math.inf, -1.0, 3.0, 0)
    assert (bad.points, bad.non_finite, bad.min, bad.max, bad.start) == (1, 1, None, None, 4)


def test_points_between_rows_know_where_they_stand_in_their_series() -> None:
    store = Store()
    rows = [
        row(index, float(index), {"even" if index % 2 == 0 else "odd": 1.0 * index})
        for index in range(6)
    ]
    store.append(Batch([*rows, row(6, 6.0, {"late": 6.0})], [], None))
    found = [
        (name, start, rows.tolist(), values.tolist())
        for name, start, rows, values in store.points_between(2, 5)
    ]
    assert found == [("even", 1, [2, 4], [2.0, 4.0]), ("odd", 1, [3], [3.0])]
    assert list(store.points_between(7, 9)) == []


def test_points_of_metrics_measured_together_are_looked_for_once() -> None:
    store = Store()
    names = ("loss", "accuracy", "late")
    rows = [row(index, 0.0, dict.fromkeys(names[: 2 + index // 2], 1.0)) for index in range(4)]
    store.append(Batch(rows, [], None))
    loss, accuracy, late = (rows for _, _, rows, _ in store.points_between(1, 4))
    assert loss is accuracy
    assert (loss.tolist(), late.tolist()) == ([1, 2, 3], [2, 3])


@given(st.lists(st.sets(st.sampled_from("abc")), max_size=20), st.integers(0, 20))
def test_points_before_and_after_a_row_are_all_points(named: list[set[str]], cut: int) -> None:
    store = Store()
    rows = [
        row(index, 0.0, dict.fromkeys(sorted(names), float(index)))
        for index, names in enumerate(named)
    ]
    store.append(Batch(rows, [], None))
    seen: dict[str, list[float]] = {}
    for first, end in ((0, cut), (cut, max(len(named), cut))):
        for name, start, _, values in store.points_between(first, end):
            assert start == len(seen.setdefault(name, []))
            seen[name] += values.tolist()
    assert seen == {name: series.values.tolist() for name, series in store.series.items()}


def test_axes_are_the_step_the_clock_and_the_time_since_the_first_clock() -> None:
    store = Store()
    walls = [math.nan, 100.0, 103.0]
    rows = [row(index, 7.0 + index, {"loss": 0.5}, wall=wall) for index, wall in enumerate(walls)]
    store.append(Batch(rows, [], None))
    assert store.axis("step").tolist() == [7.0, 8.0, 9.0]
    assert store.curve("loss", "wall").x.tolist() == [100.0, 103.0]
    assert store.curve("loss", "relative").x.tolist() == [0.0, 3.0]
    assert (store.first_wall, store.last_wall) == (100.0, 103.0)


def test_without_a_clock_there_is_no_wall() -> None:
    store = stored([1.0, 2.0])
    assert math.isnan(store.first_wall)
    assert math.isnan(store.last_wall)
    assert len(store.curve("loss", "relative").x) == 0


@pytest.mark.parametrize(("offset", "rows"), [(0, 0), (1, 1), (10, 1), (11, 2), (999, 3)])
def test_rows_before_a_byte_begin_before_it(offset: int, rows: int) -> None:
    assert stored([1.0, 2.0, 3.0]).rows_before(offset) == rows


def test_faults_are_all_counted_and_the_first_are_kept() -> None:
    store = Store()
    rows = [row(index, 0.0, {}, kind="fault", type="fault") for index in range(FAULTS_KEPT + 5)]
    store.append(Batch([*rows, row(len(rows), 1.0, {"loss": 1.0})], [], None))
    assert store.fault_count == FAULTS_KEPT + 5
    assert store.faults == rows[:FAULTS_KEPT]
    assert store.records == 1


def test_a_row_has_its_type_and_severity() -> None:
    store = Store()
    rows = [
        row(0, 0.0, {}, type="train"),
        row(1, 0.0, {}, type="text", severity="warning"),
        row(2, 0.0, {}, type="train", severity="unheard of"),
    ]
    store.append(Batch(rows, [], None))
    assert [store.type_of(index) for index in range(3)] == ["train", "text", "train"]
    assert store.severities.view.tolist() == [0, 3, 0]


def test_views_taken_earlier_stay_as_they_were_while_the_store_grows() -> None:
    store = stored([1.0, 2.0])
    curve, offsets = store.curve("loss", "step"), store.offsets.view
    store.append(
        Batch([row(index, float(index), {"loss": 0.0}) for index in range(2, 500)], [], None)
    )
    assert pairs(curve) == [(1.0, 0.0), (2.0, 1.0)]
    assert offsets.tolist() == [0, LINE_BYTES]
    assert len(store) == 500


def test_a_mean_has_a_band_where_the_file_tells_one() -> None:
    store = Store()
    rows = [row(index, float(index), {"loss": 2.0}) for index in range(4)]
    rows[1].points.add_band("loss", (1.0, 5.0))
    rows[3].points.add_band("loss", (0.0, 2.5))
    store.append(Batch(rows[:2], [], None))
    store.append(Batch(rows[2:], [], None))
    curve = store.curve("loss", "step")
    assert (curve.low.tolist(), curve.high.tolist()) == ([2, 1, 2, 0], [2, 5, 2, 2.5])
    assert thin(curve, 1).high.tolist() == [5.0]
    assert store.curve("loss", "step", until=2 * LINE_BYTES).high.tolist() == [2, 5]


def test_any_metric_may_be_the_axis_and_is_carried() -> None:
    store = Store()
    found = [{"loss": 1.0}, {"epoch": 0.5, "loss": 2.0}, {"loss": 3.0}, {"epoch": 2.0, "loss": 4.0}]
    store.append(Batch([row(n, float(n), points) for n, points in enumerate(found)], [], None))
    curve = store.curve("loss", "by:epoch")
    assert (curve.x.tolist(), curve.y.tolist()) == ([0.5, 2.0], [3.0, 4.0])
