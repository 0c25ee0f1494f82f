"""How the lines of one form are read without a look at each. Pure.

A plan is made from a record that was looked at. It is for exactly the lines that would be
understood alike: the same keys, values of the same types, and the same words where words decide.
"""

from typing import NamedTuple

import numpy as np
from msgspec.structs import replace

from karn_view.formats.foreign import Meaning
from karn_view.formats.outline import Outline
from karn_view.formats.place import Place, are_positions
from karn_view.formats.rows import Floats, Progress, Sheet
from karn_view.formats.shapes import progress_among
from karn_view.formats.taker import Taken
from karn_view.formats.text import Indices


class Plan(NamedTuple):
    """How lines of one form are read.

    Attributes:
        meaning: What each of these lines means, but for its numbers and its clock.
        outline: What the lines have in common.
    """

    meaning: Meaning
    outline: Outline


class Cut:
    """Rows of one plan, as columns of equal length.

    Attributes:
        at: Which rows of the batch they are, ascending.
        walls: Their wall times.
    """

    def __init__(self, plan: Plan, taken: Taken, at: Indices, offsets: Indices) -> None:
        self.at, self._offsets = at, offsets
        self.walls = taken.walls
        self._plan = plan
        self._values = taken.values
        self._percents = taken.percents

    @property
    def place(self) -> Place:
        """What all rows say about where they stand."""
        return self._plan.meaning.place

    def own_x(self, name: str) -> Floats:
        """The positions of that name; NaN where a row has none."""
        x = np.full(len(self.at), np.nan)
        for index, step in sorted(self._plan.outline.steps, key=lambda found: not found[1].bare):
            if step.name == name:
                column = self._values[:, index]
                x = np.where(np.isnan(x) & are_positions(step, column), column, x)
        return x

    def place_of(self, index: int) -> Place:
        """What one row says about where it stands."""
        values = self._values[index]
        steps = [(step, float(values[column])) for column, step in self._plan.outline.steps]
        return replace(self.place, steps=steps, wall=float(self.walls[index]))

    def progress(self) -> tuple[int, Progress] | None:
        """The newest word on how far the run has come, and the row that says it."""
        outline, tells = self._plan.outline, len(self._percents) > 0
        if not outline.totals and not tells:
            return None
        for index in range(len(self.at) - 1, -1, -1):
            percent = float(self._percents[index]) if tells else None
            found = progress_among(self.place_of(index).steps, outline.totals, percent)
            if found is not None:
                return int(self.at[index]), found
        return None

    def sheet(self, x: Floats) -> Sheet:
        """The rows for the store, given the x of all rows."""
        meaning, outline = self._plan.meaning, self._plan.outline
        return Sheet(
            self.at,
            self._offsets,
            self.walls,
            x[self.at],
            meaning.kind,
            meaning.type,
            meaning.severity,
            meaning.points.names,
            self._values[:, outline.shown],
        )
