import math
from typing import Any

from karn_view.views.environments import RECENT_KEPT
from telling import Record, epoch, event, seed, shown, snapshot, started

GERMINATED = seed("GERMINATED", blueprint_id="norm", params=33, alpha=0.0)
TRAINING = {"r0c0": {"stage": "TRAINING", "alpha": 0.2, "epochs_in_stage": 4}}


def only_slot(*records: Record) -> dict[str, Any]:
    slots = shown(*records)["environments"][0]["slots"]
    assert len(slots) == 1
    return dict(slots[0])


def test_environments_are_kept_apart() -> None:
    dashboard = shown(epoch(1, 10.0, env=0), epoch(1, 20.0, env=2))
    assert [(one["env_id"], one["accuracy"]) for one in dashboard["environments"]] == [
        (0, 10.0),
        (2, 20.0),
    ]


def test_the_mean_accuracy_is_over_what_each_environment_measured_last() -> None:
    story = [epoch(1, 10.0, env=0), epoch(1, 20.0, env=1), epoch(2, 30.0, env=0)]
    assert shown(*story)["accuracy_mean"] == 25.0
    assert shown(epoch(1, None))["accuracy_mean"] is None


def test_an_unknown_environment_is_the_first() -> None:
    assert shown(epoch(1, env=-1))["environments"][0]["env_id"] == 0


def test_a_sparkline_holds_the_newest_epochs_on_the_axis_of_the_charts() -> None:
    recent = shown(*(epoch(n, float(n)) for n in range(1, 100)))["environments"][0][
        "recent_accuracy"
    ]
    assert len(recent) == RECENT_KEPT
    assert recent[-1] == [99.0, 99.0]


def test_slots_are_known_before_a_seed_is_in_them() -> None:
    slots = shown(started(slot_ids=["r0c0", "r0c1"]), epoch(1))["environments"][0]["slots"]
    assert [(slot["slot_id"], slot["stage"]) for slot in slots] == [("r0c0", None), ("r0c1", None)]


def test_the_report_of_an_epoch_says_what_is_in_each_slot() -> None:
    slot = only_slot(epoch(1), GERMINATED, epoch(2, seeds=TRAINING))
    assert (slot["stage"], slot["alpha"], slot["blueprint"]) == ("TRAINING", 0.2, "norm")


def test_a_slot_that_an_epoch_does_not_report_is_dormant() -> None:
    slot = only_slot(epoch(1), GERMINATED, epoch(2, seeds={}))
    assert (slot["stage"], slot["blueprint"], slot["params"]) == ("DORMANT", None, None)


def test_an_epoch_that_reports_no_seeds_at_all_says_nothing_about_slots() -> None:
    aggregate = {"__aggregate__": {"gradient_norm": 0.4}}
    nothing: list[object] = [None, aggregate, []]
    for silent in nothing:
        assert only_slot(epoch(1), GERMINATED, epoch(2, seeds=silent))["stage"] == "GERMINATED"


def test_a_fossilized_seed_stays_until_its_episode_ends() -> None:
    records = [epoch(1), GERMINATED, seed("FOSSILIZED"), epoch(2, seeds={})]
    assert only_slot(*records)["stage"] == "FOSSILIZED"
    assert only_slot(*records, epoch(1))["stage"] == "DORMANT"


def test_older_stages_and_their_fields_are_understood() -> None:
    changed = event("SEED_STAGE_CHANGED", {"slot_id": "r0c0", "to": "PROBATIONARY"})
    assert only_slot(GERMINATED, changed)["stage"] == "HOLDING"
    assert only_slot(GERMINATED, seed("CULLED"))["stage"] == "PRUNED"


def test_the_slot_of_an_older_seed_event_is_in_its_envelope() -> None:
    old = event("SEED_GERMINATED", {"blueprint_id": "norm"}, slot_id="slot_1", seed_id="s")
    slot = only_slot(old)
    assert (slot["slot_id"], slot["stage"], slot["blueprint"]) == ("slot_1", "GERMINATED", "norm")


def test_a_slot_says_which_checks_keep_its_seed_back() -> None:
    failed = seed("GATE_EVALUATED", passed=False, checks_failed=["too_young", "no_gain"])
    assert only_slot(GERMINATED, failed)["blocked_by"] == "too_young, no_gain"
    passed = seed("GATE_EVALUATED", passed=True, checks_failed=[])
    assert only_slot(GERMINATED, failed, passed)["blocked_by"] is None
    changed = seed("STAGE_CHANGED", to_stage="TRAINING")
    assert only_slot(GERMINATED, failed, changed)["blocked_by"] is None


def test_a_contribution_is_taken_from_the_best_source_and_ends_with_its_seed() -> None:
    reward = snapshot(
        "last_action", env_id=0, slot_id="r0c0", reward_components={"seed_contribution": 1.0}
    )
    shapley = snapshot("shapley_computed", env_id=0, shapley_values={"r0c0": {"mean": 2.0}})
    story = [epoch(1), GERMINATED, reward]
    assert shown(*story)["seeds"][0]["contribution"] == 1.0
    assert shown(*story, shapley, reward)["seeds"][0]["contribution"] == 2.0
    assert shown(*story, shapley, GERMINATED)["seeds"][0]["contribution"] is None


def test_a_bounded_zero_beside_no_measurement_is_no_contribution() -> None:
    parts = {"seed_contribution": None, "bounded_attribution": 0.0}
    reward = snapshot("last_action", env_id=0, slot_id="r0c0", reward_components=parts)
    assert shown(epoch(1), GERMINATED, reward)["seeds"][0]["contribution"] is None


def test_a_pruned_seed_leaves_what_it_was_worth() -> None:
    pruned = seed("PRUNED", improvement=-3.9, counterfactual=9.4)
    assert shown(epoch(1), GERMINATED, pruned)["seeds"][0]["contribution"] == 9.4


def test_a_seed_has_points_per_thousand_parameters() -> None:
    grown = seed("GERMINATED", params=500)
    shapley = snapshot("shapley_computed", env_id=0, shapley_values={"r0c0": {"mean": 2.0}})
    assert shown(epoch(1), grown, shapley)["seeds"][0]["efficiency"] == 4.0


def test_the_seeds_of_an_older_analytics_event_are_rows() -> None:
    said = {"slot_id": "slot_0", "blueprint": "norm", "params": 100, "contribution": 1.5}
    row = shown(snapshot(None, seeds=[said]))["seeds"][0]
    assert (row["slot_id"], row["blueprint"], row["params"]) == ("slot_0", "norm", 100)
    assert row["contribution"] == 1.5


def test_an_environment_is_stalled_degraded_or_diverged_by_its_own_course() -> None:
    def status(*records: Record) -> object:
        return shown(*records)["environments"][0]["status"]

    assert status(epoch(1, 10.0), epoch(2, 11.0)) == "improving"
    assert status(*(epoch(n, 10.0) for n in range(1, 14))) == "stalled"
    assert status(*(epoch(n, 50.0 - 2 * n) for n in range(1, 5))) == "degraded"
    assert status(epoch(1, val_loss=math.nan)) == "diverged"
    assert status(seed("GERMINATED")) is None


def test_a_new_episode_begins_a_new_course_and_keeps_the_last_values() -> None:
    stalled = [epoch(n, 10.0) for n in range(1, 14)]
    environment = shown(*stalled, started())["environments"][0]
    assert environment["accuracy"] == 10.0
    assert shown(*stalled, epoch(1, 5.0))["environments"][0]["status"] == "improving"


def test_rewards_add_up_within_an_episode() -> None:
    action = snapshot("last_action", env_id=0, inner_epoch=1, action_name="WAIT", total_reward=0.5)
    environment = shown(epoch(1), action, action)["environments"][0]
    assert (environment["reward"], environment["episode_reward"]) == (0.5, 1.0)
    assert environment["last_action"] == "WAIT"
    assert shown(epoch(1), action, epoch(2), epoch(1))["environments"][0]["episode_reward"] is None
