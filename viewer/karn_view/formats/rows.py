"""What a reader makes of lines: rows, marks, an axis. Pure."""

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

Kind = Literal["metric", "event", "config", "text", "summary", "fault"]
Unit = Literal["step", "epoch", "wall", "line"]


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
        text: The reason of a fault, the line of a text, a few words for an event.
    """

    offset: int
    kind: Kind
    type: str
    severity: str
    wall: float
    x: float
    own_x: bool
    points: list[tuple[str, float]]
    record: dict[str, Any] | None
    text: str


class Mark(NamedTuple):
    """The row at which a resumed branch or another run begins."""

    row: int
    kind: Literal["resume", "run"]
    x: float
    label: str


class Batch(NamedTuple):
    """What some lines added.

    Attributes:
        rows: The new rows, in file order.
        marks: The new marks; every mark of the file when ``rekeyed`` is not None.
        rekeyed: None, or the x of all rows before this batch, because the axis was revised.
    """

    rows: list[Row]
    marks: list[Mark]
    rekeyed: Sequence[float] | None


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
