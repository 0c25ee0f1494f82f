"""What an epoch was worth to the policy, part by part. Pure."""

from typing import NamedTuple

POINTS = 0.1
"""Reward for one point of validation accuracy."""

RENT = 0.01
"""What each host's worth of additional parameters costs an epoch."""

REFUSED = 0.05
"""What it costs to ask for a stage whose gate says no."""

FOSSIL_BONUS = 0.2
"""At the end, for each fossilized seed without which accuracy would be lower."""


class Reward(NamedTuple):
    """The parts, named as in the events; they add up to the total."""

    base_acc_delta: float
    compute_rent: float
    action_shaping: float
    fossilize_terminal_bonus: float

    @property
    def total(self) -> float:
        return sum(self)


def reward_of(
    accuracy_delta: float, param_ratio: float, action_success: bool, useful_fossils: int
) -> Reward:
    """Weighs one epoch; `useful_fossils` counts only in the last epoch of an episode."""
    return Reward(
        base_acc_delta=POINTS * accuracy_delta,
        compute_rent=-RENT * (param_ratio - 1.0),
        action_shaping=0.0 if action_success else -REFUSED,
        fossilize_terminal_bonus=FOSSIL_BONUS * useful_fossils,
    )
