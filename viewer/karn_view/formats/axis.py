"""Which of a file's numbers is its x: one choice a file, by score. Pure.

The choice is made from the records seen so far, at every one of the first fifty metric records
and again at 200 and 1,000, so it depends on the file's content and never on when it was read.
"""

from typing import NamedTuple

from karn_view.formats.place import Place
from karn_view.formats.rows import Axis, Candidate
from karn_view.formats.tally import Tally

FIRST, SECOND, LAST = 50, 200, 1_000
_MOST_ROWS = 100_000
_MOST_CANDIDATES = 64


WALL, LINE = "wall", "line"


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


class Chooser:
    """Scores the candidates of a file."""

    def __init__(self, chosen: str | None = None) -> None:
        self._chosen = chosen
        self._tallies: dict[str, Tally] = {}
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
        """Takes a position that its writer vouches for, so no score is needed.

        It comes too late once the choice stands.
        """
        if not self.is_settled:
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
            tally = self._tallies.setdefault(step.name, Tally(step))
            tally.add(value, epoch if step.letter != "E" else None, place)

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

    def _ranked(self) -> list[Tally]:
        return sorted(self._tallies.values(), key=lambda tally: tally.rank(self._records))

    def _has_clock(self) -> bool:
        return self._walls * 2 >= max(self._rows, 1) and self._walls > 0

    @property
    def positions(self) -> set[str]:
        """The axis and whatever else only says where a record stands."""
        return {self.choice.name, *(t.step.name for t in self._ranked() if t.is_position)}

    @property
    def axis(self) -> Axis:
        """The choice in words."""
        candidates = [
            Candidate(tally.step.name, tally.objection() or "another name ranks higher")
            for tally in self._ranked()
            if tally.step.name != self.choice.name
            and not (tally.step.is_guess and tally.objection())
        ]
        return Axis(self._title(), self._reason(), candidates)

    def _title(self) -> str:
        wraps = self.choice.wraps and self.choice.epoch
        return f"{self.choice.epoch} and {self.choice.name}" if wraps else self.choice.name

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
        return f"{share} and {_times(tally.fell + tally.wrapped)}"


def _times(falls: int) -> str:
    return {0: "never falls", 1: "falls once"}.get(falls, f"falls {falls} times")
