"""Everything that is folded from a run's records, as one fold. Pure."""

from typing import Any, Self

import msgspec

from karn_view.formats.karn.epochs import EpochAxis
from karn_view.formats.karn.event import Event
from karn_view.formats.karn.vocabulary import FRAME_TYPES, METRICS
from karn_view.formats.rows import Row
from karn_view.views.alerts import AlertsFold
from karn_view.views.morphogenesis import MorphogenesisFold
from karn_view.views.outlook import outlook
from karn_view.views.overview import Evidence, OverviewFold
from karn_view.views.plain import plain

_NOT_OF_TRAINING = FRAME_TYPES | {METRICS}


class _State(msgspec.Struct):
    karn: bool = False
    axis: EpochAxis = msgspec.field(default_factory=EpochAxis)
    overview: OverviewFold = msgspec.field(default_factory=OverviewFold)
    morphogenesis: MorphogenesisFold = msgspec.field(default_factory=MorphogenesisFold)
    alerts: AlertsFold = msgspec.field(default_factory=AlertsFold)


class Dashboard:
    """The state of a run after the records applied so far.

    `load(dump())` then `apply` gives what `apply` alone gives, so the state at any offset can be
    had from the nearest snapshot before it.
    """

    def __init__(self) -> None:
        self._state = _State()

    def apply(self, event: Event) -> None:
        """Takes one event in; whatever its fields hold, this does not raise."""
        state = self._state
        begins_episode = state.axis.read(event)
        state.overview.apply(event)
        state.alerts.apply(event, state.axis.x_of(event))
        state.morphogenesis.apply(event, state.axis, begins_episode)
        state.karn = state.karn or event.type not in _NOT_OF_TRAINING

    def take(self, row: Row) -> None:
        """Takes a row in: the event that it is, or a record of another library that it counts."""
        if row.event is not None:
            self.apply(row.event)
        elif not row.text:
            self.apply_foreign(1)

    def apply_foreign(self, count: int) -> None:
        """Counts records that are no Karn events."""
        self._state.overview.apply_foreign(count)

    @property
    def karn(self) -> bool:
        """Whether an event of morphogenetic training was seen: its panels have something."""
        return self._state.karn

    @property
    def alerts(self) -> AlertsFold:
        """The alerts that the run's own events are."""
        return self._state.alerts

    @property
    def evidence(self) -> Evidence:
        """What the file tells about the state of its run."""
        return self._state.overview.evidence

    def dashboard(self) -> dict[str, Any]:
        """The state as JSON data: None was never measured; NaN and infinities are strings."""
        state = self._state
        shown = plain(
            {
                "karn": state.karn,
                "x": state.axis.top,
                **state.morphogenesis.dashboard(),
                **state.alerts.dashboard(),
                **state.overview.dashboard(),
            }
        )
        return {**shown, "outlook": outlook(shown)}

    def dump(self) -> bytes:
        """A snapshot that `load` understands."""
        return msgspec.msgpack.encode(self._state)

    @classmethod
    def load(cls, snapshot: bytes) -> Self:
        """The state as it was when `snapshot` was dumped."""
        loaded = cls()
        loaded._state = msgspec.msgpack.decode(snapshot, type=_State)
        return loaded
