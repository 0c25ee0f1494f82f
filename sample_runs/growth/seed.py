"""A seed, the stages of its life, and the slot it lives in. No I/O."""

from dataclasses import dataclass, field
from enum import StrEnum

from growth.descent import Descent
from growth.layers import Array, Layer, Weight, count


class Stage(StrEnum):
    """Where a slot's seed stands; DORMANT and EMBARGOED are stages of an empty slot."""

    DORMANT = "DORMANT"
    GERMINATED = "GERMINATED"
    TRAINING = "TRAINING"
    BLENDING = "BLENDING"
    HOLDING = "HOLDING"
    FOSSILIZED = "FOSSILIZED"
    PRUNED = "PRUNED"
    EMBARGOED = "EMBARGOED"


YOUNG = frozenset({Stage.GERMINATED, Stage.TRAINING, Stage.BLENDING, Stage.HOLDING})
"""Stages a seed can still be pruned from."""


@dataclass
class Seed:
    """A module growing in a slot.

    Attributes:
        gain: Points of validation accuracy the network has with the seed over without it; while
            the seed trains behind the host, those it would have. None until first measured.
        gradient_norm: Of the seed's own weights in the last minibatch.
    """

    seed_id: str
    blueprint: str
    body: Layer
    stage: Stage = Stage.GERMINATED
    epochs_in_stage: int = 0
    epochs_total: int = 0
    gain: float | None = None
    gradient_norm: float | None = None
    descent: Descent = field(init=False)

    def __post_init__(self) -> None:
        self.descent = Descent(self.body.weights())

    @property
    def params(self) -> int:
        return count(self.body)


class Slot(Layer):
    """A place beside a layer of the host where a seed can grow: y = host(x) + alpha * seed(x)."""

    def __init__(self, slot_id: str, host: Layer) -> None:
        self.slot_id = slot_id
        self.host = host
        self.seed: Seed | None = None
        self.alpha = 0.0
        self.embargo_epochs = 0

    @property
    def stage(self) -> Stage:
        if self.seed:
            return self.seed.stage
        return Stage.EMBARGOED if self.embargo_epochs else Stage.DORMANT

    @property
    def active(self) -> bool:
        """Whether the seed has a say in what the network answers."""
        return self.seed is not None and self.alpha > 0.0

    def forward(self, x: Array) -> Array:
        y = self.host.forward(x)
        if self.seed and self.active:
            return y + self.alpha * self.seed.body.forward(x)
        return y

    def backward(self, slope: Array) -> Array:
        back = self.host.backward(slope)
        if self.seed and self.active:
            return back + self.seed.body.backward(self.alpha * slope)
        return back

    def weights(self) -> list[Weight]:
        grown = self.seed.body.weights() if self.seed and self.active else []
        return self.host.weights() + grown
