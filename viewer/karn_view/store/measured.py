"""In which records metrics were measured: one column for all that always were together. Pure."""

from collections.abc import Iterable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from karn_view.store.climbs import Climbs
from karn_view.store.column import Allocate, Column, anonymous

Rows = NDArray[np.int64]


class Measured:
    """Rows, ascending, and how many series they are the rows of.

    Attributes:
        climbs: Along which parts of them an axis never falls, by its name.
    """

    __slots__ = ("_allocate", "_column", "climbs", "users")

    def __init__(self, users: int, allocate: Allocate = anonymous) -> None:
        self.users = users
        self.climbs: dict[str, Climbs] = {}
        self._allocate = allocate
        self._column = Column(np.int64, allocate)

    @property
    def rows(self) -> Rows:
        return self._column.view

    def extend(self, rows: Rows) -> None:
        self._column.extend(rows)

    def parted(self, users: int) -> "Measured":
        """The same rows for some of its users, which go on with others; itself for all of them."""
        if users == self.users:
            return self
        self.users -= users
        parted = Measured(users, self._allocate)
        parted._column = self._column.copied()
        parted.climbs = {axis: climbs.copied() for axis, climbs in self.climbs.items()}
        return parted


class User(Protocol):
    """What has rows."""

    measured: Measured


def extend(growing: Iterable[tuple[User, Rows]]) -> None:
    """Adds rows to those of each series.

    Series that are measured in different rows for the first time part: that copies their rows,
    fewer times in all than there are series.
    """
    parties: dict[tuple[Measured, bytes], list[User]] = {}
    last, text = None, b""
    for series, rows in growing:
        if rows is not last:
            last, text = rows, rows.tobytes()
        parties.setdefault((series.measured, text), []).append(series)
    for (measured, new), party in parties.items():
        own = measured.parted(len(party))
        own.extend(np.frombuffer(new, np.int64))
        for series in party:
            series.measured = own
