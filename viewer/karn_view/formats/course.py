"""The x of each row along the chosen axis, and where a run resumed or another began. Pure."""

import math
from collections.abc import Iterator
from typing import Literal, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from karn_view.formats.axis import LINE, WALL, Choice
from karn_view.formats.lap import Lap
from karn_view.formats.place import Place, value_of
from karn_view.formats.rows import Floats, Mark
from karn_view.formats.ways import Ways

_MOST_KEYSETS = 4_096
_FEW_ROWS = 32
_LAG = 0.5  # a row may stand behind by half: an evaluation that took its time
_ROWS_BEHIND = 10  # so many rows behind, one after another, are no evaluation any more


class Step(msgspec.Struct, frozen=True, gc=False):
    """Where a row stands: its x, whether that is its own, and the mark at it."""

    x: float
    own_x: bool
    mark: Mark | None


NOWHERE = Step(math.nan, False, None)


class Last(NamedTuple):
    """Where the rows of one key set of one writer were last."""

    own: float
    segment: int
    is_other_unit: bool


class Course:
    """Follows x from row to row.

    A fall within one key set is a resume, or another run when it falls to the beginning. Key sets
    are kept apart because the rows of an evaluation lag behind those of the training.
    """

    def __init__(self, choice: Choice, period: float = 0.0) -> None:
        self.choice = choice
        self.lap = Lap(period) if choice.wraps else None
        self._x = math.nan
        self._row = -1
        self._first = math.nan  # x of the first row of this run
        self._segment, self._start = 0, math.nan
        self._lasts: dict[tuple[int, str], Last] = {}
        self._keyset, self._member = 0, ""
        self._epoch: float | None = None
        self._behind = 0
        self._announced: Place | None = None
        self._glided: Place | None = None  # the newest of rows that only went ahead

    def advance(self, place: Place) -> Step:
        """Where the next row stands."""
        self._row += 1
        if place.run is not None:
            self._announced = place
        own = self._own(place)
        if own is None:
            return Step(self._x, False, None)
        is_same = place.keyset == self._keyset and place.member == self._member
        if own >= self._x and is_same and self._announced is None:
            self._x, self._glided = own, place
            self._note_epoch(place)
            return Step(own, True, None)
        if self._glided is not None:
            self._remember(self._x, self._glided, is_other_unit=False)
        mark = self._begin_announced(own)
        if self._is_flat:
            self._x = own
            return Step(own, True, mark)
        if own < self._x:
            return self._behind_x(own, place)
        return self._ahead(own, place, mark)

    def advance_all(self, ways: Ways) -> tuple[Floats, list[Mark]]:
        """The x of many rows, as `advance` gives one after another, and the marks among them."""
        x = np.empty(len(ways.own))
        return x, list(self._advance_part(ways, 0, len(x), x))

    def _advance_part(self, ways: Ways, begin: int, end: int, x: Floats) -> Iterator[Mark]:
        """Fills in what only goes ahead at once, anything else in halves, the last row by row."""
        if self._goes_ahead(ways, begin, end):
            self._go_ahead(ways, begin, end, x)
        elif end - begin <= _FEW_ROWS:
            for row in range(begin, end):
                step = self.advance(ways.place_of(row))
                x[row] = step.x
                if step.mark is not None:
                    yield step.mark
        else:
            middle = (begin + end) // 2
            yield from self._advance_part(ways, begin, middle, x)
            yield from self._advance_part(ways, middle, end, x)

    def _goes_ahead(self, ways: Ways, begin: int, end: int) -> bool:
        """Whether nothing has to be decided at any of these rows."""
        if self.lap is not None or self._announced is not None or ways.announces(begin, end):
            return False
        if len(self._lasts) + end - begin >= _MOST_KEYSETS:
            return False
        own = ways.own[begin:end]
        known = own[own == own]
        is_behind = len(known) > 0 and known[0] < self._x
        return self._is_flat or (not is_behind and bool((known[1:] >= known[:-1]).all()))

    def _go_ahead(self, ways: Ways, begin: int, end: int, x: Floats) -> None:
        """Takes the rows' own x, the last one where a row has none."""
        self._row += end - begin
        x[begin:end] = self._x
        known = begin + np.flatnonzero(~np.isnan(ways.own[begin:end]))
        if not len(known):
            return
        x[known[0] : end] = ways.own[known].repeat(np.diff(known, append=end))
        if not self._is_flat:
            self._remember_all(ways, known)
        self._x = float(x[end - 1])

    def _remember_all(self, ways: Ways, known: NDArray[np.int64]) -> None:
        if self._glided is not None:
            self._remember(self._x, self._glided, is_other_unit=False)
        if math.isnan(self._first):
            self._first = float(ways.own[known[0]])
        for row in ways.lasts(known):
            self._remember(float(ways.own[row]), ways.place_of(row), is_other_unit=False)
        epochs = ways.epochs[known]
        epochs = epochs[~np.isnan(epochs)]
        self._epoch = float(epochs[-1]) if len(epochs) else self._epoch

    @property
    def _is_flat(self) -> bool:
        """Whether x is the clock or the line, which neither resume nor lag."""
        return self.choice.name in (WALL, LINE)

    def _own(self, place: Place) -> float | None:
        """The row's own position, epochs laid end to end where they have to be."""
        if self.choice.name == LINE:
            return float(self._row + 1)
        if self.choice.name == WALL:
            return None if math.isnan(place.wall) else place.wall
        if self.choice.keeps_to_training and place.is_aside:
            return None
        own = value_of(self.choice.name, place.steps)
        epoch = self._epoch_of(place) if self.lap else None
        if own is None or self.lap is None or epoch is None:
            return own
        return self.lap.unrolled(own, epoch)

    def _note_epoch(self, place: Place) -> None:
        if self.choice.epoch is not None:
            epoch = self._epoch_of(place)
            self._epoch = self._epoch if epoch is None else epoch

    def _epoch_of(self, place: Place) -> float | None:
        return value_of(self.choice.epoch, place.steps) if self.choice.epoch else None

    def _ahead(self, own: float, place: Place, mark: Mark | None) -> Step:
        self._first = own if math.isnan(self._first) else self._first
        self._x = own
        self._remember(own, place, is_other_unit=False)
        return Step(own, True, mark)

    def _behind_x(self, own: float, place: Place) -> Step:
        """A row whose own position is below x: another lap, another unit, a fall, or late."""
        last = self._lasts.get((place.keyset, place.member))
        if self._is_next_lap(place):
            own = self._open_lap(own, place)
            return self._ahead(own, place, None)
        if self._is_other_unit(own, place.keyset, last):
            self._remember(own, place, is_other_unit=True)
            return Step(self._x, False, None)
        mark = self._fall(own) if self._has_fallen(own, last) else None
        return self._ahead(own, place, mark)

    def _is_next_lap(self, place: Place) -> bool:
        """Whether batches begin again because the epoch rose, in rows of the same keys."""
        if self.lap is not None or place.keyset != self._keyset:
            return False
        before, now = self._epoch, self._epoch_of(place)
        return before is not None and now is not None and now > before

    def _open_lap(self, own: float, place: Place) -> float:
        """From here on epochs are laid end to end, the one that just ended being the first."""
        before, now = self._epoch, self._epoch_of(place)
        if before is None or now is None:
            return own
        self.lap = Lap(first_epoch=before)
        self.lap.unrolled(self._first, before)
        self.lap.unrolled(self._x, before)
        return self.lap.unrolled(own, now)

    def _is_other_unit(self, own: float, keyset: int, last: Last | None) -> bool:
        """Whether the name means something else here, such as the epoch of a validation."""
        if self._behind >= _ROWS_BEHIND:
            return False
        if last is not None and last.is_other_unit:
            return own < self._x * _LAG
        if keyset == self._keyset or (last is not None and own < last.own):
            return False
        return own == self._epoch or own < self._x * _LAG

    def _has_fallen(self, own: float, last: Last | None) -> bool:
        """Whether this is a fall of its own, not the echo of one already marked."""
        if self._behind >= _ROWS_BEHIND:
            return True
        if last is None or own >= last.own:
            return False
        return last.segment == self._segment or own < self._start

    def _fall(self, own: float) -> Mark:
        is_run = own <= 1 or own <= self._first
        kind: Literal["run", "resume"] = "run" if is_run else "resume"
        mark = Mark(self._row, kind, own, f"{kind}: {self._x:.10g} → {own:.10g}")
        self._begin_segment(own, is_run=is_run)
        return mark

    def _begin_announced(self, own: float) -> Mark | None:
        """The mark of a run that was announced before its first position came."""
        announced, self._announced = self._announced, None
        if announced is None or math.isnan(self._x):
            return None
        is_run = not announced.continues or own <= 1 or own <= self._first
        self._begin_segment(own, is_run=is_run)
        return Mark(self._row, "run" if is_run else "resume", own, announced.run or "")

    def _begin_segment(self, own: float, *, is_run: bool) -> None:
        self._segment += 1
        self._start = self._x = own
        self._behind = 0
        if is_run:
            self._lasts.clear()
            self._first, self._epoch = own, None

    def _remember(self, own: float, place: Place, *, is_other_unit: bool) -> None:
        self._glided = None
        if is_other_unit:
            self._behind += place.keyset == self._keyset
        else:
            self._behind = 0
            self._note_epoch(place)
        if len(self._lasts) >= _MOST_KEYSETS:
            self._lasts.clear()
        self._lasts[place.keyset, place.member] = Last(own, self._segment, is_other_unit)
        self._keyset, self._member = place.keyset, place.member
