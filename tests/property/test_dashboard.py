"""The laws of the folds: no field breaks them, and a snapshot is as good as the whole past."""

import json
import math
from collections.abc import Iterator
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from karn_view.formats.karn import KarnDialect, is_karn
from karn_view.formats.karn.vocabulary import EVENT_TYPES
from karn_view.views import Dashboard
from telling import Record, epoch, event, fold, seed, snapshot, started

TYPICAL: list[Record] = [
    started(slot_ids=["r0c0", "r0c1"]),
    snapshot("heuristic_config", mode="heuristic", episodes=3, max_epochs=20),
    epoch(1),
    epoch(2, seeds={"r0c0": {"stage": "TRAINING", "alpha": 0.1}, "__aggregate__": {"x": 1.0}}),
    epoch(1, env=1, host_accuracy=40.0, param_ratio=1.1),
    seed("GERMINATED", blueprint_id="norm", params=33, alpha=0.0),
    seed("STAGE_CHANGED", from_stage="GERMINATED", to_stage="TRAINING"),
    seed("CULLED", reason="old", initiator="governor", improvement=1.0),
    seed("FOSSILIZED", params_added=40, counterfactual=2.0),
    event("BATCH_EPOCH_COMPLETED", {"batch_idx": 1, "avg_accuracy": 3.0, "total_episodes": 4}),
    event("EPISODE_OUTCOME", {"env_id": 0, "final_accuracy": 30.0, "param_ratio": 1.2}),
    event(
        "PPO_UPDATE_COMPLETED",
        {"entropy": 8.4, "head_op_entropy": 0.7, "value_std": 0.2, "op_q_values": [0.1, 0.2]}
        | {"head_nan_detected": {"op": False}, "kl_divergence": math.nan, "approx_kl": 0.1},
    ),
    snapshot(
        "last_action",
        env_id=0,
        inner_epoch=2,
        action_name="CULL",
        slot_id="r0c0",
        total_reward=0.1,
        decision_entropy="0.69",
        alternatives=[["WAIT", 0.5]],
        reward_components={"seed_contribution": 1.0, "host_baseline_acc": 3.0, "val_acc": 5.0},
    ),
    snapshot("shapley_computed", env_id=0, shapley_values={"r0c0": {"mean": 1.0, "std": 0.1}}),
    snapshot("action_distribution", action_counts={"WAIT": 3}),
    snapshot(None, accuracy=5.0, seeds=[{"slot_id": "r0c0", "contribution": 1.0, "params": 5}]),
    event(
        "COUNTERFACTUAL_MATRIX_COMPUTED",
        {"slot_ids": ["r0c0"], "configs": [{"seed_mask": [False], "accuracy": 3.0}]},
    ),
    event("GRADIENT_ANOMALY", {"anomaly_type": "x", "detail": "y"}, severity="warning"),
    event("METRICS", {"step": 3, "metrics": {"train": {"loss": 0.1}, "val_loss": math.inf}}),
    event("RUN_OPENED", {"run_id": "a", "pid": 3, "config": {"lr": 0.1}}),
    event("HEARTBEAT", {"uptime_s": 3.0}),
    event("EVENTS_DROPPED", {"count": 3, "ranges": [[1, 3]]}),
    event("RUN_CLOSED", {"status": "failed", "error": {"type": "E", "message": "m"}}),
]

ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(min_value=2**60, max_value=2**400),
    st.floats(),
    st.text(max_size=12),
    st.sampled_from(["NaN", "-Infinity", "1e999", "\ud800", "r0c0", "1_0", "", "CULLED"]),
    st.lists(st.one_of(st.none(), st.floats(), st.text(max_size=3)), max_size=3),
    st.dictionaries(st.text(max_size=3), st.one_of(st.none(), st.floats()), max_size=3),
    st.just({"\udfff": {"stage": "\ud800", "mean": "x"}}),
    st.just([[], {}, [None], [["WAIT", "x"]], {"seed_mask": 3, "slot_id": []}]),
)


def paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place inside a record."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in pairs:
        yield (*path, key)
        if isinstance(inner, dict | list):
            yield from paths(inner, (*path, key))


def replaced(value: Any, path: tuple[Any, ...], odd: Any) -> Any:
    """A copy with one place changed, or with a key gone where the new value is `...`."""
    key, *rest = path
    copy = value.copy()
    if rest:
        copy[key] = replaced(value[key], tuple(rest), odd)
    elif odd is ... and isinstance(copy, dict):
        del copy[key]
    else:
        copy[key] = None if odd is ... else odd
    return copy


@st.composite
def mutated(draw: st.DrawFn) -> Record:
    record = draw(st.sampled_from(TYPICAL))
    for _ in range(draw(st.integers(0, 3))):
        places = [path for path in paths(record) if path != ("event_type",)]
        if places:
            odd = draw(st.one_of(ODD, st.just(...)))
            record = replaced(record, draw(st.sampled_from(places)), odd)
    return record


RECORDS = st.lists(
    st.one_of(
        mutated(),
        st.builds(
            event,
            st.sampled_from(sorted(EVENT_TYPES)),
            st.dictionaries(st.sampled_from(["env_id", "slot_id", "inner_epoch", "x"]), ODD),
        ),
        st.dictionaries(st.sampled_from(["event_type", "data", "severity", "loss"]), ODD),
    ),
    max_size=25,
)


def apply(dashboard: Dashboard, records: list[Record], first: int = 0) -> Dashboard:
    for number, record in enumerate(records, start=first):
        fold(dashboard, number, record, math.nan if number % 5 == 0 else float(number))
    return dashboard


@given(RECORDS)
def test_no_field_of_any_event_breaks_the_dashboard(records: list[Record]) -> None:
    shown = apply(Dashboard(), records).dashboard()
    json.dumps(shown, allow_nan=False, ensure_ascii=False).encode("utf-8")


@given(RECORDS, st.integers(0, 25))
def test_a_snapshot_stands_for_the_records_before_it(records: list[Record], cut: int) -> None:
    before, after = records[:cut], records[cut:]
    loaded = Dashboard.load(apply(Dashboard(), before).dump())
    resumed = apply(loaded, after, first=len(before))
    whole = apply(Dashboard(), records)
    assert resumed.dashboard() == whole.dashboard()
    assert resumed.evidence == whole.evidence
    assert resumed.karn == whole.karn


@given(RECORDS)
def test_looking_at_the_dashboard_does_not_change_it(records: list[Record]) -> None:
    dashboard = Dashboard()
    for number, record in enumerate(records):
        fold(dashboard, number, record, 1.0)
        dashboard.dashboard()
    looked_at_once = Dashboard()
    for number, record in enumerate(records):
        fold(looked_at_once, number, record, 1.0)
    assert dashboard.dashboard() == looked_at_once.dashboard()


@given(RECORDS)
def test_no_field_of_any_event_breaks_the_dialect(records: list[Record]) -> None:
    dialect = KarnDialect()
    for record in filter(is_karn, records):
        understood = dialect.understand(record)
        assert all(isinstance(value, float) for _, value in understood.points)
        json.dumps([name for name, _ in understood.points]).encode("utf-8")
        understood.type.encode("utf-8")


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 9)), max_size=60))
def test_no_environment_ever_moves_back_on_the_axis(epochs: list[tuple[int, int]]) -> None:
    dialect = KarnDialect()
    places: dict[int, float] = {}
    for env, inner_epoch in epochs:
        x = dialect.understand(epoch(inner_epoch, env=env)).x
        assert x >= places.get(env, 0.0)
        assert dialect.position >= x
        places[env] = x
