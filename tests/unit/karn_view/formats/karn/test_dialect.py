import math
from typing import Any

import pytest
from karn_view.formats.karn import KarnDialect, Understood, is_karn
from telling import Record, epoch, event, seed, snapshot, started


def understood(*records: Record) -> list[Understood]:
    dialect = KarnDialect()
    return [dialect.understand(record) for record in records]


def points(*records: Record) -> dict[str, float]:
    return dict(understood(*records)[-1].points)


@pytest.mark.parametrize(
    "record",
    [
        epoch(1),
        event("SOMETHING_NEW"),
        {"event_type": "SEED_CULLED"},
        {"event_type": "NEW", "event_id": "1", "timestamp": "x", "data": None},
        event("HEARTBEAT"),
    ],
)
def test_events_of_both_vocabularies_and_unknown_ones_in_the_envelope_are_karn(
    record: Record,
) -> None:
    assert is_karn(record)


@pytest.mark.parametrize(
    "record",
    [{}, {"step": 1}, {"event_type": 3}, {"event_type": ""}, {"event_type": "click", "data": {}}],
)
def test_other_records_are_not_karn(record: Record) -> None:
    assert not is_karn(record)


def test_epochs_add_up_over_episodes_and_trainings() -> None:
    records = [epoch(1), epoch(2), epoch(1), epoch(2), started(), epoch(2), epoch(3)]
    assert [one.x for one in understood(*records)] == [1.0, 2.0, 3.0, 4.0, 4.0, 6.0, 7.0]


def test_environments_count_for_themselves_and_the_run_stands_where_the_furthest_is() -> None:
    update = event("PPO_UPDATE_COMPLETED", {"batch": 1}, epoch=3)
    records = [epoch(1, env=0), epoch(2, env=0), epoch(1, env=1), seed("PRUNED", env=1), update]
    assert [one.x for one in understood(*records)] == [1.0, 2.0, 1.0, 1.0, 2.0]


def test_a_seed_may_germinate_before_the_first_epoch_of_its_episode_ends() -> None:
    early = seed("GERMINATED", inner_epoch=1)
    assert [one.x for one in understood(epoch(20), early, epoch(1))] == [20.0, 21.0, 21.0]


def test_an_event_that_is_late_does_not_begin_another_episode() -> None:
    late = snapshot("last_action", env_id=0, inner_epoch=4)
    assert [one.x for one in understood(epoch(5), late, epoch(6))] == [5.0, 5.0, 6.0]


def test_the_envelopes_epoch_is_not_trusted_where_it_counts_episodes() -> None:
    germinated = seed("GERMINATED") | {"epoch": 300}
    assert [one.x for one in understood(epoch(4), germinated)] == [4.0, 4.0]


def test_files_without_epochs_count_updates() -> None:
    updates = [event("PPO_UPDATE_COMPLETED", {"batch": n}) for n in (1, 2)]
    by_envelope = [event("PPO_UPDATE_COMPLETED", epoch=n) for n in (1, 2)]
    assert [one.x for one in understood(*updates)] == [1.0, 2.0]
    assert [one.x for one in understood(*by_envelope)] == [1.0, 2.0]


def test_before_the_first_epoch_there_is_no_position() -> None:
    assert math.isnan(understood(started())[0].x)


def test_metrics_of_a_single_environment_are_named_plainly() -> None:
    assert points(epoch(1, 30.0, train_loss=None)) == {"val_accuracy": 30.0, "val_loss": 1.0}


def test_metrics_of_many_environments_carry_their_number() -> None:
    assert points(started(n_envs=2), epoch(1, 30.0))["val_accuracy/env0"] == 30.0
    assert points(epoch(1, env=3))["val_accuracy/env3"] == 50.0


def test_seeds_actions_updates_and_attribution_are_metrics() -> None:
    assert points(epoch(1, seeds={"r0c0": {"alpha": 0.3, "stage": "TRAINING"}})) == {
        "val_accuracy": 50.0,
        "val_loss": 1.0,
        "seeds/r0c0/alpha": 0.3,
    }
    action = snapshot("last_action", env_id=0, total_reward=0.5, decision_entropy="0.69")
    assert points(action) == {"reward": 0.5, "action/decision_entropy": 0.69}
    update = event("PPO_UPDATE_COMPLETED", {"batch": 3, "approx_kl": 0.1, "op_q_values": [0.2]})
    assert points(update) == {"ppo/kl_divergence": 0.1, "ppo/q_value/WAIT": 0.2}
    shapley = snapshot("shapley_computed", env_id=0, shapley_values={"r0c0": {"mean": 2.0}})
    assert points(shapley) == {"shapley/r0c0": 2.0}


def test_values_that_are_not_finite_are_points_and_hashes_are_not() -> None:
    found = points(epoch(1, val_loss="NaN", observation_hash=2**60, odd=True))
    assert math.isnan(found["val_loss"])
    assert set(found) == {"val_accuracy", "val_loss"}


def test_logged_metrics_keep_their_names_and_their_step() -> None:
    logged = event("METRICS", {"step": 7, "metrics": {"loss": 0.1, "train": {"acc": 1}}})
    dialect = KarnDialect()
    [one] = [dialect.understand(logged)]
    assert (one.x, dict(one.points)) == (7.0, {"loss": 0.1, "train/acc": 1.0})
    assert dialect.axis_name == "step"
    dialect.understand(epoch(1))
    assert dialect.axis_name == "epoch"


def test_a_record_keeps_the_type_and_time_it_was_written_with() -> None:
    [one] = understood(event("SEED_CULLED", {}, timestamp="1970-01-01T00:00:05Z", severity="WARN"))
    assert (one.type, one.kind) == ("SEED_CULLED", "event")
    assert (one.event.wall, one.event.severity) == (5.0, "warning")


@pytest.mark.parametrize("timestamp", [None, "yesterday", {}, True])
def test_an_odd_timestamp_is_no_time(timestamp: Any) -> None:
    assert math.isnan(understood(event("X", timestamp=timestamp))[0].event.wall)


def test_the_configuration_is_gathered_and_says_how_long_training_will_be() -> None:
    dialect = KarnDialect()
    opened = event("RUN_OPENED", {"config": {"lr": 0.1}})
    kinds = [
        dialect.understand(one).kind
        for one in (opened, started(n_episodes=12, n_envs=3, compile_mode=None))
    ]
    assert kinds == ["config", "config"]
    assert dialect.config["lr"] == 0.1
    assert "compile_mode" not in dialect.config
    assert dialect.total == 80.0


def test_a_heuristic_run_has_the_episodes_of_its_configuration() -> None:
    dialect = KarnDialect()
    dialect.understand(snapshot("heuristic_config", episodes=3))
    dialect.understand(started(n_episodes=1, max_epochs=75))
    assert dialect.total == 225.0
