from collections.abc import Callable

import numpy as np
import pytest
from growth.layers import Array
from growth.policy import Policy, entropy, entropy_of
from growth.ppo import Learner, Rollout, Samples, advantages_of, samples_of
from growth.settings import Settings

Slopes = Callable[[Callable[[], float], Array], Array]
Rng = np.random.Generator

FEATURES, ACTIONS, ROWS = 4, 5, 12
SETTINGS = Settings()


def drawn(rng: Rng) -> Samples:
    """Samples of an older policy, so that some ratios are beyond the clip and some are not."""
    legal = rng.uniform(size=(ROWS, ACTIONS)) < 0.7
    actions = rng.integers(0, ACTIONS, size=ROWS)
    legal[np.arange(ROWS), actions] = True
    return Samples(
        observations=rng.normal(size=(ROWS, FEATURES)),
        legal=legal,
        actions=actions,
        log_chances=np.log(rng.uniform(0.1, 0.6, size=ROWS)),
        advantages=rng.normal(size=ROWS),
        returns=rng.normal(size=ROWS),
    )


def learner(rng: Rng) -> Learner:
    return Learner(Policy(FEATURES, ACTIONS, rng), SETTINGS, rng)


def clipped_objective(policy: Policy, batch: Samples) -> float:
    """The loss as the paper has it, written down once more and plainly."""
    logs = policy.log_probabilities(batch.observations, batch.legal)
    ratios = np.exp(logs[np.arange(ROWS), batch.actions] - batch.log_chances)
    held = np.clip(ratios, 1 - SETTINGS.clip_ratio, 1 + SETTINGS.clip_ratio)
    gains = np.minimum(ratios * batch.advantages, held * batch.advantages)
    return -float(gains.mean() + SETTINGS.entropy_coef * entropy(logs).mean())


def test_the_actor_s_slopes_agree_with_finite_differences(slopes_of: Slopes, rng: Rng) -> None:
    learning, batch = learner(rng), drawn(rng)
    learning.actor_slopes(batch)
    for weight in learning.policy.actor.weights():
        slope = weight.slope.copy()
        found = slopes_of(lambda: clipped_objective(learning.policy, batch), weight.value)
        assert slope == pytest.approx(found, abs=1e-6)


def test_the_critic_s_slopes_agree_with_finite_differences(slopes_of: Slopes, rng: Rng) -> None:
    learning, batch = learner(rng), drawn(rng)
    learning.critic_slopes(batch)
    for weight in learning.policy.critic.weights():
        slope = weight.slope.copy()

        def loss() -> float:
            errors = learning.policy.values(batch.observations) - batch.returns
            return 0.5 * float(np.mean(errors**2))

        assert slope == pytest.approx(slopes_of(loss, weight.value), abs=1e-6)


def test_an_illegal_action_is_never_drawn(rng: Rng) -> None:
    policy = Policy(FEATURES, ACTIONS, rng)
    legal = np.tile([False, True, False, True, False], (200, 1))
    decisions = policy.decide(rng.normal(size=(200, FEATURES)), legal, rng)
    assert {decision.action for decision in decisions} == {1, 3}
    assert all(decision.probabilities.sum() == pytest.approx(1.0) for decision in decisions)


def test_entropy_is_the_logarithm_of_the_choices_when_all_are_equal() -> None:
    assert entropy_of(np.array([0.25, 0.25, 0.25, 0.25, 0.0])) == pytest.approx(np.log(4))
    assert entropy_of(np.array([1.0, 0.0])) == 0.0


def test_with_lambda_1_an_advantage_is_the_return_less_the_value(rng: Rng) -> None:
    rewards, values = rng.normal(size=(6, 2)), rng.normal(size=(6, 2))
    discounts = 0.9 ** np.arange(6)
    returns = [(discounts[: 6 - n, None] * rewards[n:]).sum(axis=0) for n in range(6)]
    assert advantages_of(rewards, values, 0.9, 1.0) == pytest.approx(np.array(returns) - values)


def test_with_lambda_0_an_advantage_is_one_step_s_surprise(rng: Rng) -> None:
    rewards, values = rng.normal(size=(3, 1)), rng.normal(size=(3, 1))
    following = np.vstack([values[1:], [[0.0]]])
    found = advantages_of(rewards, values, 0.9, 0.0)
    assert found == pytest.approx(rewards + 0.9 * following - values)


def test_the_policy_learns_which_action_pays(rng: Rng) -> None:
    learning = learner(rng)
    seen, legal = np.ones((16, 2, FEATURES)), np.ones((16, 2, ACTIONS), dtype=bool)
    for _ in range(30):
        rows = [learning.policy.decide(seen[0], legal[0], rng) for _ in range(16)]
        actions = np.array([[decision.action for decision in row] for row in rows])
        chances = [[decision.probabilities[decision.action] for decision in row] for row in rows]
        values = np.array([[decision.value for decision in row] for row in rows])
        paid = (actions == 3).astype(float)
        rollout = Rollout(seen, legal, actions, np.log(chances), values, paid)
        learning.update(samples_of(rollout, SETTINGS))
    (chances,) = np.exp(learning.policy.log_probabilities(seen[0, :1], legal[0, :1]))
    assert chances[3] > 0.8
