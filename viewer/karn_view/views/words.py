"""The words for policy figures, with the limits they stand for. Pure.

The limits are those of esper-lite's first dashboard (2025-12-14) and of its Sanctum view (KL above
0.05).
"""

import math
from typing import Literal, NamedTuple

ENTROPY_EXPLORING = 0.5
"""Entropy of one head above which the policy still tries things."""
ENTROPY_COLLAPSED = 0.1
"""Entropy of one head at or below which it has settled on one action."""
ENTROPY_OF_ONE_HEAD = 4.0
"""More than a choice among 54 actions can have: such an entropy is a sum over heads."""

KL_STABLE = 0.02
"""KL divergence of one update below which the policy moves gently."""
KL_ELEVATED = 0.05
"""KL divergence above which an update deserves a look."""
KL_HIGH = 0.1
"""KL divergence from which on an update has changed the policy too much."""

VALUE_VARIANCE_LOW = 0.01
"""Variance of value estimates at or below which the critic says the same of everything."""
VALUE_VARIANCE_HEALTHY = 0.1
"""Variance of value estimates above which the critic tells states apart."""

STALLED_AFTER = 12
"""Epochs without a better accuracy: ten, seen three times running."""
DEGRADED_AFTER = 3
"""Epochs running that each lost `DEGRADED_BY` points of accuracy."""
DEGRADED_BY = 1.0

THRESHOLDS = {
    "entropy_exploring": ENTROPY_EXPLORING,
    "entropy_collapsed": ENTROPY_COLLAPSED,
    "kl_stable": KL_STABLE,
    "kl_elevated": KL_ELEVATED,
    "kl_high": KL_HIGH,
    "value_variance_low": VALUE_VARIANCE_LOW,
    "value_variance_healthy": VALUE_VARIANCE_HEALTHY,
    "stalled_after_epochs": STALLED_AFTER,
    "degraded_after_epochs": DEGRADED_AFTER,
    "degraded_by_points": DEGRADED_BY,
}
"""What the page can tell beside the words."""


class Word(NamedTuple):
    """A word for a figure, how good that is, and the limit it stands for."""

    word: str
    level: Literal["good", "", "warn", "bad"]
    because: str


NOT_FINITE = Word("not finite", "bad", "the value is NaN or infinite")
COLLAPSED = Word("collapsed", "bad", f"at most {ENTROPY_COLLAPSED}, or reported as collapsed")


def entropy_word(value: float) -> Word | None:
    """What the entropy of one head means; None for a sum over heads, which no limit here fits."""
    if not math.isfinite(value):
        return NOT_FINITE
    if value > ENTROPY_OF_ONE_HEAD:
        return None
    if value > ENTROPY_EXPLORING:
        return Word("exploring", "good", f"above {ENTROPY_EXPLORING}")
    if value <= ENTROPY_COLLAPSED:
        return COLLAPSED
    return Word("settling", "", f"between {ENTROPY_COLLAPSED} and {ENTROPY_EXPLORING}")


def kl_word(value: float) -> Word:
    """What a KL divergence means; a tiny negative one is rounding."""
    if not math.isfinite(value):
        return NOT_FINITE
    if value < KL_STABLE:
        return Word("stable", "good", f"below {KL_STABLE}")
    if value >= KL_HIGH:
        return Word("high", "bad", f"{KL_HIGH} or more")
    if value > KL_ELEVATED:
        return Word("elevated", "warn", f"above {KL_ELEVATED}")
    return Word("moderate", "", f"between {KL_STABLE} and {KL_ELEVATED}")


def value_variance_word(value: float) -> Word:
    """What the variance of value estimates means."""
    if not math.isfinite(value):
        return NOT_FINITE
    if value > VALUE_VARIANCE_HEALTHY:
        return Word("healthy", "good", f"above {VALUE_VARIANCE_HEALTHY}")
    if value <= VALUE_VARIANCE_LOW:
        return Word("low", "warn", f"at most {VALUE_VARIANCE_LOW}")
    return Word("moderate", "", f"between {VALUE_VARIANCE_LOW} and {VALUE_VARIANCE_HEALTHY}")


def progress_word(epochs_without_gain: int, epochs_falling: int) -> str:
    """Where the accuracy of an environment is heading."""
    if epochs_falling >= DEGRADED_AFTER:
        return "degraded"
    return "stalled" if epochs_without_gain >= STALLED_AFTER else "improving"
