"""Optimisers: from slopes to smaller losses. Pure numpy, no I/O."""

from collections.abc import Sequence

import numpy as np

from growth.layers import Weight

MOMENTUM = 0.9
ADAM_DECAY = (0.9, 0.999)
ADAM_FLOOR = 1e-8


class Descent:
    """Stochastic gradient descent with momentum. Nothing is clipped: too fast a rate diverges."""

    def __init__(self, weights: Sequence[Weight]) -> None:
        self._weights = list(weights)
        self._speeds = [np.zeros_like(weight.value) for weight in weights]

    def step(self, rate: float) -> None:
        for weight, speed in zip(self._weights, self._speeds, strict=True):
            speed *= MOMENTUM
            speed -= rate * weight.slope
            weight.value += speed


class Adam:
    """Kingma & Ba 2015 (arXiv:1412.6980), algorithm 1."""

    def __init__(self, weights: Sequence[Weight]) -> None:
        self._weights = list(weights)
        self._means = [np.zeros_like(weight.value) for weight in weights]
        self._squares = [np.zeros_like(weight.value) for weight in weights]
        self._steps = 0

    def step(self, rate: float) -> None:
        self._steps += 1
        keep, keep_square = ADAM_DECAY
        unbias, unbias_square = 1 - keep**self._steps, 1 - keep_square**self._steps
        for weight, mean, square in zip(self._weights, self._means, self._squares, strict=True):
            mean += (1 - keep) * (weight.slope - mean)
            square += (1 - keep_square) * (weight.slope**2 - square)
            weight.value -= rate * (mean / unbias) / (np.sqrt(square / unbias_square) + ADAM_FLOOR)


def norm(weights: Sequence[Weight]) -> float:
    """Returns the length of all slopes taken as one vector; inf when it overflows."""
    with np.errstate(over="ignore", invalid="ignore"):
        return float(np.sqrt(sum(float(np.sum(weight.slope**2)) for weight in weights)))


def clip(weights: Sequence[Weight], longest: float) -> float:
    """Shortens the slopes to at most `longest`; returns how long they were."""
    length = norm(weights)
    if length > longest:
        for weight in weights:
            weight.slope *= longest / length
    return length
