"""Positions that begin again with each epoch, laid end to end. Pure."""

import math


class Lap:
    """Turns (epoch, batch) into one rising position.

    The length of an epoch is the largest position seen when the next one begins, so it may grow;
    ``is_grown`` says that positions given out before it grew were too small.
    """

    def __init__(self, period: float = 0.0, first_epoch: float = math.inf) -> None:
        self.period = period
        self.is_grown = False
        self._first_epoch = first_epoch
        self._epoch = -math.inf
        self._least = math.inf
        self._largest = 0.0

    def unrolled(self, own: float, epoch: float) -> float:
        """(epoch - first epoch) times the length of an epoch, plus the position within it."""
        self._first_epoch = min(self._first_epoch, epoch, 1.0)
        if epoch > self._epoch:
            self._grow()
        self._epoch = epoch
        self._least, self._largest = min(self._least, own), max(self._largest, own)
        return (epoch - self._first_epoch) * self.period + own

    def _grow(self) -> None:
        length = self._largest + (self._least == 0)
        if length > self.period:
            self.period, self.is_grown = length, True
