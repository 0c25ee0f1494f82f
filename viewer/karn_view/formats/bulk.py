"""Many lines at once: those of known forms as columns, the others one by one. Pure."""

import itertools
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from karn_view.formats.ahead import Ahead, Block, Scout
from karn_view.formats.axis import LINE, WALL, Choice
from karn_view.formats.foreign import ForeignDialect, Meaning
from karn_view.formats.head import decisive
from karn_view.formats.looks import Spelling
from karn_view.formats.outline import Outline, Unlike
from karn_view.formats.place import Place, value_of
from karn_view.formats.plan import Cut, Plan
from karn_view.formats.rows import Floats, Row, Sheet
from karn_view.formats.shape import Shape
from karn_view.formats.taker import Form
from karn_view.formats.tell import UNKNOWN
from karn_view.formats.track import Track
from karn_view.formats.ways import Ways
from karn_view.lines import LF, Line
from karn_view.record import Record

_MOST_PLANS = 256
_MOST_OF_A_KIND = 16  # objects within may differ
_MOST_TRIED = 4_096
_FIRST_PORTION = 8 << 10
_LOOKED = -1
_eras = itertools.count(1)

Kind = tuple[Shape, tuple[str | int, ...]]
"""A shape, and the words that decide."""
Look = Callable[[Line], bool]
"""Reads a line that has no plan; true when the next one has to be looked at too."""


class Looked(NamedTuple):
    """A row that was looked at, and which of the batch it is; its x is still to come."""

    at: int
    row: Row
    place: Place


class Bulk:
    """The plans of a file, and what the batch at hand has so far.

    Attributes:
        size: How many rows.
        looked: Those that had no plan.
    """

    def __init__(self, dialect: ForeignDialect) -> None:
        self._dialect = dialect
        self._eras = (next(_eras), next(_eras))
        self._plans_in: tuple[list[Plan], list[Plan]] = ([], [])
        self._of_a_kind: dict[tuple[int, Kind], int] = defaultdict(int)
        self._tries: dict[Shape, int] = {}
        self._scout = Scout(self.era)
        self._portion = _FIRST_PORTION
        self._cuts: list[Cut] = []
        self.size = 0
        self.looked: list[Looked] = []
        self._progress_at = -1

    @property
    def era(self) -> int:
        """Another one once runs write in turns: metrics have other names from there on."""
        return self._eras[self._dialect.in_turns]

    @property
    def _plans(self) -> list[Plan]:
        return self._plans_in[self._dialect.in_turns]

    @property
    def forms(self) -> list[Form]:
        """The forms of lines that have a plan, by their numbers."""
        return [plan.outline.form for plan in self._plans]

    def read(self, block: Block, look: Look, must_look: bool) -> None:
        """Goes through lines in order; those of known forms become columns.

        Args:
            block: The lines.
            look: Reads one of the others.
            must_look: Whether the first line has to be looked at.
        """
        for part in self._portions(block):
            known = len(self._plans)
            must_look = self.take_over(part, self._scouted(part.data), look, must_look)
            # The next portion is read with what this one has taught.
            self._portion = 4 * self._portion if len(self._plans) == known else _FIRST_PORTION

    def _portions(self, block: Block) -> Iterator[Block]:
        begin = 0
        while begin < len(block.data):
            end = block.data.find(LF, begin + self._portion) + 1 or len(block.data)
            yield Block(block.offset + begin, block.data[begin:end])
            begin = end

    def _scouted(self, data: bytes) -> Ahead:
        if self._scout.era != self.era:
            self._scout = Scout(self.era)
        self._scout.learn(self.forms[self._scout.learnt :])
        return self._scout.read(data)

    def take_over(self, block: Block, ahead: Ahead, look: Look, must_look: bool = False) -> bool:
        """Goes through lines that were read ahead, as `read` does.

        Returns:
            Whether the line after them has to be looked at.
        """
        plans = self._plans  # as they are numbered here, whatever the lines turn out to hold
        rows = np.full(len(ahead.forms), _LOOKED)
        at, barred = 0, self._barred(ahead)
        spelled = {form: plans[form].outline.spellings for form in ahead.taken}
        unknown = _where(ahead, barred, 0)
        while at < len(rows):
            end = at if must_look else next((end for end in unknown if end >= at), len(rows))
            rows[at:end] = np.arange(self.size, self.size + end - at)
            self.size += end - at
            _count(spelled, ahead.forms[at:end])
            at = end + 1
            if end < len(rows):
                must_look = self._look(block.line(ahead, end), look)
                if barred != (barred := self._barred(ahead)):
                    unknown = _where(ahead, barred, at)
        for form, taken in ahead.taken.items():
            kept = rows[taken.lines] != _LOOKED
            if kept.any():
                taken = taken if kept.all() else taken.at(kept)
                offsets = block.offset + ahead.begins[taken.lines]
                cut = Cut(plans[form], taken, rows[taken.lines], offsets)
                self._cuts.append(cut)
        return must_look

    def _barred(self, ahead: Ahead) -> list[int]:
        """The forms whose lines have to be looked at, as things stand."""
        if ahead.era != self.era:
            return [*ahead.taken]
        return [form for form in ahead.taken if not self._is_expected(self._plans[form])]

    def _is_expected(self, plan: Plan) -> bool:
        told = plan.outline
        if not all(spelling.is_believed for spelling in told.spellings):
            return False
        return not (told.run or told.totals) or self._dialect.expects(told.run, told.totals)

    def _look(self, line: Line, look: Look) -> bool:
        before = self._dialect.progress
        must_look = look(line)
        if self._dialect.progress is not before:
            self._progress_at = self.size - 1
        return must_look

    def note(self, row: Row, place: Place) -> None:
        """Adds a row that was looked at."""
        self.looked.append(Looked(self.size, row, place))
        self.size += 1

    def learn(self, record: Record, meaning: Meaning) -> None:
        """Makes a plan for lines like this record, which was looked at, if there can be one.

        What stands in the way may pass, so it is tried again after two, four, eight ... records.
        """
        if len(self._tries) >= _MOST_TRIED:
            self._tries.clear()
        shape = self._dialect.shapes.of(record)
        tried = self._tries[shape] = self._tries.get(shape, 0) + 1
        if tried & (tried - 1) or len(self._plans) >= _MOST_PLANS:
            return
        head = self._dialect.head(shape, record)
        words = tuple(record[key] for key in decisive(head) if type(record[key]) in (str, int))
        kind = (self.era, (shape, words))
        if self._of_a_kind[kind] >= _MOST_OF_A_KIND:
            return
        if not self._dialect.is_repeatable(meaning):
            return
        try:
            outline = Outline(record, shape, head, meaning)
        except Unlike:
            return
        if outline.form in self.forms:
            return  # this line was tried before the form was known
        self._plans.append(Plan(meaning, outline))
        self._of_a_kind[kind] += 1
        self._tries[shape] = 0  # another word in its place may need a plan of its own

    def finish(self, first: int, track: Track) -> tuple[int, list[Row], list[Sheet]]:
        """The rows of the batch with their x; the next batch begins.

        Args:
            first: How many rows the file had before.
            track: Gives rows their x.

        Returns:
            How many lines became columns, the rows of the others, and the columns.
        """
        cuts = self._cuts
        x = track.add_all(_ways(self.size, first, track.choice, cuts, self.looked))
        self._tell_progress(cuts)
        rows = [replace(row, x=float(x[at]), own_x=True) for at, row, _ in self.looked]
        sheets = [cut.sheet(x) for cut in cuts]
        self.size, self.looked, self._cuts = 0, [], []
        self._progress_at = -1
        return sum(len(cut.at) for cut in cuts), rows, sheets

    def _tell_progress(self, cuts: list[Cut]) -> None:
        told = [found for cut in cuts if (found := cut.progress())]
        at, progress = max(told, default=(-1, None))
        if at > self._progress_at:
            self._dialect.progress = progress


def _count(spelled: Mapping[int, Sequence[Spelling]], forms: NDArray[np.int16]) -> None:
    """Has noted what lines of these forms spelled."""
    for form, spellings in spelled.items():
        for spelling in spellings:
            spelling.count(int(np.count_nonzero(forms == form)))


def _where(ahead: Ahead, barred: Sequence[int], first: int) -> Iterator[int]:
    """The lines from one on that have to be looked at."""
    is_unknown = np.isin(ahead.forms[first:], [UNKNOWN, *barred])
    return iter((first + np.flatnonzero(is_unknown)).tolist())


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
