"""Watching an episode for what should alarm somebody. No I/O but through the reports."""

from collections import deque
from math import isfinite
from statistics import fmean

from growth import alarms
from growth.reports import Reports

STABLE_EPOCHS = 2
STABLE_FALL = 0.2
DIVERGED_EPOCHS = 3
ROLLING_EPOCHS = 5
USUAL_KEEPS = 0.9


class Diverged(Exception):
    """The loss stayed beyond all numbers: nothing more can be learned."""


class Stability:
    """Tells when a host has settled: its loss fell by less than a fifth, twice running."""

    def __init__(self) -> None:
        self.count = 0
        self._last = float("inf")

    def settled(self, loss: float) -> bool:
        """Takes one epoch's loss; stays true once it was."""
        if self.count < STABLE_EPOCHS:
            slow = loss > (1.0 - STABLE_FALL) * self._last
            self.count = self.count + 1 if slow else 0
            self._last = loss
        return self.count >= STABLE_EPOCHS


class Watch:
    """The alarms of one episode. Each kind is raised when it begins, not again while it lasts."""

    def __init__(self, reports: Reports, epochs: int) -> None:
        self._reports = reports
        self._epochs = epochs
        self._usual_norm: float | None = None
        self._recent: deque[float] = deque(maxlen=ROLLING_EPOCHS)
        self._onsets = alarms.Onsets()
        self._lost_epochs = 0

    def look(self, loss: float, accuracy: float, gradient_norm: float) -> None:
        """Takes the numbers of one epoch.

        Raises:
            Diverged: When the loss was not finite for some epochs running.
        """
        self._say("loss", alarms.of_loss(loss))
        self._say("gradient", alarms.of_gradient(gradient_norm, self._usual_norm))
        self._look_at_accuracy(accuracy)
        self._remember(accuracy, gradient_norm)
        self._lost_epochs = 0 if isfinite(loss) else self._lost_epochs + 1
        if self._lost_epochs == DIVERGED_EPOCHS:
            raise Diverged(f"val_loss was {loss} for {DIVERGED_EPOCHS} epochs running")

    def _say(self, about: str, alarm: alarms.Alarm | None) -> None:
        if self._onsets.begins(about, alarm is not None) and alarm:
            self._reports.alarmed(alarm)

    def _look_at_accuracy(self, accuracy: float) -> None:
        rolling = fmean(self._recent) if self._recent else accuracy
        drop = alarms.drop_percent(accuracy, rolling)
        if self._onsets.begins("accuracy", drop is not None) and drop:
            progress = self._reports.epoch / self._epochs
            self._reports.dropped(accuracy, rolling, drop, progress)

    def _remember(self, accuracy: float, gradient_norm: float) -> None:
        self._recent.append(accuracy)
        if isfinite(gradient_norm):
            usual = gradient_norm if self._usual_norm is None else self._usual_norm
            self._usual_norm = USUAL_KEEPS * usual + (1.0 - USUAL_KEEPS) * gradient_norm
