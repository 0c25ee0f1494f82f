"""What a reader makes of lines: rows, marks, an axis. Pure."""

from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from karn_view.formats.karn.event import Event
from karn_view.formats.points import Points

Kind = Literal["metric", "event", "config", "text", "summary", "fault"]
Floats = NDArray[np.float64]
_FREED_AT_ONCE = 100


class Row(msgspec.Struct, frozen=True, gc=False):
    """One line, understood.

    Attributes:
        offset: Where the line begins in its file, in bytes.
        kind: What the line is, and so which panel of the page it belongs to.
        type: What the event log filters by: an event's own name, or such as "train" and "text".
        severity: "", "debug", "info", "warning", "error" or "critical".
        wall: Seconds since 1970; NaN when the line does not tell.
        x: Position on the file's axis; carried when the line has none, NaN before the first.
        own_x: Whether ``x`` is this line's own.
        points: Metric name and value; values may be NaN or infinite.
        event: What it is in a run of Karn's; None for any other line.
        text: The reason of a fault, the line of a text; "" otherwise.
    """

    offset: int
    kind: Kind
    type: str
    severity: str
    wall: float
    x: float
    own_x: bool
    points: Points
    event: Event | None
    text: str


class Mark(NamedTuple):
    """The row at which a resumed branch or another run begins."""

    row: int
    kind: Literal["resume", "run"]
    x: float
    label: str


class Sheet(NamedTuple):
    """Many rows of one shape as columns: what differs between them, and what does not.

    Attributes:
        at: Which rows of the batch they are, ascending.
        offsets: Where their lines begin; ``walls`` and ``x`` as those of a `Row`.
        kind: What all of them are; ``type`` and ``severity`` as those of a `Row`.
        names: The metrics, a column of ``values`` each.
    """

    at: NDArray[np.int64]
    offsets: NDArray[np.int64]
    walls: Floats
    x: Floats
    kind: Kind
    type: str
    severity: str
    names: Sequence[str]
    values: Floats


class Batch(NamedTuple):
    """What some lines added.

    Attributes:
        rows: The new rows that were looked at one by one, in file order.
        marks: The new marks; every mark of the file when ``rekeyed`` is not None.
        rekeyed: None, or the x of all rows before this batch, because the axis was revised.
        sheets: The rest of the new rows.
    """

    rows: list[Row]
    marks: list[Mark]
    rekeyed: list[float] | None
    sheets: Sequence[Sheet] = ()

    @property
    def size(self) -> int:
        """How many rows are new."""
        return len(self.rows) + sum(len(sheet.at) for sheet in self.sheets)

    def in_order(self) -> Iterator[Row | int]:
        """``rows``, and between them how many of the others stand there."""
        passed = 0
        for index, (row, at) in enumerate(zip(self.rows, self.places().tolist(), strict=True)):
            if at - index > passed:
                yield at - index - passed
                passed = at - index
            yield row
        if self.size - len(self.rows) > passed:
            yield self.size - len(self.rows) - passed

    @property
    def walls(self) -> Floats:
        """The wall time of every row, NaN where it has none."""
        walls = np.empty(self.size)
        walls[self.places()] = [row.wall for row in self.rows]
        for sheet in self.sheets:
            walls[sheet.at] = sheet.walls
        return walls

    def let_go(self) -> None:
        """Frees the rows, in parts: those of a block at once hold the interpreter for 5 ms."""
        while self.rows:
            del self.rows[-_FREED_AT_ONCE:]

    def places(self) -> NDArray[np.int64]:
        """Which rows of the batch ``rows`` are."""
        is_row = np.ones(self.size, bool)
        for sheet in self.sheets:
            is_row[sheet.at] = False
        return np.flatnonzero(is_row)


class Candidate(NamedTuple):
    """Something that could have been the axis, and why it is not."""

    name: str
    reason: str


class Axis(NamedTuple):
    """What x means in this file, and why."""

    name: str
    reason: str
    candidates: list[Candidate]


class Progress(NamedTuple):
    """How far the run has come, by its own account: 5 of 400 "step"."""

    position: float
    total: float
    unit: str


class Overrides(NamedTuple):
    """What the user decided: the axis' key ("wall" and "line" too) and the clock's key."""

    x: str | None = None
    time: str | None = None
