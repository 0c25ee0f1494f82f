"""What a reader makes of lines: rows, marks, an axis. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

Kind = Literal["metric", "event", "config", "text", "summary", "fault"]
Floats = NDArray[np.float64]
Unit = Literal["step", "epoch", "wall", "line"]


class Points:
    """What one row measured: names and values, iterated as pairs.

    Two columns instead of pairs, because rows of one shape share the names, and a million small
    tuples cost more than reading the file.

    Attributes:
        bands: What a value is the mean of: its least and largest, of those that told them.
    """

    __slots__ = ("bands", "names", "values")

    def __init__(self, names: Sequence[str] = (), values: Sequence[float] = ()) -> None:
        self.names = names
        self.values = values
        self.bands: dict[str, tuple[float, float]] = {}

    @classmethod
    def of(cls, pairs: Iterable[tuple[str, float]]) -> "Points":
        """The points of pairs."""
        kept = list(pairs)
        return cls([name for name, _ in kept], [value for _, value in kept])

    def __iter__(self) -> Iterator[tuple[str, float]]:
        return zip(self.names, self.values, strict=True)

    def __len__(self) -> int:
        return len(self.names)

    def __eq__(self, other: object) -> bool:
        return list(self) == list(other) if isinstance(other, Points | list) else NotImplemented

    __hash__ = None  # type: ignore[assignment]  # compared by value and mutable

    def __repr__(self) -> str:
        return repr(list(self))

    def extend(self, names: Sequence[str], values: Sequence[float]) -> None:
        """Adds columns of equal length; the first ones are taken as they are."""
        if not self.names:
            self.names, self.values = names, values
        elif isinstance(self.names, list) and isinstance(self.values, list):
            self.names.extend(names)
            self.values.extend(values)
        else:
            self.names, self.values = [*self.names, *names], [*self.values, *values]

    def add(self, name: str, value: float) -> None:
        """Adds one point."""
        self.extend((name,), (value,))


class Row(NamedTuple):
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
        record: The object with its envelopes undone; None for text and faults.
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
    record: dict[str, Any] | None
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
    unit_kind: Unit


class Progress(NamedTuple):
    """How far the run has come, by its own account: 5 of 400 "step"."""

    position: float
    total: float
    unit: str


class Overrides(NamedTuple):
    """What the user decided: the axis' key ("wall" and "line" too) and the clock's key."""

    x: str | None = None
    time: str | None = None
