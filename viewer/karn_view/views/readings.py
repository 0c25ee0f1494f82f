"""The headline values of a run or an environment, each with where it came from. Pure."""

from typing import Any

import msgspec

from karn_view.formats.karn.event import Event
from karn_view.formats.karn.fields import number, whole
from karn_view.views.headlines import COUNTS, FIELDS, PREFERENCES


class Reading(msgspec.Struct, frozen=True):
    """A measured value and where it came from; a lower rank is a better source."""

    value: float | str
    source: str
    offset: int
    wall: float
    x: float
    env: int | None
    rank: int


class Readings(msgspec.Struct):
    """The best and newest reading of each name; a name without one was never measured."""

    held: dict[str, Reading] = {}

    def take(self, name: str, reading: Reading) -> None:
        """Takes a reading, unless one from a better source is held."""
        old = self.held.get(name)
        if old is None or reading.rank <= old.rank:
            self.held[name] = reading

    def derive(self, name: str, value: float, source: str, event: Event, x: float) -> None:
        """Takes a value worked out from others; `source` is its entry in `PREFERENCES`."""
        rank = PREFERENCES[name].index(source)
        self.take(name, Reading(value, source, event.offset, event.wall, x, event.env, rank))

    def number(self, name: str) -> float | None:
        """The value of this name, where it is a number."""
        reading = self.held.get(name)
        return None if reading is None else number(reading.value)

    def value(self, name: str) -> float | int | str | None:
        """The value of this name as it is shown: counts as ints."""
        reading = self.held.get(name)
        if reading is None:
            return None
        return whole(reading.value) if name in COUNTS else reading.value

    def weaken(self, keep: str | None = None) -> None:
        """Lets any next reading replace what is held, but for what one source said."""
        for name, reading in self.held.items():
            if keep is None or not reading.source.startswith(keep):
                weak = msgspec.structs.replace(reading, rank=len(PREFERENCES[name]))
                self.held[name] = weak

    def provenance(self) -> dict[str, dict[str, Any]]:
        """For each name the event and field it was read from, and where that stands."""
        return {
            name: {
                "source": reading.source,
                "offset": reading.offset,
                "wall": reading.wall,
                "x": reading.x,
                "env_id": reading.env,
            }
            for name, reading in self.held.items()
        }


def readings_in(event: Event, x: float) -> list[tuple[str, Reading]]:
    """Every headline value this event has, by its name."""
    offset, wall, env = event.offset, event.wall, event.env
    return [
        (field.name, Reading(found, field.source, offset, wall, x, env, field.rank))
        for field in FIELDS.get(event.source, ())
        if (found := field.read(event)) is not None
    ]
