"""Which of a file's numbers is its x: one choice a file, by score. Pure.

The choice is made from the records seen so far, at every one of the first fifty metric records
and again at 200 and 1,000, so it depends on the file's content and never on when it was read.
"""

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from karn_view.formats.rows import Axis, Candidate, Unit
from karn_view.formats.steps import StepName

FIRST, SECOND, LAST = 50, 200, 1_000
_MOST_ROWS = 100_000
_MOST_CANDIDATES = 64

_LEAST_RISING = 0.9
_LEAST_MOVING = 0.02
_LEAST_VALID = 0.95
_PAIRS_TO_JUDGE = 2
_TIERS = (0.8, 0.3)
_LARGEST = 1e18

WALL, LINE = "wall", "line"


class Place(NamedTuple):
    """What one row says about where it stands.

    Attributes:
        steps: The positions it holds, by name.
        keyset: Equal for rows with the same keys.
        wall: Its wall time or NaN.
        is_metric: Whether it counts when candidates are scored.
        is_aside: Whether a label says it was measured on other data than the training's.
        is_moded: Whether the label that says so is called "mode".
        run: The label of a run that begins here, or None.
    """

    steps: Sequence[tuple[StepName, float]] = ()
    keyset: int = 0
    wall: float = math.nan
    is_metric: bool = False
    is_aside: bool = False
    is_moded: bool = False
    run: str | None = None


class Choice(NamedTuple):
    """The axis as the course needs it.

    Attributes:
        name: The candidate's name, or "wall" or "line".
        epoch: The epoch's name, for records that may need it.
        wraps: Whether the position begins again with each epoch.
        keeps_to_training: Whether the same name means something else outside the training.
    """

    name: str
    epoch: str | None = None
    wraps: bool = False
    keeps_to_training: bool = False


def is_position(name: StepName, value: float) -> bool:
    """Whether the value can be a position under its name: a fraction only for work and epochs."""
    return 0 <= value < _LARGEST and (name.letter in "DE" or value == value // 1)


def value_of(name: str, steps: Iterable[tuple[StepName, float]]) -> float | None:
    """The row's own position of that name: bare if it has it, else behind a split."""
    behind = None
    for step, value in steps:
        if step.name == name and is_position(step, value):
            if step.bare:
                return float(value)
            behind = float(value)
    return behind


class _Tally:
    """How one candidate has behaved so far."""

    def __init__(self, step: StepName) -> None:
        self.step = step
        self.seen = self.valid = self.pairs = self.fell = self.rose = 0
        self.wrapped = self.unwrapped = 0
        self._last: float | None = None
        self._last_epoch: float | None = None

    def add(self, value: float, epoch: float | None, is_aside: bool) -> None:
        self.seen += 1
        if not is_position(self.step, value):
            return
        self.valid += 1
        if is_aside:
            return
        if self._last is not None:
            self._pair(self._last, value, epoch)
        self._last, self._last_epoch = value, epoch

    def _pair(self, before: float, value: float, epoch: float | None) -> None:
        self.pairs += 1
        self.rose += value > before
        is_new_epoch = None not in (epoch, self._last_epoch) and epoch > self._last_epoch  # type: ignore[operator]
        if is_new_epoch:
            self.wrapped += value < before
            self.unwrapped += value >= before
        else:
            self.fell += value < before

    @property
    def wraps(self) -> bool:
        """Whether it begins again with the epoch, as batches do."""
        return self.step.letter in "ABC" and self.wrapped > self.unwrapped

    @property
    def _falls(self) -> int:
        return self.fell if self.wraps else self.fell + self.wrapped

    def objection(self) -> str | None:
        """Why this cannot be the axis, or None."""
        if self.valid < _LEAST_VALID * self.seen:
            return "not always a whole number from 0"
        if self.pairs < _PAIRS_TO_JUDGE:
            return None
        if self.pairs - self._falls < _LEAST_RISING * self.pairs:
            return f"falls {self._falls} of {self.pairs} times"
        if self.rose < _LEAST_MOVING * self.pairs:
            return "hardly moves"
        return None

    def rank(self, records: int) -> tuple[int, str, int, int]:
        """Sorts candidates, the best first."""
        coverage = self.seen / max(records, 1)
        tier = sum(coverage <= bound for bound in _TIERS)
        return (tier, self.step.letter, self.step.depth, self.step.order)


class Chooser:
    """Scores the candidates of a file."""

    def __init__(self, chosen: str | None = None) -> None:
        self._chosen = chosen
        self._tallies: dict[str, _Tally] = {}
        self._records = self._rows = self._walls = 0
        self._is_moded = False
        self._declared: str | None = None
        self.choice = Choice(chosen) if chosen else Choice(LINE)

    @property
    def is_settled(self) -> bool:
        """Whether the choice stands for good."""
        return self._records >= LAST or self._rows >= _MOST_ROWS

    def observe(self, place: Place) -> bool:
        """Takes note of a row; true when the choice changed with it."""
        self._rows += 1
        self._walls += place.wall == place.wall
        if place.is_metric:
            self._records += 1
            self._is_moded = self._is_moded or place.is_moded
            self._tally(place)
        is_due = self._is_due(place.is_metric) or self._is_overruled()
        return is_due and self._revise()

    def declare(self, name: str) -> None:
        """Takes a position that its writer vouches for: no score is needed."""
        self._declared = name

    def reconsider(self) -> bool:
        """Looks again although no look is due; true when the choice changed."""
        return self._revise()

    def _is_due(self, is_metric: bool) -> bool:
        if is_metric:
            return self._records <= FIRST or self._records in (SECOND, LAST)
        return self._records == 0 and self._rows <= FIRST

    def _is_overruled(self) -> bool:
        return self._declared not in (None, self.choice.name) and self._chosen is None

    def _tally(self, place: Place) -> None:
        epoch = next((value for step, value in place.steps if step.letter == "E"), None)
        seen: set[str] = set()
        for step, value in sorted(place.steps, key=lambda found: not found[0].bare):
            if step.name in seen or not self._has_room(step.name):
                continue
            seen.add(step.name)
            tally = self._tallies.setdefault(step.name, _Tally(step))
            tally.add(value, epoch if step.letter != "E" else None, place.is_aside)

    def _has_room(self, name: str) -> bool:
        return name in self._tallies or len(self._tallies) < _MOST_CANDIDATES

    def _revise(self) -> bool:
        before, self.choice = self.choice, self._choose()
        return before != self.choice

    def _choose(self) -> Choice:
        epoch = next((t.step.name for t in self._ranked() if t.step.letter == "E"), None)
        if self._chosen is not None:
            return Choice(self._chosen, epoch)
        if self._declared is not None:
            return Choice(self._declared)
        best = next((t for t in self._ranked() if t.objection() is None), None)
        if best is None:
            return Choice(WALL if self._has_clock() else LINE)
        has_mode = self._is_moded and epoch is not None and best.step.letter in "AC"
        wraps = best.wraps or (has_mode and best.unwrapped == 0 and best.step.letter == "C")
        return Choice(best.step.name, epoch, wraps, has_mode)

    def _ranked(self) -> list[_Tally]:
        return sorted(self._tallies.values(), key=lambda tally: tally.rank(self._records))

    def _has_clock(self) -> bool:
        return self._walls * 2 >= max(self._rows, 1) and self._walls > 0

    @property
    def axis(self) -> Axis:
        """The choice in words."""
        candidates = [
            Candidate(tally.step.name, tally.objection() or "another name ranks higher")
            for tally in self._ranked()
            if tally.step.name != self.choice.name
        ]
        return Axis(self._title(), self._reason(), candidates, self._unit())

    def _title(self) -> str:
        wraps = self.choice.wraps and self.choice.epoch
        return f"{self.choice.epoch} and {self.choice.name}" if wraps else self.choice.name

    def _unit(self) -> Unit:
        if self.choice.name in (WALL, LINE):
            return "wall" if self.choice.name == WALL else "line"
        tally = self._tallies.get(self.choice.name)
        return "epoch" if tally is not None and tally.step.letter == "E" else "step"

    def _reason(self) -> str:
        name, tally = self.choice.name, self._tallies.get(self.choice.name)
        if self._chosen is not None:
            return f"{name}: chosen by you"
        if self._declared is not None:
            return f"{name}: as Karn's events count it"
        if tally is None:
            return "no position found" + (
                ", so wall time" if name == WALL else " and no clock, so the number of the line"
            )
        share = f"{name} is in {tally.seen} of the first {self._records} metric records"
        if self.choice.wraps:
            return f"{share} and begins again with each {self.choice.epoch}"
        return f"{share} and falls {tally.fell + tally.wrapped} times"
