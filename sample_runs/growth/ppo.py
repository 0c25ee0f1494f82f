"""Proximal policy optimisation, clipped: from a batch of episodes to a better policy. No I/O.

Schulman et al. 2017 (arXiv:1707.06347); advantages after Schulman et al. 2015 (arXiv:1506.02438).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from growth.descent import Adam, clip
from growth.layers import Array
from growth.policy import Policy, entropy
from growth.settings import Settings

ROUNDS = 4
MINIBATCHES = 2
LONGEST_GRADIENT = 1.0
TINY = 1e-8


class Rollout(NamedTuple):
    """What was seen, done and gained; every field is `(epochs, envs, ...)`."""

    observations: Array
    legal: NDArray[np.bool_]
    actions: NDArray[np.int64]
    log_chances: Array
    values: Array
    rewards: Array


class Samples(NamedTuple):
    """The same without order, one decision a row, with what PPO aims at."""

    observations: Array
    legal: NDArray[np.bool_]
    actions: NDArray[np.int64]
    log_chances: Array
    advantages: Array
    returns: Array

    def rows(self, rows: NDArray[np.int64]) -> "Samples":
        return Samples._make(column[rows] for column in self)


class Losses(NamedTuple):
    """Of one minibatch: what is minimised is policy + value - entropy_coef * entropy."""

    policy: float
    value: float
    entropy: float
    gradient_norm: float


def advantages_of(rewards: Array, values: Array, gamma: float, lam: float) -> Array:
    """Returns generalised advantages along the first axis; after the last step comes nothing."""
    following = np.vstack([values[1:], np.zeros_like(values[:1])])
    surprises = rewards + gamma * following - values
    advantages = np.zeros_like(rewards)
    carried = np.zeros_like(rewards[0])
    for step in reversed(range(len(rewards))):
        carried = surprises[step] + gamma * lam * carried
        advantages[step] = carried
    return advantages


def samples_of(rollout: Rollout, settings: Settings) -> Samples:
    """Lays a rollout's decisions out in rows, advantages brought to mean 0 and deviation 1."""
    advantages = advantages_of(rollout.rewards, rollout.values, settings.gamma, settings.gae_lambda)
    returns = advantages + rollout.values
    even = (advantages - advantages.mean()) / (advantages.std() + TINY)
    columns = (rollout.observations, rollout.legal, rollout.actions, rollout.log_chances)
    every = (*columns, even, returns)
    return Samples._make(column.reshape(-1, *column.shape[2:]) for column in every)


class Learner:
    """A policy and its optimiser."""

    def __init__(self, policy: Policy, settings: Settings, rng: np.random.Generator) -> None:
        self.policy = policy
        self._settings = settings
        self._rng = rng
        self._adam = Adam(policy.weights())

    def update(self, samples: Samples) -> list[Losses]:
        """Goes over the samples a few times; returns the losses of every minibatch."""
        return [
            self._step(samples.rows(rows))
            for _ in range(ROUNDS)
            for rows in np.array_split(self._rng.permutation(len(samples.actions)), MINIBATCHES)
        ]

    def _step(self, batch: Samples) -> Losses:
        policy_loss, spread = self.actor_slopes(batch)
        value_loss = self.critic_slopes(batch)
        length = clip(self.policy.weights(), LONGEST_GRADIENT)
        self._adam.step(self._settings.policy_lr)
        return Losses(policy_loss, value_loss, spread, length)

    def actor_slopes(self, batch: Samples) -> tuple[float, float]:
        """Leaves the actor's slopes behind; returns the clipped loss and the entropy."""
        logs = self.policy.log_probabilities(batch.observations, batch.legal)
        chances, rows = np.exp(logs), np.arange(len(logs))
        ratios = np.exp(logs[rows, batch.actions] - batch.log_chances)
        free, held = ratios * batch.advantages, self._clipped(ratios) * batch.advantages
        spread = entropy(logs)
        pull = np.where(free <= held, free, 0.0)[:, None]
        chosen = np.zeros_like(chances)
        chosen[rows, batch.actions] = 1.0
        slope = -pull * (chosen - chances)
        slope += self._settings.entropy_coef * chances * (logs + spread[:, None])
        self.policy.actor.backward(slope / len(logs))
        return -float(np.minimum(free, held).mean()), float(spread.mean())

    def critic_slopes(self, batch: Samples) -> float:
        """Leaves the critic's slopes behind; returns half the mean squared error."""
        errors = self.policy.values(batch.observations) - batch.returns
        self.policy.critic.backward(errors[:, None] / len(errors))
        return 0.5 * float(np.mean(errors**2))

    def _clipped(self, ratios: Array) -> Array:
        reach = self._settings.clip_ratio
        return np.clip(ratios, 1.0 - reach, 1.0 + reach)
