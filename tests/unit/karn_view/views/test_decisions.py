from typing import Any

from karn_view.views.decisions import ACTIONS_SHOWN
from telling import Record, epoch, seed, shown, snapshot, started


def decided(action: str, **data: Any) -> Record:
    return snapshot("last_action", env_id=0, action_name=action, action_success=True, **data)


def actions(*records: Record) -> list[tuple[str, Any]]:
    return [(one["action"], one["by"]) for one in shown(*records)["recent_actions"]]


def test_the_newest_action_comes_first() -> None:
    assert actions(decided("WAIT"), decided("PRUNE")) == [("PRUNE", "policy"), ("WAIT", "policy")]


def test_a_seeds_event_stands_for_the_action_where_no_decision_is_told() -> None:
    old = [seed("GERMINATED"), seed("CULLED", initiator="policy"), seed("FOSSILIZED")]
    assert actions(*old) == [("FOSSILIZE", None), ("PRUNE", "policy"), ("GERMINATE", None)]


def test_a_decision_is_not_told_twice() -> None:
    assert actions(seed("GERMINATED"), decided("GERMINATE"), seed("GERMINATED")) == [
        ("GERMINATE", "policy")
    ]


def test_what_the_governor_did_is_told_beside_decisions() -> None:
    governed = seed("PRUNED", initiator="governor")
    assert actions(decided("WAIT"), governed)[0] == ("PRUNE", "governor")


def test_an_older_operation_has_its_name_of_today() -> None:
    assert actions(decided("CULL")) == [("PRUNE", "policy")]


def test_a_decision_comes_with_what_else_there_was() -> None:
    [decision] = shown(
        decided(
            "GERMINATE",
            action_confidence=0.5,
            value_estimate=0.1,
            total_reward=-0.2,
            decision_entropy="0.69",
            alternatives=[["WAIT", 0.5], ["broken"], "odd"],
        )
    )["decisions"]
    assert (decision["confidence"], decision["entropy"]) == (0.5, 0.69)
    assert (decision["value"], decision["reward"]) == (0.1, -0.2)
    assert decision["alternatives"] == [["WAIT", 0.5]]


def test_the_mix_is_the_reported_one_or_else_counted() -> None:
    assert shown()["action_counts"] is None
    assert shown(decided("WAIT"), decided("WAIT"))["action_counts"] == {"WAIT": 2}
    reported = snapshot("action_distribution", action_counts={"WAIT": 9, "CULL": 1})
    assert shown(decided("WAIT"), reported)["action_counts"] == {"WAIT": 9, "PRUNE": 1}
    assert shown(decided("WAIT"), reported, started())["action_counts"] is None


def test_only_the_newest_actions_are_kept() -> None:
    assert len(actions(*[decided("WAIT")] * 50)) == ACTIONS_SHOWN


def test_an_action_stands_where_its_environment_is() -> None:
    [action] = shown(epoch(3), decided("WAIT"))["recent_actions"]
    assert (action["x"], action["offset"], action["wall"]) == (3.0, 100, 1001.0)
