"""How the lines of one shape are read without a look at each. Pure.

A plan is made from a record that was looked at. It takes exactly the lines that would be understood
alike: the same keys, values of the same types, and the same words where words decide. What it takes
becomes columns.
"""

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, groupby
from operator import attrgetter
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from karn_view.formats.clock import wall_times_s
from karn_view.formats.foreign import Meaning
from karn_view.formats.outline import Outline
from karn_view.formats.place import Place, are_positions
from karn_view.formats.rows import Floats, Progress, Sheet
from karn_view.formats.shapes import progress_among
from karn_view.lines import Line

Getter = Callable[[Any], Any]

_FIRST_CHUNK, _LONGEST_CHUNK = 16, 4_096
_data_of = attrgetter("data")
_REFUSED = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


class Plan:
    """Reads lines of one shape.

    Attributes:
        meaning: What each of these lines means, but for its numbers and its clock.
        outline: What the lines have in common.
        successor: The plan whose lines came after these the last time.
        usual_run: How many of these lines stood together the last time.
    """

    def __init__(self, meaning: Meaning, outline: Outline) -> None:
        self.meaning = meaning
        self.outline = outline
        self.successor: Plan | None = None
        self.usual_run = sys.maxsize
        self._structs: list[Any] = []
        self._runs: list[tuple[int, int, int]] = []  # row, line, how many
        self._decode = outline.decode
        self._groups = [*_by_holder(outline.numbers)]
        self._clocks = [attrgetter(path) for path in outline.clocks]

    def take(self, lines: Sequence[Line], first: int, row: int, most: int) -> int:
        """Takes lines from the first one on until one is not of these; returns how many."""
        before, end, chunk = len(self._structs), first, _FIRST_CHUNK
        stop = min(first + most, len(lines))
        try:
            while end < stop:
                part = lines[end : min(end + chunk, stop)]
                self._structs.extend(map(self._decode, map(_data_of, part)))
                end, chunk = end + len(part), min(4 * chunk, _LONGEST_CHUNK)
        except _REFUSED:
            pass  # what was decoded before that is kept
        taken = len(self._structs) - before
        if taken:
            self._runs.append((row, first, taken))
        return taken

    @property
    def is_used(self) -> bool:
        """Whether anything was taken since the last cut."""
        return bool(self._runs)

    def cut(self) -> "Cut":
        """Everything taken since the last time, as columns."""
        structs, (rows, firsts, counts) = self._structs, np.array(self._runs).T
        self._structs, self._runs = [], []
        within = np.arange(len(structs)) - (np.cumsum(counts) - counts).repeat(counts)
        at, lines = rows.repeat(counts) + within, firsts.repeat(counts) + within
        return Cut(self, at, lines, self._values(structs), self._walls(structs), structs)

    def _values(self, structs: Sequence[Any]) -> Floats:
        values = np.empty((len(structs), len(self.outline.numbers)))
        first = 0
        for holder, numbers, width in self._groups:
            rows: Iterable[Any] = map(numbers, map(holder, structs) if holder else structs)
            flat = rows if width == 1 else chain.from_iterable(rows)
            columns = np.fromiter(flat, np.float64, width * len(structs)).reshape(-1, width)
            values[:, first : first + width] = columns
            first += width
        return values

    def _walls(self, structs: Sequence[Any]) -> Floats:
        walls = np.full(len(structs), np.nan)
        for clock in self._clocks:
            missing = np.flatnonzero(np.isnan(walls))
            if len(missing) == len(walls):
                walls = wall_times_s([*map(clock, structs)])
            elif len(missing):
                walls[missing] = wall_times_s([clock(structs[index]) for index in missing.tolist()])
        return walls


def _by_holder(paths: Iterable[str]) -> Iterator[tuple[Getter | None, Getter, int]]:
    """What gets the numbers of one object after another, and how many they are."""
    for holder, held in groupby(paths, key=lambda path: path.rpartition(".")[0]):
        names = [path.rpartition(".")[2] for path in held]
        yield attrgetter(holder) if holder else None, attrgetter(*names), len(names)


class Cut:
    """Rows that a plan took from one batch, as columns of equal length."""

    def __init__(
        self,
        plan: Plan,
        at: NDArray[np.int64],
        lines: NDArray[np.int64],
        values: Floats,
        walls: Floats,
        structs: Sequence[Any],
    ) -> None:
        self.at = at
        self.walls = walls
        self._lines = lines
        self._plan = plan
        self._values = values
        self._structs = structs

    @property
    def place(self) -> Place:
        """What all rows say about where they stand."""
        return self._plan.meaning.place

    def own_x(self, name: str) -> Floats:
        """The positions of that name; NaN where a row has none."""
        x = np.full(len(self.at), np.nan)
        for index, step in sorted(self._plan.outline.steps, key=lambda found: found[1].bare):
            if step.name == name:
                column = self._values[:, index]
                x = np.where(are_positions(step, column), column, x)
        return x

    def place_of(self, index: int) -> Place:
        """What one row says about where it stands."""
        values = self._values[index]
        steps = [(step, float(values[column])) for column, step in self._plan.outline.steps]
        return self.place._replace(steps=steps, wall=float(self.walls[index]))

    def progress(self) -> tuple[int, Progress] | None:
        """The newest word on how far the run has come, and the row that says it."""
        outline = self._plan.outline
        if not outline.totals and outline.percent is None:
            return None
        for index in range(len(self.at) - 1, -1, -1):
            percent = getattr(self._structs[index], outline.percent) if outline.percent else None
            found = progress_among(self.place_of(index).steps, outline.totals, percent)
            if found is not None:
                return int(self.at[index]), found
        return None

    def sheet(self, offsets: NDArray[np.int64], x: Floats) -> Sheet:
        """The rows for the store, given the offsets of all lines and the x of all rows."""
        meaning, outline = self._plan.meaning, self._plan.outline
        return Sheet(
            self.at,
            offsets[self._lines],
            self.walls,
            x[self.at],
            meaning.kind,
            meaning.type,
            meaning.severity,
            meaning.points.names,
            self._values[:, outline.shown],
        )
