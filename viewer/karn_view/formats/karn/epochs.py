"""The monotone epoch axis of a run whose inner epochs restart with every episode. Pure."""

import math

import msgspec

from karn_view.formats.karn.event import Event
from karn_view.formats.karn.fields import number, whole
from karn_view.formats.karn.vocabulary import METRICS

BEGINNINGS = ("TRAINING_STARTED", "RUN_OPENED")
"""Events after which every environment begins another episode."""

RUN = -1
"""The key of the run itself, for old files that number updates and no environment's epochs."""

_ENVS_KEPT = 1024


class EpochAxis(msgspec.Struct):
    """Epochs trained so far, by environment.

    Each environment counts 1, 2, … and falls back to 1 in its next episode; its place on the axis
    is what earlier episodes added up to, plus the inner epoch. It never moves back.
    """

    base: dict[int, float] = {}
    inner: dict[int, float] = {}
    top: float = math.nan

    @property
    def adds_up(self) -> bool:
        """Whether an environment began another episode: what is not read of a file counts too."""
        return any(self.base.values())

    def read(self, event: Event) -> bool:
        """Moves along with this event; True when its environment has begun another episode."""
        if event.type in BEGINNINGS:
            self._close_episodes()
            return False
        epoch = _inner_epoch(event)
        if epoch is not None:
            return self._advance(event.env_or_first, epoch, event.type != "EPOCH_COMPLETED")
        if not self.inner or RUN in self.inner:
            self._advance_by_update(event)
        return False

    def at(self, env: int | None) -> float:
        """Where this environment is, or for None the furthest; NaN before the first epoch."""
        if env is None or env not in self.inner:
            return self.top
        return self.base[env] + self.inner[env]

    def x_of(self, event: Event) -> float:
        """Where this event stands, once it was read; NaN when nobody said.

        A metric logged without any epochs stands at its own step.
        """
        if event.type == METRICS and math.isnan(self.top):
            step = number(event.data.get("step"))
            return math.nan if step is None else step
        return self.at(event.env)

    def episode_start(self, env: int) -> float:
        """Where this environment's earlier episodes ended."""
        return self.base.get(env, self.top)

    def _advance(self, env: int, epoch: int, may_be_late: bool = False) -> bool:
        """Moves on; what may come late and tells of the epoch before begins no other episode."""
        before, base = self.inner.get(env), self.base.get(env, 0.0)
        if before is None:
            if len(self.inner) >= _ENVS_KEPT:
                return False
            before = 0.0
        falls = epoch < before
        if falls:
            if may_be_late and epoch == before - 1:
                return False
            base += before
        self.base[env], self.inner[env] = base, epoch
        if not base + epoch <= self.top:  # NaN before the first
            self.top = base + epoch
        return falls

    def _advance_by_update(self, event: Event) -> None:
        if event.type != "PPO_UPDATE_COMPLETED":
            return
        batch = whole(event.data.get("batch"))
        update = event.epoch if batch is None else batch
        if update is not None and update >= 0:
            self._advance(RUN, update)

    def _close_episodes(self) -> None:
        for env, inner in self.inner.items():
            self.base[env] += inner
            self.inner[env] = 0.0


def _inner_epoch(event: Event) -> int | None:
    """The epoch of an environment's episode; the envelope's is one only where an epoch ends."""
    epoch = whole(event.data.get("inner_epoch"))
    if event.type == "EPOCH_COMPLETED":
        epoch = event.epoch if epoch is None else epoch
    elif event.env is None:
        return None
    return epoch if epoch is not None and epoch >= 0 else None
