"""The host with its slots, and how both learn. Pure numpy, no I/O."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from growth.descent import Descent, norm
from growth.digits import CLASSES, Part
from growth.layers import Array, Chain, Linear, Relu, Windows
from growth.seed import Seed, Slot, Stage

WINDOW_COLUMNS = {"r0c0": (0, 1, 2, 3), "r0c1": (2, 3, 4, 5), "r0c2": (4, 5, 6, 7)}
"""Which columns of the picture the host layer of each slot looks at."""

SLOT_IDS = tuple(WINDOW_COLUMNS)
SIDE = 8
BATCH_ROWS = 32


class Fit(NamedTuple):
    """How well the network answers one part of the data; accuracy from 0 to 100."""

    loss: float
    accuracy: float


class Network:
    """A host that looks at a digit through three windows, with a slot beside each of them."""

    def __init__(self, width: int, rng: np.random.Generator) -> None:
        self.width = width
        self.rng = rng
        windows = [pixels_of(columns) for columns in WINDOW_COLUMNS.values()]
        self.window_pixels = len(windows[0])
        eyes = [Linear(self.window_pixels, width, rng) for _ in windows]
        head = Linear(len(windows) * width, CLASSES, rng)
        self.slots = {name: Slot(name, eye) for name, eye in zip(SLOT_IDS, eyes, strict=True)}
        self.whole = Chain([Windows(list(self.slots.values()), windows, width), Relu(), head])
        self.host_weights = Chain([*eyes, head]).weights()
        self.host_params = sum(weight.value.size for weight in self.host_weights)
        self.gradient_norm = 0.0
        self._descent = Descent(self.host_weights)

    @property
    def seeds(self) -> dict[str, Seed]:
        return {name: slot.seed for name, slot in self.slots.items() if slot.seed}

    @property
    def active(self) -> list[str]:
        return [name for name, slot in self.slots.items() if slot.active]

    @property
    def param_ratio(self) -> float:
        """Parameters of host and seeds over the host's alone: 1.0 is no growth."""
        return 1.0 + sum(seed.params for seed in self.seeds.values()) / self.host_params

    @contextmanager
    def blended(self, alphas: Mapping[str, float]) -> Iterator[None]:
        """Gives these slots another alpha for a moment."""
        before = {name: self.slots[name].alpha for name in alphas}
        self._set(alphas)
        try:
            yield
        finally:
            self._set(before)

    def _set(self, alphas: Mapping[str, float]) -> None:
        for name, alpha in alphas.items():
            self.slots[name].alpha = alpha

    def fit(self, part: Part) -> Fit:
        """Measures without learning. An answer that is not finite is a wrong one."""
        with np.errstate(all="ignore"):
            logits = self.whole.forward(part.x)
            loss, _ = cross_entropy(logits, part.y)
        right = (logits.argmax(axis=1) == part.y) & np.isfinite(logits).all(axis=1)
        return Fit(loss, 100.0 * float(right.mean()))

    def learn(self, part: Part, order: NDArray[np.int64], rate: float) -> float:
        """Goes once through the data in this order, in minibatches; returns the mean loss."""
        batches = [order[start : start + BATCH_ROWS] for start in range(0, len(order), BATCH_ROWS)]
        with np.errstate(all="ignore"):
            return float(np.mean([self._step(Part(part.x[r], part.y[r]), rate) for r in batches]))

    def _step(self, batch: Part, rate: float) -> float:
        loss = self._slopes(batch)
        self.gradient_norm = norm(self.host_weights)
        self._descent.step(rate)
        self._grow(self.active, rate)
        self._step_behind_the_host(batch, rate)
        return loss

    def _step_behind_the_host(self, batch: Part, rate: float) -> None:
        """Trains the seeds that do not answer yet, each as if it were already blended in.

        Nothing of this second pass reaches the host: its slopes are computed and left unused.
        """
        for name, seed in self.seeds.items():
            if seed.stage is Stage.TRAINING:
                with self.blended({name: 1.0}):
                    self._slopes(batch)
                self._grow([name], rate)

    def _slopes(self, batch: Part) -> float:
        loss, slope = cross_entropy(self.whole.forward(batch.x), batch.y)
        self.whole.backward(slope)
        return loss

    def _grow(self, names: list[str], rate: float) -> None:
        for name in names:
            seed = self.seeds[name]
            seed.gradient_norm = norm(seed.body.weights())
            seed.descent.step(rate)


def cross_entropy(logits: Array, labels: NDArray[np.int64]) -> tuple[float, Array]:
    """Returns the mean loss of a softmax over `logits`, and its slope along them."""
    rows = np.arange(len(labels))
    shifted = logits - logits.max(axis=1, keepdims=True)
    logs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    slope = np.exp(logs)
    slope[rows, labels] -= 1.0
    return -float(logs[rows, labels].mean()), slope / len(labels)


def pixels_of(columns: Sequence[int]) -> list[int]:
    """Returns the places of these columns' pixels in a row of 8 x 8."""
    return [SIDE * row + column for row in range(SIDE) for column in columns]
