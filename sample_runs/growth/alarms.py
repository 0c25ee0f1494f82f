"""When a number is worth an alarm. Pure: the thresholds, and one function for each."""

from math import isfinite, log
from typing import NamedTuple

EXPLODED = 100.0
"""Times its usual size at which a gradient has exploded."""

DROPPED_PERCENT = 10.0
DROPPED_POINTS = 5.0
"""Accuracy must fall by both: a tenth of nearly nothing is nothing."""

COLLAPSED_ENTROPY = 0.02
COLLAPSED_VALUES = 0.01
TREND_POINTS = 2.0
"""Points of rolling accuracy between two batches that make a trend."""

PLATEAU_POINTS = 0.1


class Alarm(NamedTuple):
    """What happened, under the names that events have for it."""

    event_type: str
    anomaly_type: str
    detail: str


class Onsets:
    """Tells when something begins, and not again while it lasts."""

    def __init__(self) -> None:
        self._lasting: set[str] = set()

    def begins(self, what: str, lasts: bool) -> bool:
        """Takes whether it is so now; returns whether it has only just become so."""
        new = lasts and what not in self._lasting
        (self._lasting.add if lasts else self._lasting.discard)(what)
        return new


def of_loss(loss: float) -> Alarm | None:
    """Alarms at NaN and infinity."""
    if isfinite(loss):
        return None
    return Alarm("NUMERICAL_INSTABILITY_DETECTED", "numerical_instability", f"val_loss is {loss}")


def of_gradient(length: float, usual: float | None) -> Alarm | None:
    """Alarms at a gradient far longer than usual; `usual` is None as long as nobody knows."""
    if usual is None or length <= EXPLODED * usual:
        return None
    detail = f"host gradient norm {length:.3g} is over {EXPLODED:g} times the usual {usual:.3g}"
    return Alarm("GRADIENT_ANOMALY", "gradient_explosion", detail)


def of_entropy(entropy: float, choices: float) -> Alarm | None:
    """`choices` is the mean number of legal actions: their logarithm is the most there can be."""
    if choices <= 1.0 or entropy >= COLLAPSED_ENTROPY * log(choices):
        return None
    detail = f"entropy {entropy:.4f} is under {COLLAPSED_ENTROPY:.0%} of {log(choices):.2f}"
    return Alarm("GRADIENT_ANOMALY", "entropy_collapse", detail)


def of_values(value_std: float, return_std: float) -> Alarm | None:
    """Alarms at a critic that says the same of everything."""
    if value_std >= COLLAPSED_VALUES * return_std:
        return None
    detail = f"the critic's values spread by {value_std:.2g}, the returns by {return_std:.2g}"
    return Alarm("VALUE_COLLAPSE_DETECTED", "value_collapse", detail)


def drop_percent(accuracy: float, rolling: float) -> float | None:
    """Returns by how much accuracy fell below its rolling mean, None when not alarmingly."""
    points = rolling - accuracy
    if points < DROPPED_POINTS or points <= rolling * DROPPED_PERCENT / 100.0:
        return None
    return 100.0 * points / rolling


def trend(delta: float) -> str | None:
    """Names the event for a change of the rolling accuracy between two batches."""
    if delta > TREND_POINTS:
        return "IMPROVEMENT_DETECTED"
    if delta < -TREND_POINTS:
        return "DEGRADATION_DETECTED"
    return "PLATEAU_DETECTED" if abs(delta) < PLATEAU_POINTS else None
