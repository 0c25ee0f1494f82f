"""What is known of one file's names, and what one record holds under them. Pure."""

import math
from collections.abc import Callable
from typing import Any, Protocol

from karn_view.formats.points import Points
from karn_view.formats.rows import Overrides, Progress
from karn_view.formats.steps import StepName, counter_name, step_name
from karn_view.formats.words import worn_split

MOST_NAMES = 5_000
_MOST_CLOCKS = 16
_MOST_MOVES = 2  # a resumed run may be given another end


class Found:
    """What one record holds; filled from the outermost object inwards.

    Attributes:
        points: Metrics and their values.
        steps: Positions, which are among the points too.
        measured: How many of the points are neither positions nor constants.
        clock: Wall time, or NaN.
        split: The data it speaks of by a label; "" without one.
        member: Which of several equal writers it comes from; "" without a word of it.
        keyset: Equal for records with the same keys at every depth.
        progress: How far the run has come, if the record tells.
    """

    __slots__ = ("clock", "keyset", "measured", "member", "points", "progress", "split", "steps")

    def __init__(
        self, split: str = "", member: str = "", keyset: int = 0, measured: int = 0
    ) -> None:
        self.split = split
        self.member = member
        self.keyset = keyset
        self.measured = measured
        self.points = Points()
        self.steps: list[tuple[StepName, float]] = []
        self.clock = math.nan
        self.progress: Progress | None = None


class Look(Protocol):
    """Reads a value that its type alone does not explain: text, a list, an object."""

    def read(self, value: Any, found: Found) -> None:
        """Adds what ``value`` holds."""


class Namespace:
    """The names of a whole file.

    Attributes:
        overrides: What the user decided about names.
        units: "%" or "s" of metrics that were written with a unit.
        clocks: Keys that hold wall time, in the order in which they appeared.
        is_full: Whether metrics were left out because there were too many.
        apart: Members whose metrics always bear their name.
        counters: How many totals turned out to count what was done.
    """

    def __init__(self, overrides: Overrides) -> None:
        self.overrides = overrides
        self.units: dict[str, str] = {}
        self.clocks: list[str] = []
        self.is_full = False
        self.apart: set[str] = set()
        self.counters = 0
        self._names: set[str] = set()
        self._owners: dict[str, str] = {}
        self._first_members: dict[str, str] = {}
        self._looks: dict[tuple[object, str], Look] = {}
        self._totals: dict[str, tuple[float, int]] = {}
        self._keysets: dict[frozenset[str], int] = {}

    def admits(self, name: str) -> bool:
        """Whether the file may have this metric; false beyond 5,000 names."""
        if name in self._names:
            return True
        if len(self._names) >= MOST_NAMES:
            self.is_full = True
            return False
        self._names.add(name)
        return True

    def title(self, found: "Found", name: str) -> str:
        """What a metric is called when labels say on which data, or by whom, it was measured.

        The first split that uses a name has it as it is; ``loss`` of another becomes
        ``eval/loss``, unless the name says so itself. So does the first of several equal writers;
        another one's becomes ``loss/rank1``. Of clients each has its own: ``loss/client=a``.
        """
        if self.step(name):
            return name
        owner = self._owners.setdefault(name, found.split or "train")
        if found.split not in ("", owner) and not worn_split(name):
            name = f"{found.split}/{name}"
        is_apart = found.member in self.apart
        first = self._first_members.setdefault(name, "" if is_apart else found.member)
        return name if found.member in ("", first) else f"{name}/{found.member}"

    def step(self, path: str) -> StepName | None:
        """What the metric would be as an axis; the user's own choice is always one."""
        found = step_name(path) or (counter_name(path) if self.is_counter(path) else None)
        chosen = self.overrides.x
        if chosen is not None and (path == chosen or (found and found.name == chosen)):
            return StepName(chosen, "D", 0, 0, path == chosen)
        return found

    def note_clock(self, path: str) -> None:
        """Remembers a key that holds wall time."""
        if path not in self.clocks and len(self.clocks) < _MOST_CLOCKS:
            self.clocks.append(path)

    def is_total(self, name: str, value: float) -> bool:
        """Whether the value is where the run is to end; one that keeps moving counts something."""
        before, moves = self._totals.get(name, (value, 0))
        moves += value != before
        self._totals[name] = value, moves
        self.counters += moves == _MOST_MOVES + 1 and value != before
        return value > 0 and moves <= _MOST_MOVES

    def is_counter(self, name: str) -> bool:
        """Whether what is called a total has moved too often to be one."""
        return self._totals.get(name, (0.0, 0))[1] > _MOST_MOVES

    def total_is(self, name: str, value: float) -> bool:
        """Whether this is a total, and the one that was last told under the name."""
        before, moves = self._totals.get(name, (math.nan, 0))
        return before == value > 0 and moves <= _MOST_MOVES

    def keyset(self, keys: frozenset[str]) -> int:
        """The same small number for the same keys."""
        if len(self._keysets) >= MOST_NAMES:
            return self._keysets.get(keys, 0)
        return self._keysets.setdefault(keys, len(self._keysets) + 1)

    def look(self, kind: object, path: str, make: Callable[["Namespace", str], Look]) -> Look:
        """One reader of a kind for a path, shared by all shapes, because it may remember."""
        known = self._looks.get((kind, path))
        if known is not None:
            return known
        made = make(self, path)
        if len(self._looks) < MOST_NAMES:
            self._looks[kind, path] = made
        return made
