import math

from telling import event, shown


def test_there_is_no_policy_before_its_first_update() -> None:
    assert shown()["policy"] is None


def test_a_figure_is_of_the_newest_update_or_missing() -> None:
    first = event("PPO_UPDATE_COMPLETED", {"policy_loss": 1.0, "explained_variance": math.nan})
    second = event("PPO_UPDATE_COMPLETED", {"value_loss": 2.0})
    assert shown(first)["policy"]["explained_variance"] == "NaN"
    policy = shown(first, second)["policy"]
    assert (policy["policy_loss"], policy["value_loss"], policy["updates"]) == (None, 2.0, 2)


def test_heads_and_operations_are_named() -> None:
    data = {
        "head_op_entropy": 0.7,
        "head_op_gradient_state": "finite",
        "head_nan_detected": {"op": True, "slot": False},
        "op_q_values": [0.1, None, math.nan],
    }
    policy = shown(event("PPO_UPDATE_COMPLETED", data))["policy"]
    assert policy["heads"]["op"] == {"entropy": 0.7, "gradient_state": "finite", "nan": True}
    assert policy["q_values"] == {"WAIT": 0.1, "SET_ALPHA_TARGET": "NaN"}
