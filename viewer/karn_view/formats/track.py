"""The x of every row of a file, revised as more of it is read. Pure."""

from array import array
from collections.abc import Sequence
from typing import NamedTuple

from karn_view.formats.axis import Choice, Chooser
from karn_view.formats.course import Course, Step
from karn_view.formats.place import Place
from karn_view.formats.rows import Axis, Floats, Mark
from karn_view.formats.ways import Ways


class Revision(NamedTuple):
    """The x of rows from the first one on, and which of them are the row's own."""

    x: Sequence[float]
    own_x: Sequence[int]


class Track:
    """Places rows; revises all of them until the axis is settled.

    Rows are kept until then, so that a revision gives what would have been given had the axis
    been known from the start. The outcome depends on the rows alone, never on how they came.
    """

    def __init__(self, chooser: Chooser) -> None:
        self._chooser = chooser
        self._course = Course(chooser.choice)
        self._places: list[Place] | None = []
        self._x = array("d")
        self._own_x = bytearray()
        self._marks: list[Mark] = []
        self._is_revised = False

    @property
    def axis(self) -> Axis:
        """What x means so far."""
        return self._chooser.axis

    def add(self, place: Place) -> Step:
        """Places the next row; final unless `take_revision` says otherwise."""
        if self._places is not None:
            return self._add_unsettled(self._places, place)
        step = self._course.advance(place)
        if step.mark is not None:
            self._marks.append(step.mark)
        return step

    @property
    def is_settled(self) -> bool:
        """Whether what is placed from here on is not revised any more."""
        return self._places is None

    @property
    def choice(self) -> Choice:
        """The axis as it is now."""
        return self._course.choice

    def add_all(self, ways: Ways) -> Floats:
        """Places many rows, once the axis is settled."""
        x, marks = self._course.advance_all(ways)
        self._marks += marks
        return x

    def _add_unsettled(self, places: list[Place], place: Place) -> Step:
        places.append(place)
        is_changed = self._chooser.observe(place)
        step = self._note(self._course.advance(place))
        if is_changed or (step.mark and self._chooser.reconsider()) or self._has_grown():
            step = self._replay(places)
        if self._chooser.is_settled:
            self._places = None
        return step

    def _note(self, step: Step) -> Step:
        self._x.append(step.x)
        self._own_x.append(step.own_x)
        if step.mark is not None:
            self._marks.append(step.mark)
        return step

    def _has_grown(self) -> bool:
        return self._course.lap is not None and self._course.lap.is_grown

    def _replay(self, places: list[Place]) -> Step:
        """Places all rows again: along the axis as it is now, with epochs as long as they are."""
        rehearsal = Course(self._chooser.choice)
        for place in places:
            rehearsal.advance(place)
        period = rehearsal.lap.period if rehearsal.lap else 0.0
        self._course = Course(self._chooser.choice, period)
        self._x, self._own_x, self._marks = array("d"), bytearray(), []
        self._is_revised = True
        return [self._note(self._course.advance(place)) for place in places][-1]

    def take_marks(self) -> list[Mark]:
        """The marks since the last call; all marks of the file after a revision."""
        marks, self._marks = self._marks, []
        return marks

    def take_revision(self) -> Revision | None:
        """The rows up to where the axis was settled, if it was revised since the last call."""
        revision = Revision(self._x, self._own_x) if self._is_revised else None
        self._is_revised = False
        if self._places is None:
            self._x, self._own_x = array("d"), bytearray()
        return revision
