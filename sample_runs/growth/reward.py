"""What an epoch was worth to the policy, part by part. Pure."""

from collections.abc import Iterable
from typing import NamedTuple

from growth.seed import Stage

POINTS = 0.1
"""Reward for one point of validation accuracy ahead of the ungrown twin."""

RENT = 0.001
"""What each host's worth of additional parameters costs an epoch."""

REFUSED = 0.02
"""What it costs to ask for a stage whose gate says no."""

FOSSIL_BONUS = 0.2
"""At the end, for each fossilized seed without which accuracy would be lower."""

PROMISE = {
    Stage.TRAINING: 0.05,
    Stage.BLENDING: 0.1,
    Stage.HOLDING: 0.2,
    Stage.FOSSILIZED: 0.3,
}
"""How far a seed has come. What it earns on the way up is lost by pruning, else it stays."""


class Reward(NamedTuple):
    """The parts, named as in the events; they add up to the total."""

    lead_delta: float
    compute_rent: float
    pbrs_bonus: float
    action_shaping: float
    fossilize_terminal_bonus: float

    @property
    def total(self) -> float:
        return sum(self)


def potential(stages: Iterable[Stage]) -> float:
    """Returns the promise of all slots."""
    return sum(PROMISE.get(stage, 0.0) for stage in stages)


def reward_of(
    lead_delta: float,
    param_ratio: float,
    potential_delta: float,
    action_success: bool,
    useful_fossils: int,
) -> Reward:
    """Weighs one epoch; `lead_delta` is by how many points the lead over the twin has changed."""
    return Reward(
        lead_delta=POINTS * lead_delta,
        compute_rent=-RENT * (param_ratio - 1.0),
        pbrs_bonus=potential_delta,
        action_shaping=0.0 if action_success else -REFUSED,
        fossilize_terminal_bonus=FOSSIL_BONUS * useful_fossils,
    )
