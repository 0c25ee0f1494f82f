"""Many lines at once: those of known shapes as columns, the others one by one. Pure.

A training writes the same shapes in the same order again and again, so the plan that took the last
line is asked first, then the one that followed it the last time.
"""

import itertools
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from karn_view.formats.ahead import Ahead, Block, Scout
from karn_view.formats.axis import LINE, WALL, Choice
from karn_view.formats.foreign import ForeignDialect, Meaning
from karn_view.formats.head import decisive
from karn_view.formats.outline import Outline, Unlike
from karn_view.formats.place import Place, value_of
from karn_view.formats.plan import Cut, Plan
from karn_view.formats.rows import Floats, Row, Sheet
from karn_view.formats.shape import Shape
from karn_view.formats.taker import Form, Run
from karn_view.formats.track import Track
from karn_view.formats.ways import Ways
from karn_view.lines import Line
from karn_view.record import Record, decode

_MOST_PLANS = 256
_MOST_OF_A_KIND = 4  # objects within may differ
_MOST_TRIED = 4_096
_eras = itertools.count(1)

Kind = tuple[Shape, tuple[str | int, ...]]


class Looked(NamedTuple):
    """A row that was looked at, and which of the batch it is; its x is still to come."""

    at: int
    row: Row
    place: Place


class Bulk:
    """The plans of a file, and what the batch at hand has so far.

    Attributes:
        size: How many rows.
        looked: Those that no plan took.
        era: Another one when all forms that others know are to be forgotten.
    """

    def __init__(self, dialect: ForeignDialect) -> None:
        self._dialect = dialect
        self._plans: dict[Kind, list[Plan]] = {}
        self._tries: dict[Shape, int] = {}
        self._numbered: list[Plan] = []
        self.era = next(_eras)
        self._scout = Scout(self.era)
        self._used: list[Plan] = []
        self._cuts: list[Cut] = []
        self._last: Plan | None = None
        self._run = 0
        self._in_turns = False
        self.size = 0
        self.looked: list[Looked] = []
        self._progress_at = -1

    def read(
        self, lines: Sequence[Line], look: Callable[[Line], bool], *, must_look: bool = False
    ) -> int:
        """Goes through the lines of a batch in order; returns how many of them plans took.

        Args:
            lines: The lines.
            look: Reads a line that no plan takes; true when the next one has to be looked at too.
            must_look: Whether the first line has to be looked at.
        """
        at = taken = 0
        bare = [line.data for line in lines]
        while at < len(lines):
            count = 0 if must_look else self._take(lines[at], bare, at)
            if not count:
                must_look = self._look(lines[at], look)
            self.size += count
            taken += count
            at += count or 1
        return taken

    def scouted(self, block: bytes) -> Ahead:
        """What can be read of a block with the forms known by now."""
        if self._scout.era != self.era:
            self._scout = Scout(self.era)
        self._scout.learn(self.forms[self._scout.learnt :])
        return self._scout.read(block)

    def take_over(self, block: Block, ahead: Ahead, look: Callable[[Line], bool]) -> int:
        """Goes through a block that was read ahead as `read` goes through lines."""
        kept: dict[int, list[Run]] = {}
        plans = self._numbered  # as they are numbered in this block, whatever it turns out to hold
        at, must_look = 0, False
        for form, first, count in (*ahead.stretches, (-1, len(ahead.begins) - 1, 0)):
            end = first + count
            while at < first or (at < end and (must_look or not self._may_take(ahead.era, form))):
                must_look = self._look(block.line(ahead, at), look)
                at += 1
            left = end - at
            if left > 0:
                kept.setdefault(form, []).append(Run(self.size, at, left))
                self.size, at = self.size + left, at + left
        found = {form: ahead.taken[form].only(runs) for form, runs in kept.items()}
        self._cuts = [Cut(plans[form], taken) for form, taken in found.items()]
        return sum(len(taken.walls) for taken in found.values())

    def _may_take(self, era: int, form: int) -> bool:
        """Whether lines of a form may be taken at this place without a look."""
        self._note_turns()
        return era == self.era and self._is_expected(self._numbered[form])

    def _look(self, line: Line, look: Callable[[Line], bool]) -> bool:
        before = self._dialect.progress
        must_look = look(line)
        if self._dialect.progress is not before:
            self._progress_at = self.size - 1
        return must_look

    def note(self, row: Row, place: Place) -> None:
        """Adds a row that was looked at."""
        self.looked.append(Looked(self.size, row, place))
        self.size += 1

    @property
    def forms(self) -> list[Form]:
        """The forms of lines that plans take, by their numbers in `take_over`."""
        return [plan.outline.form for plan in self._numbered]

    def _note_turns(self) -> None:
        if self._in_turns != self._dialect.in_turns:  # metrics have other names from here on
            self._in_turns = self._dialect.in_turns
            self._plans.clear()
            self._numbered, self.era = [], next(_eras)
            self._last = None

    def _is_expected(self, plan: Plan) -> bool:
        told = plan.outline
        return not (told.run or told.totals) or self._dialect.expects(told.run, told.totals)

    def _take(self, line: Line, lines: Sequence[bytes], at: int) -> int:
        """How many lines from this one on a plan has taken."""
        self._note_turns()
        for plan in self._candidates(line):
            is_other, is_new = plan is not self._last, not plan.is_used
            if not self._is_expected(plan):
                continue
            count = plan.take(lines, at, self.size, plan.usual_run if is_other else sys.maxsize)
            if count:
                self._used += [plan] * is_new
                self._follow(plan, count)
                return count
        return 0

    def _follow(self, plan: Plan, count: int) -> None:
        """Remembers which plan came after which, and after how many lines."""
        if plan is self._last:
            self._run += count
            return
        if self._last is not None:
            self._last.successor, self._last.usual_run = plan, self._run
        self._last, self._run = plan, count

    def _candidates(self, line: Line) -> Iterator[Plan]:
        """The likely plans first, then all of the line's shape, which takes a look to tell."""
        last = self._last
        if last is not None:
            if last.successor is not None:
                yield last.successor
            yield last
        record = decode(line) if self._plans else None
        if type(record) is dict:
            yield from self._plans.get(self._kind_of(record, self._dialect.shapes.of(record)), ())

    def _kind_of(self, record: Record, shape: Shape) -> Kind:
        """What a plan is for: a shape, and the words that decide."""
        keys = decisive(self._dialect.head(shape, record))
        return shape, tuple(record[key] for key in keys if type(record[key]) in (str, int))

    def learn(self, record: Record, meaning: Meaning) -> None:
        """Makes a plan for lines like this record, which was looked at, if there can be one.

        What stands in the way may pass, so it is tried again after two, four, eight ... records.
        """
        if len(self._tries) >= _MOST_TRIED:
            self._tries.clear()
        shape = self._dialect.shapes.of(record)
        tried = self._tries[shape] = self._tries.get(shape, 0) + 1
        if tried & (tried - 1) or sum(map(len, self._plans.values())) >= _MOST_PLANS:
            return
        if not self._dialect.is_repeatable(record, meaning):
            return
        try:
            outline = Outline(record, shape, self._dialect.head(shape, record), meaning)
        except Unlike:
            return
        plans = self._plans.setdefault(self._kind_of(record, shape), [])
        plans.append(Plan(meaning, outline))
        if len(self._numbered) < _MOST_PLANS:
            self._numbered.append(plans[-1])
        del plans[:-_MOST_OF_A_KIND]
        self._tries[shape] = 0  # another word in its place may need a plan of its own

    def finish(
        self, offsets: NDArray[np.int64], first: int, track: Track
    ) -> tuple[list[Row], list[Sheet]]:
        """The rows of the batch with their x; the next batch begins.

        Args:
            offsets: Where its lines begin.
            first: How many rows the file had before.
            track: Gives rows their x.
        """
        cuts = [*self._cuts, *(plan.cut() for plan in self._used)]
        x = track.add_all(_ways(self.size, first, track.choice, cuts, self.looked))
        self._tell_progress(cuts)
        rows = [row._replace(x=float(x[at]), own_x=True) for at, row, _ in self.looked]
        sheets = [cut.sheet(offsets, x) for cut in cuts]
        self.size, self.looked, self._used, self._cuts = 0, [], [], []
        self._progress_at = -1
        return rows, sheets

    def _tell_progress(self, cuts: list[Cut]) -> None:
        told = [found for cut in cuts if (found := cut.progress())]
        at, progress = max(told, default=(-1, None))
        if at > self._progress_at:
            self._dialect.progress = progress


def _ways(
    size: int, first: int, choice: Choice, cuts: Sequence[Cut], looked: Sequence[Looked]
) -> Ways:
    """What all rows of a batch say of where they stand, in columns."""
    own, epochs = np.full(size, np.nan), np.full(size, np.nan)
    kinds, owner, index = (np.zeros(size, np.int64) for _ in range(3))
    codes: dict[tuple[int, str], int] = {}
    for number, cut in enumerate(cuts):
        owner[cut.at], index[cut.at] = number, np.arange(len(cut.at))
        kinds[cut.at] = codes.setdefault((cut.place.keyset, cut.place.member), len(codes))
        own[cut.at] = _own_x(choice, cut, first)
        epochs[cut.at] = cut.own_x(choice.epoch) if choice.epoch else np.nan
    for number, (at, _, place) in enumerate(looked):
        owner[at], index[at] = -1, number
        kinds[at] = codes.setdefault((place.keyset, place.member), len(codes))
        own[at] = _own_x_of(choice, place, first + at)
        epochs[at] = value_of(choice.epoch, place.steps) if choice.epoch else np.nan

    def place_of(row: int) -> Place:
        number, at = int(owner[row]), int(index[row])
        return looked[at].place if number < 0 else cuts[number].place_of(at)

    begun = [at for at, _, place in looked if place.run is not None]
    return Ways(own, epochs, kinds, place_of, begun)


def _own_x(choice: Choice, cut: Cut, first: int) -> Floats:
    if choice.name == LINE:
        return np.asarray(first + 1 + cut.at, np.float64)
    if choice.name == WALL:
        return cut.walls
    if choice.keeps_to_training and cut.place.is_aside:
        return np.full(len(cut.at), np.nan)
    return cut.own_x(choice.name)


def _own_x_of(choice: Choice, place: Place, row: int) -> float:
    if choice.name == LINE:
        return row + 1.0
    if choice.name == WALL:
        return place.wall
    own = value_of(choice.name, place.steps)
    is_other = choice.keeps_to_training and place.is_aside
    return np.nan if own is None or is_other else own
