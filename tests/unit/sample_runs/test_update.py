import math

import numpy as np
import pytest
from growth.actions import ACTIONS, OPERATIONS
from growth.update import by_operation, explained_variance, kl_divergence, operation_entropy


def test_explained_variance_is_1_for_a_perfect_critic_and_0_for_the_mean() -> None:
    returns = np.array([1.0, 2.0, 4.0])
    assert explained_variance(returns, returns) == 1.0
    assert explained_variance(np.full(3, returns.mean()), returns) == pytest.approx(0.0)


def test_explained_variance_of_equal_returns_is_no_number() -> None:
    assert math.isnan(explained_variance(np.array([1.0, 2.0]), np.array([3.0, 3.0])))


def test_a_policy_does_not_diverge_from_itself_and_does_from_another() -> None:
    one, other = np.log([[0.5, 0.5]]), np.log([[0.9, 0.1]])
    assert kl_divergence(one, one) == 0.0
    expected = 0.5 * math.log(0.5 / 0.9) + 0.5 * math.log(0.5 / 0.1)
    assert kl_divergence(one, other) == pytest.approx(expected)


def test_operations_share_what_their_actions_have() -> None:
    even = np.full((1, len(ACTIONS)), 1 / len(ACTIONS))
    found = dict(zip(OPERATIONS, by_operation(even)[0], strict=True))
    assert sum(found.values()) == pytest.approx(1.0)
    assert found["GERMINATE"] == pytest.approx(12 * found["WAIT"])
    assert operation_entropy(np.log(even)) < math.log(len(OPERATIONS))
