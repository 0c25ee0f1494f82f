"""Which lines are missing from a run file, and why. No I/O."""

from __future__ import annotations

from typing import Any

from karn.event import now
from karn.plain import iso


class Gap:
    """Collects the seqs that were lost since the file last said so."""

    def __init__(self) -> None:
        self._ranges: list[list[int]] = []
        self._reason = ""
        self._errno: int | None = None
        self._since = ""

    def __bool__(self) -> bool:
        return bool(self._ranges)

    @property
    def first(self) -> int:
        """The first seq that is missing; there is one."""
        return self._ranges[0][0]

    @property
    def count(self) -> int:
        """How many lines are missing."""
        return sum(last - first + 1 for first, last in self._ranges)

    def explain(self, reason: str, number: int | None) -> None:
        """Note why lines are being lost; the first reason of a gap is kept."""
        if not self._reason:
            self._reason, self._errno, self._since = reason, number, iso(now())

    def add(self, first: int, last: int) -> None:
        """Note that the lines from seq `first` to `last` are missing."""
        if self._ranges and self._ranges[-1][0] <= first <= self._ranges[-1][1] + 1:
            self._ranges[-1][1] = max(last, self._ranges[-1][1])
            return
        merged: list[list[int]] = []
        for start, end in sorted([*self._ranges, [first, last]]):
            if merged and start <= merged[-1][1] + 1:
                merged[-1][1] = max(end, merged[-1][1])
            else:
                merged.append([start, end])
        self._ranges = merged

    def data(self) -> dict[str, Any]:
        """Return the data of EVENTS_DROPPED."""
        return {
            "count": self.count,
            "first_seq": self.first,
            "last_seq": self._ranges[-1][1],
            "ranges": self._ranges,
            "reason": self._reason,
            "errno": self._errno,
            "since": self._since,
        }
