"""A small training from start to end, and whether what it says of itself is true."""

from collections import Counter
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from growth.digits import Digits, Part, load
from growth.reports import brief
from growth.reward import POINTS, Reward, potential, reward_of
from growth.seed import Stage
from growth.settings import Settings
from growth.training import Progress, Training
from growth.watch import Diverged

from karn import TelemetryEvent

SETTINGS = Settings(episodes=7, envs=3, epochs=12, seed=3)


def trained(settings: Settings) -> tuple[list[TelemetryEvent], list[Progress]]:
    digits = Digits(*(Part(part.x[:200], part.y[:200]) for part in load(settings.seed)))
    said: list[TelemetryEvent] = []
    told: list[Progress] = []
    Training(digits, settings, said.append).run(told.append)
    return said, told


@cache
def one_training() -> list[TelemetryEvent]:
    return trained(SETTINGS)[0]


def data_of(name: str, kind: str | None = None) -> Iterator[dict[str, Any]]:
    for event in one_training():
        assert event.data is not None
        if event.event_type == name and event.data.get("kind") == kind:
            yield dict(event.data)


def test_every_epoch_of_every_episode_is_reported_once() -> None:
    places = [(d["episode_idx"], d["inner_epoch"]) for d in data_of("EPOCH_COMPLETED")]
    assert sorted(places) == [(ep, epoch) for ep in range(7) for epoch in range(1, 13)]
    assert len(list(data_of("ANALYTICS_SNAPSHOT", "last_action"))) == len(places)


def test_the_last_batch_may_be_smaller() -> None:
    batches = list(data_of("BATCH_EPOCH_COMPLETED"))
    assert [batch["n_envs"] for batch in batches] == [3, 3, 1]
    assert [batch["episodes_completed"] for batch in batches] == [3, 6, 7]
    assert len(list(data_of("PPO_UPDATE_COMPLETED"))) == 3


def test_rewards_are_the_sum_of_their_parts_and_episodes_of_their_rewards() -> None:
    totals: Counter[int] = Counter()
    for action in data_of("ANALYTICS_SNAPSHOT", "last_action"):
        parts = action["reward_components"]
        total = sum(parts[name] for name in Reward._fields)
        assert total == pytest.approx(action["total_reward"], abs=1e-4)
        totals[action["episode_idx"]] += action["total_reward"]
    for outcome in data_of("EPISODE_OUTCOME"):
        assert outcome["episode_reward"] == pytest.approx(totals[outcome["episode_idx"]], abs=1e-3)


def test_shares_add_up_to_what_the_seeds_bring() -> None:
    snapshots = list(data_of("ANALYTICS_SNAPSHOT", "shapley_computed"))
    matrices = list(data_of("COUNTERFACTUAL_MATRIX_COMPUTED"))
    assert snapshots
    for snapshot, matrix in zip(snapshots, matrices, strict=True):
        shares = snapshot["shapley_values"]
        by_mask = {tuple(each["seed_mask"]): each["accuracy"] for each in matrix["configs"]}
        assert list(shares) == matrix["slot_ids"]
        assert len(by_mask) == 2 ** len(shares)
        brought = by_mask[(True,) * len(shares)] - by_mask[(False,) * len(shares)]
        assert sum(share["mean"] for share in shares.values()) == pytest.approx(brought, abs=1e-3)


def test_the_host_alone_is_the_network_with_every_seed_switched_off() -> None:
    epochs = {(d["episode_idx"], d["inner_epoch"]): d for d in data_of("EPOCH_COMPLETED")}
    for matrix in data_of("COUNTERFACTUAL_MATRIX_COMPUTED"):
        epoch = epochs[matrix["episode_idx"], matrix["inner_epoch"]]
        alone, *_, together = (config["accuracy"] for config in matrix["configs"])
        assert alone == epoch["host_accuracy"]
        assert together == epoch["val_accuracy"]


def test_without_seeds_the_network_and_its_twin_are_the_same() -> None:
    bare = [epoch for epoch in data_of("EPOCH_COMPLETED") if epoch["inner_epoch"] <= 3]
    assert bare
    assert all(epoch["val_accuracy"] == epoch["twin_accuracy"] for epoch in bare)


def test_efficiency_is_what_its_formula_says() -> None:
    for epoch in data_of("EPOCH_COMPLETED"):
        expected = epoch["val_accuracy"] / epoch["host_accuracy"] / epoch["param_ratio"]
        assert epoch["efficiency"] == pytest.approx(expected, rel=1e-4)


def test_the_chances_of_all_operations_add_up_to_one() -> None:
    for action in data_of("ANALYTICS_SNAPSHOT", "last_action"):
        others = sum(chance for _, chance in action["alternatives"])
        assert action["action_confidence"] + others == pytest.approx(1.0, abs=1e-4)


def test_actions_are_counted_as_they_were_taken() -> None:
    taken = Counter(d["action_name"] for d in data_of("ANALYTICS_SNAPSHOT", "last_action"))
    counted: Counter[str] = Counter()
    for distribution in data_of("ANALYTICS_SNAPSHOT", "action_distribution"):
        counted.update(distribution["action_counts"])
    assert +counted == taken


def test_the_same_seed_gives_the_same_run() -> None:
    def facts(event: TelemetryEvent) -> dict[str, Any]:
        measured_in_time = {"update_time_ms", "compute_time_ms"}
        return {k: v for k, v in (event.data or {}).items() if k not in measured_in_time}

    again, _ = trained(SETTINGS)
    assert [facts(event) for event in again] == [facts(event) for event in one_training()]


def test_too_high_a_learning_rate_diverges_for_real() -> None:
    with pytest.raises(Diverged):
        trained(Settings(episodes=60, epochs=12, seed=3, lr=1.0, lr_growth=3.0))


def test_numbers_are_brief_and_never_minus_zero() -> None:
    told = brief({"a": [1 / 3, -0.0], "b": float("inf"), "c": 2**60})
    assert str(told) == "{'a': [0.333333, 0.0], 'b': inf, 'c': 1152921504606846976}"


def test_what_a_seed_gains_on_the_way_up_is_lost_by_pruning() -> None:
    up = potential([Stage.HOLDING]) - potential([Stage.DORMANT])
    down = potential([Stage.EMBARGOED]) - potential([Stage.HOLDING])
    assert up == -down > 0.0


def test_a_refused_action_costs_and_a_lead_pays() -> None:
    refused = reward_of(0.0, 1.0, 0.0, action_success=False, useful_fossils=0)
    ahead = reward_of(2.0, 1.0, 0.0, action_success=True, useful_fossils=0)
    assert refused.total < 0.0
    assert ahead.total == pytest.approx(2.0 * POINTS)
