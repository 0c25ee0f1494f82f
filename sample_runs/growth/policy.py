"""The policy: an actor that chooses among legal actions, and a critic. No I/O."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from growth.layers import Array, Chain, Linear, Tanh, Weight

HIDDEN = 48
ILLEGAL = -1e9
"""The logit of an action that cannot be taken: its probability is exactly zero."""


class Decision(NamedTuple):
    """One choice: the action's number, all probabilities, and the return the critic expects."""

    action: int
    probabilities: Array
    value: float


class Policy:
    """Two small networks over the same observation."""

    def __init__(self, features: int, actions: int, rng: np.random.Generator) -> None:
        self.actor = Chain(
            [Linear(features, HIDDEN, rng), Tanh(), Linear(HIDDEN, actions, rng, scale=0.01)]
        )
        self.critic = Chain(
            [Linear(features, HIDDEN, rng), Tanh(), Linear(HIDDEN, 1, rng, scale=0.1)]
        )

    def weights(self) -> list[Weight]:
        return self.actor.weights() + self.critic.weights()

    def log_probabilities(self, observations: Array, legal: NDArray[np.bool_]) -> Array:
        """Returns the logarithms, `(n, actions)`; hugely negative where illegal."""
        logits = np.where(legal, self.actor.forward(observations), ILLEGAL)
        logits -= logits.max(axis=1, keepdims=True)
        logs: Array = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
        return logs

    def values(self, observations: Array) -> Array:
        """Returns the expected return of each row."""
        return self.critic.forward(observations)[:, 0]

    def decide(
        self, observations: Array, legal: NDArray[np.bool_], rng: np.random.Generator
    ) -> list[Decision]:
        """Draws one action a row."""
        chances = np.exp(self.log_probabilities(observations, legal))
        values = self.values(observations)
        return [
            Decision(int(rng.choice(len(row), p=row)), row, float(value))
            for row, value in zip(chances, values, strict=True)
        ]


def entropy(log_probabilities: Array) -> Array:
    """Returns each row's entropy in nats."""
    total: Array = -(np.exp(log_probabilities) * log_probabilities).sum(axis=1)
    return total


def entropy_of(chances: Array) -> float:
    """Returns the entropy of one row of probabilities in nats; what cannot happen adds nothing."""
    possible = chances[chances > 0.0]
    return -float((possible * np.log(possible)).sum())
