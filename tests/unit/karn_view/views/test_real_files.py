"""Real files, read twice: by the folds, and by a script that picks the same fields plainly."""

import json
import math
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from karn_view.formats.karn import KarnDialect, wall_of
from karn_view.views import Dashboard
from telling import Record, fold

SAMPLES = ("finished", "killed", "diverged")
SHARED = ("heuristic_easy", "ppo_killed", "ppo_crashed_nan")
LOSSES = ("val_loss", "train_loss")
ALERT_TYPES = {"DEGRADATION_DETECTED", "PLATEAU_DETECTED"}


@pytest.fixture(params=SAMPLES + SHARED)
def path(request: pytest.FixtureRequest, sample_runs: Path) -> Path:
    if request.param in SAMPLES:
        return sample_runs / f"{request.param}.jsonl"
    shared: Path = request.getfixturevalue("shared_data")
    return shared / "esper" / f"{request.param}.jsonl"


@pytest.fixture
def lines(path: Path) -> list[tuple[int, Record]]:
    """Every whole line of one file as its offset and its record."""
    found, offset = [], 0
    for line in path.read_bytes().splitlines(keepends=True):
        if not line.endswith(b"\n"):
            break
        found.append((offset, json.loads(line)))
        offset += len(line)
    return found


@pytest.fixture
def dashboard(lines: list[tuple[int, Record]]) -> dict[str, Any]:
    folded = Dashboard()
    for offset, record in lines:
        fold(folded, offset, record, wall_of(record["timestamp"]))
    return json.loads(json.dumps(folded.dashboard(), allow_nan=False))  # type: ignore[no-any-return]


def newest(lines: list[tuple[int, Record]], what: str, *path: str) -> Any:
    """The last value that is there at a path of the data of one type or kind of event."""
    found = None
    for _, record in lines:
        if what in (record["event_type"], record["data"].get("kind")):
            value: Any = record["data"]
            for key in path:
                value = (value or {}).get(key)
            found = found if value is None else value
    return plain(found)


def plain(value: Any) -> Any:
    return "NaN" if isinstance(value, float) and math.isnan(value) else value


def test_the_headline_values_are_those_of_the_file(
    lines: list[tuple[int, Record]], dashboard: dict[str, Any]
) -> None:
    assert dashboard["epoch"] == newest(lines, "EPOCH_COMPLETED", "inner_epoch")
    assert dashboard["max_epochs"] == newest(lines, "TRAINING_STARTED", "max_epochs")
    assert dashboard["mode"] == newest(lines, "TRAINING_STARTED", "reward_mode")
    assert dashboard["accuracy"] == newest(lines, "EPOCH_COMPLETED", "val_accuracy")
    assert dashboard["val_loss"] == newest(lines, "EPOCH_COMPLETED", "val_loss")
    assert dashboard["entropy"] == newest(lines, "PPO_UPDATE_COMPLETED", "entropy")
    assert dashboard["entropy_op"] == newest(lines, "PPO_UPDATE_COMPLETED", "head_op_entropy")
    assert dashboard["kl_divergence"] == newest(lines, "PPO_UPDATE_COMPLETED", "kl_divergence")
    std = newest(lines, "PPO_UPDATE_COMPLETED", "value_std")
    assert dashboard["value_variance"] == (None if std is None else std * std)


def test_the_host_is_measured_by_an_epoch_or_by_a_counterfactual(
    lines: list[tuple[int, Record]], dashboard: dict[str, Any]
) -> None:
    host = full = None
    for _, record in lines:
        data = record["data"]
        if record["event_type"] == "COUNTERFACTUAL_MATRIX_COMPUTED":
            host = next(one["accuracy"] for one in data["configs"] if not any(one["seed_mask"]))
            full = next(one["accuracy"] for one in data["configs"] if all(one["seed_mask"]))
        elif data.get("host_accuracy") is not None and record["event_type"] == "EPOCH_COMPLETED":
            host, full = data["host_accuracy"], data["val_accuracy"]
    assert dashboard["host_accuracy"] == host
    assert dashboard["gain"] == (None if host is None else pytest.approx(full - host))


def test_the_parameter_ratio_is_reported_or_follows_from_living_seeds(
    lines: list[tuple[int, Record]], dashboard: dict[str, Any]
) -> None:
    kinds = ("EPISODE_OUTCOME", "EPOCH_COMPLETED")
    said = [one["data"].get("param_ratio") for _, one in lines if one["event_type"] in kinds]
    reported = [ratio for ratio in said if ratio is not None]
    if reported:
        assert dashboard["param_ratio"] == reported[-1]
    else:
        grown = {one["param_ratio_live"] for one in dashboard["environments"]}
        assert dashboard["param_ratio"] in grown


def test_each_environment_ends_on_its_own_last_epoch(
    lines: list[tuple[int, Record]], dashboard: dict[str, Any]
) -> None:
    last = {
        record["data"]["env_id"]: record["data"]
        for _, record in lines
        if record["event_type"] == "EPOCH_COMPLETED"
    }
    shown = {one["env_id"]: one for one in dashboard["environments"]}
    assert shown.keys() == last.keys()
    for env, data in last.items():
        assert shown[env]["accuracy"] == data["val_accuracy"]
        assert shown[env]["epoch"] == data["inner_epoch"]
        assert shown[env]["recent_accuracy"][-1][1] == pytest.approx(data["val_accuracy"], rel=1e-3)


def test_recent_actions_are_the_last_decisions_of_the_file(
    lines: list[tuple[int, Record]], dashboard: dict[str, Any]
) -> None:
    decided = [
        (offset, record["data"]["action_name"], record["data"]["action_success"])
        for offset, record in lines
        if record["data"].get("kind") == "last_action"
    ]
    shown = [(one["offset"], one["action"], one["success"]) for one in dashboard["recent_actions"]]
    if decided:
        assert shown == decided[: -len(shown) - 1 : -1]
    else:
        assert [action for _, action, _ in shown] == ["GERMINATE"] * 3


def test_every_alert_of_the_file_is_counted_with_its_place(
    lines: list[tuple[int, Record]], dashboard: dict[str, Any]
) -> None:
    offsets = {
        offset
        for offset, record in lines
        if record["severity"] in ("warning", "error", "critical")
        or record["event_type"] in ALERT_TYPES
        or record["data"].get("status") == "failed"
        or any(not math.isfinite(float(record["data"].get(loss) or 0.0)) for loss in LOSSES)
    }
    assert dashboard["alerts_count"] == len(offsets)
    assert {offset for one in dashboard["alerts"] for offset in one["offsets"]} == offsets


def test_every_seed_that_germinated_has_a_life(
    lines: list[tuple[int, Record]], dashboard: dict[str, Any]
) -> None:
    counts = Counter(record["event_type"] for _, record in lines)
    lanes = dashboard["lanes"]
    assert len(lanes["lives"]) + lanes["older"] == counts["SEED_GERMINATED"]
    assert dashboard["event_types"] == dict(counts)
    assert dashboard["records"] == len(lines)


def test_shapley_values_are_the_last_of_each_environment(
    lines: list[tuple[int, Record]], dashboard: dict[str, Any]
) -> None:
    last = {
        record["data"]["env_id"]: record["data"]["shapley_values"]
        for _, record in lines
        if record["data"].get("kind") == "shapley_computed"
    }
    shown = {
        one["env_id"]: {slot["slot_id"]: slot["mean"] for slot in one["slots"]}
        for one in dashboard["shapley"]
    }
    assert shown == {
        env: {slot: value["mean"] for slot, value in values.items()} for env, values in last.items()
    }


def test_best_and_worst_episodes_are_those_of_the_file(
    lines: list[tuple[int, Record]], dashboard: dict[str, Any]
) -> None:
    kinds = ("EPISODE_OUTCOME", "heuristic_episode")
    ended = [
        record["data"]["final_accuracy"]
        for _, record in lines
        if record["event_type"] in kinds or record["data"].get("kind") in kinds
    ]
    ranked = dashboard["episodes_ranked"]
    assert [one["accuracy"] for one in ranked["best"]] == sorted(ended, reverse=True)[:5]
    assert [one["accuracy"] for one in ranked["worst"]] == sorted(ended)[:5]
    assert ranked["count"] == len(ended)


def test_the_axis_counts_every_epoch_of_each_environment_once(
    lines: list[tuple[int, Record]],
) -> None:
    dialect = KarnDialect()
    epochs: dict[int, list[float]] = {}
    for _, record in lines:
        x = dialect.understand(record).x
        if record["event_type"] == "EPOCH_COMPLETED":
            epochs.setdefault(record["data"]["env_id"], []).append(x)
    for places in epochs.values():
        assert places == [float(n) for n in range(1, len(places) + 1)]


def test_every_finite_accuracy_and_loss_becomes_a_point(
    lines: list[tuple[int, Record]],
) -> None:
    dialect = KarnDialect()
    found: dict[str, list[Any]] = {}
    for _, record in lines:
        for metric, value in dialect.understand(record).points:
            found.setdefault(metric.partition("/env")[0], []).append(plain(value))
    for metric in ("val_accuracy", "val_loss", "train_loss"):
        written = [record["data"].get(metric) for _, record in lines]
        kinds = [record["event_type"] for _, record in lines]
        expected = [
            plain(value)
            for value, kind in zip(written, kinds, strict=True)
            if kind == "EPOCH_COMPLETED" and value is not None
        ]
        assert found.get(metric, []) == expected
