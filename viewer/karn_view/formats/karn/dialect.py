"""Understands Karn telemetry for the reader of run files. Pure."""

import math
from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from karn_view.formats.karn.epochs import EpochAxis
from karn_view.formats.karn.event import (
    Envelope,
    Event,
    envelope_of,
    event_in,
    name,
    wall_of,
)
from karn_view.formats.karn.fields import Data, mapping, number, whole
from karn_view.formats.karn.points import points_of
from karn_view.formats.karn.vocabulary import METRICS
from karn_view.formats.points import Points


class Understood(msgspec.Struct, frozen=True, gc=False):
    """What an event says to the reader.

    `x` is NaN when it gives no position: the last one is carried; `axis` is what it counts.
    """

    event: Event
    kind: Literal["config", "metric", "event"]
    type: str
    x: float
    axis: str
    points: Points


class KarnDialect:
    """Reads the events of one generation in order; the same events give the same answers."""

    def __init__(self) -> None:
        self.config: Data = {}
        self._axis = EpochAxis()
        self._many_envs = False
        self._has_steps = False
        self._epochs_in_all: float | None = None

    @property
    def axis_name(self) -> str:
        """`epoch`, or `step` in a file that holds nothing but what `karn.log()` writes."""
        return "step" if self._has_steps and math.isnan(self._axis.top) else "epoch"

    @property
    def adds_up(self) -> bool:
        """Whether the axis adds up what episodes have trained."""
        return self._axis.adds_up

    @property
    def position(self) -> float:
        """Epochs done by the environment that is furthest; NaN before the first."""
        return self._axis.top

    @property
    def total(self) -> float | None:
        """Epochs each environment will have done when training is over, where the run said so."""
        return self._epochs_in_all

    def understand(self, record: Mapping[str, Any], offset: int = 0) -> Understood:
        """What this record means; a record that `is_karn`, whatever its fields hold."""
        return self.open(envelope_of(record), offset, wall_of(record.get("timestamp")))

    def open(self, envelope: Envelope, offset: int, wall: float) -> Understood:
        """What the event in an envelope means."""
        event = event_in(envelope, offset, wall)
        self._axis.read(event)
        self._has_steps = self._has_steps or event.type == METRICS
        self._many_envs = self._many_envs or bool(event.env)
        is_config = self._read_config(event)
        points = points_of(event, f"/env{event.env}" if self._many_envs else "")
        written = envelope.event_type
        return Understood(
            event,
            "config" if is_config else "metric" if points else "event",
            written if written is event.type else name(written) or event.type,
            self._axis.x_of(event),
            self.axis_name,
            points,
        )

    def _read_config(self, event: Event) -> bool:
        if event.type == "RUN_OPENED":
            self.config.update(mapping(event.data.get("config")))
        elif event.type == "TRAINING_STARTED" or event.source == "heuristic_config":
            self.config.update(_present(event.data))
            self._many_envs = self._many_envs or (whole(event.data.get("n_envs")) or 0) > 1
            self._epochs_in_all = epochs_in_all(self.config)
        else:
            return False
        return True


def epochs_in_all(config: Data) -> float | None:
    """Epochs each environment trains in the whole run.

    Environments share the episodes, and each episode lasts `max_epochs`. A heuristic run starts a
    training of one episode each time and says how many there will be in its own `episodes`.
    """
    epochs = number(config.get("max_epochs"))
    episodes = number(config.get("episodes")) or number(config.get("n_episodes"))
    envs = number(config.get("n_envs")) or 1.0
    if not epochs or not episodes or envs < 0:
        return None
    total = epochs * max(1.0, episodes / envs)
    return total if math.isfinite(total) else None


def _present(data: Data) -> Data:
    return {key: value for key, value in data.items() if value is not None}
