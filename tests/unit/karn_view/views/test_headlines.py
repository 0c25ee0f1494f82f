import math
from typing import Any

import pytest
from telling import Record, epoch, event, seed, shown, snapshot, started

PLAN = {
    "epoch",
    "max_epochs",
    "mode",
    "accuracy",
    "host_accuracy",
    "param_ratio",
    "efficiency",
    "seeds",
    "value_variance",
    "entropy",
    "kl_divergence",
    "recent_actions",
    "alerts",
}


def test_the_dashboard_has_the_fields_of_the_plan() -> None:
    assert set(shown()) >= PLAN


def test_what_was_never_measured_is_missing_and_not_zero() -> None:
    dashboard = shown(started())
    missing = PLAN - {"max_epochs", "seeds", "recent_actions", "alerts"}
    assert {dashboard[name] for name in missing} == {None}
    assert dashboard["seeds"] == dashboard["recent_actions"] == dashboard["alerts"] == []


@pytest.mark.parametrize(
    ("field", "value", "record"),
    [
        ("epoch", 3, epoch(3)),
        ("epoch", 4, event("EPOCH_COMPLETED", {"val_accuracy": 1.0}, epoch=4)),
        ("epoch", 5, event("BATCH_EPOCH_COMPLETED", {"batch_idx": 5})),
        ("epoch", 6, event("PPO_UPDATE_COMPLETED", {"batch": 6})),
        ("epoch", 7, event("PPO_UPDATE_COMPLETED", epoch=7)),
        ("max_epochs", 75, snapshot("heuristic_config", max_epochs=75)),
        ("mode", "shaped", started(reward_mode="shaped")),
        ("mode", "sparse", event("EPISODE_OUTCOME", {"reward_mode": "sparse"})),
        ("mode", "heuristic", snapshot("heuristic_config", mode="heuristic")),
        ("accuracy", 30.0, epoch(1, 30.0)),
        ("accuracy", 31.0, event("BATCH_EPOCH_COMPLETED", {"avg_accuracy": 31.0})),
        ("accuracy", 32.0, event("BATCH_EPOCH_COMPLETED", {"rolling_accuracy": 32.0})),
        ("accuracy", 33.0, event("EPISODE_OUTCOME", {"final_accuracy": 33.0})),
        ("accuracy", 34.0, event("PPO_UPDATE_COMPLETED", {"avg_accuracy": 34.0})),
        ("accuracy", 35.0, event("PPO_UPDATE_COMPLETED", {"rolling_avg_accuracy": 35.0})),
        ("accuracy", 36.0, snapshot(None, accuracy=36.0)),
        ("host_accuracy", 20.0, epoch(1, host_accuracy=20.0)),
        ("host_accuracy", 21.0, snapshot(None, host_accuracy=21.0)),
        ("param_ratio", 1.5, event("EPISODE_OUTCOME", {"env_id": 0, "param_ratio": 1.5})),
        ("param_ratio", 1.6, snapshot(None, param_ratio=1.6)),
        ("efficiency", 1.7, snapshot(None, efficiency=1.7)),
        ("value_variance", 0.25, event("PPO_UPDATE_COMPLETED", {"value_std": 0.5})),
        ("value_variance", 0.3, event("PPO_UPDATE_COMPLETED", {"value_variance": 0.3})),
        ("entropy", 0.7, event("PPO_UPDATE_COMPLETED", {"entropy": 0.7})),
        ("kl_divergence", 0.01, event("PPO_UPDATE_COMPLETED", {"kl_divergence": 0.01})),
        ("kl_divergence", 0.02, event("PPO_UPDATE_COMPLETED", {"approx_kl": 0.02})),
    ],
)
def test_each_field_is_read_now_and_as_it_was_written_then(
    field: str, value: Any, record: Record
) -> None:
    assert shown(record)[field] == value


def test_a_weaker_field_waits_until_the_stronger_has_nothing_newer() -> None:
    batch = event("BATCH_EPOCH_COMPLETED", {"avg_accuracy": 99.0})
    assert shown(batch, epoch(1, 30.0))["accuracy"] == 30.0
    assert shown(epoch(1, 30.0), batch)["accuracy"] == 30.0


def test_after_a_new_training_begins_any_field_may_speak_and_until_then_the_last_value_stays() -> (
    None
):
    batch = event("BATCH_EPOCH_COMPLETED", {"avg_accuracy": 99.0})
    assert shown(epoch(1, 30.0), started())["accuracy"] == 30.0
    assert shown(epoch(1, 30.0), started(), batch)["accuracy"] == 99.0


def test_the_batch_mean_that_calls_itself_host_accuracy_is_not_taken_for_the_host() -> None:
    assert shown(snapshot("batch_stats", host_accuracy=40.0))["host_accuracy"] is None


def test_the_host_is_the_first_configuration_with_every_seed_off() -> None:
    configs = [
        {"seed_mask": [True], "accuracy": 45.0},
        {"seed_mask": [False], "accuracy": 40.0},
        {"seed_mask": [False], "accuracy": 1.0},
    ]
    matrix = event("COUNTERFACTUAL_MATRIX_COMPUTED", {"slot_ids": ["r0c0"], "configs": configs})
    assert shown(matrix)["host_accuracy"] == 40.0


def test_growth_counted_from_zero_becomes_a_ratio_counted_from_one() -> None:
    action = snapshot("last_action", env_id=0, reward_components={"growth_ratio": 0.25})
    assert shown(action)["param_ratio"] == 1.25


def test_living_seeds_make_the_ratio_while_no_episode_reported_one() -> None:
    grown = [started(host_params=1000), epoch(1), seed("GERMINATED", params=250)]
    assert shown(*grown)["param_ratio"] == 1.25
    assert shown(*grown, seed("PRUNED"))["param_ratio"] == 1.0
    unknown_size = seed("GERMINATED", slot="r0c1")
    assert shown(*grown, unknown_size)["param_ratio"] == 1.25


def test_efficiency_compares_what_was_measured_at_one_moment() -> None:
    dashboard = shown(
        epoch(1, 60.0, host_accuracy=50.0, param_ratio=1.2),
        epoch(2, 10.0),
    )
    assert dashboard["efficiency"] == pytest.approx(60.0 / 50.0 / 1.2)
    assert dashboard["gain"] == pytest.approx(10.0)
    assert dashboard["provenance"]["efficiency"]["offset"] == 0


def test_a_measured_nan_is_told_apart_from_a_missing_value() -> None:
    assert shown(epoch(1, math.nan))["accuracy"] == "NaN"
    assert shown(epoch(1, None))["accuracy"] is None
    assert shown(epoch(1, 30.0), epoch(2, None))["accuracy"] == 30.0


def test_numbers_written_as_strings_are_numbers() -> None:
    assert shown(epoch(1, val_loss="NaN"))["val_loss"] == "NaN"
    assert shown(event("PPO_UPDATE_COMPLETED", {"entropy": "0.69"}))["entropy"] == 0.69


def test_every_value_says_which_field_of_which_line_it_came_from() -> None:
    origin = shown(started(), epoch(3, env=1))["provenance"]["accuracy"]
    expected = {"source": "EPOCH_COMPLETED.val_accuracy", "offset": 100, "env_id": 1, "x": 3.0}
    assert expected.items() <= origin.items()


def test_the_episodes_of_a_heuristic_run_are_those_of_its_configuration() -> None:
    configured = snapshot("heuristic_config", mode="heuristic", episodes=3)
    dashboard = shown(configured, started(n_episodes=1), started(n_episodes=1))
    assert (dashboard["max_episodes"], dashboard["trainer"]) == (3, "heuristic")
