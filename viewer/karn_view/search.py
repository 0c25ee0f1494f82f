"""The lines of a run that fit a filter, by their number: what a list of millions scrolls over.

What fits is found once and kept with the generation; a search goes on where it stopped, so that
the first lines of a long file are there at once and the rest follows request by request.
"""

import time
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from karn_view.generation import Generation
from karn_view.lines import Line, split
from karn_view.pages import item_of
from karn_view.record import Fault, decode
from karn_view.run import Run
from karn_view.store.column import Column
from karn_view.store.store import SEVERITIES, Store
from karn_view.tail import Skipped
from karn_view.where import Where

SEARCHES_KEPT = 8
SCAN_S = 0.5
"""A request searches so long, and tells how far it came."""
BLOCK_ROWS = 2_000
COLUMN_ROWS = 500_000
READ_BYTES = 1 << 20
NEIGHBOUR_BYTES = 1 << 15
"""Lines this close are read in one go."""


@dataclass(frozen=True)
class Filter:
    """Which lines fit; everything by default."""

    types: frozenset[str] = frozenset()
    severities: frozenset[str] = frozenset()
    text: str = ""
    where: tuple[Where, ...] = ()

    @property
    def reads(self) -> bool:
        """Whether the lines themselves have to be read."""
        return bool(self.text or self.where)

    def fits(self, line: Line) -> bool:
        """Whether the line itself does."""
        if self.text and self.text.casefold() not in line.data.decode(errors="replace").casefold():
            return False
        if not self.where:
            return True
        record = decode(line)
        return isinstance(record, dict) and all(one.fits(record) for one in self.where)


@dataclass(frozen=True)
class Found:
    """Some of the lines that fit.

    Attributes:
        lines: Ready for JSON, each with its number among those that fit.
        count: How many fit so far.
        searched: How many lines of the run were looked at.
        total: How many there are.
        near: The number of the first that begins at or after the byte asked for.
    """

    lines: list[dict[str, Any]]
    count: int
    searched: int
    total: int
    near: int


class Search:
    """The rows of one generation that fit a filter, found so far."""

    def __init__(self, wanted: Filter) -> None:
        self.wanted = wanted
        self.seen = 0
        self._rows = Column(np.int64)

    @property
    def rows(self) -> NDArray[np.int64]:
        return self._rows.view

    def advance(self, run: Run, generation: Generation, until: float) -> None:
        """Searches on until a moment of the monotonic clock. Reads the file if it has to."""
        while self.seen < len(generation.store):
            with run.lock:
                store = generation.store
                size = BLOCK_ROWS if self.wanted.reads else COLUMN_ROWS
                end = min(len(store), self.seen + size)
                rows = self._by_columns(store, end)
                offsets = store.offsets.view
                stop = int(offsets[end]) if end < len(store) else generation.end
            if self.wanted.reads and len(rows):
                rows = self._by_lines(run, generation.id, rows, offsets[rows], stop)
            self._rows.extend(rows)
            self.seen = end
            if time.monotonic() > until:
                return

    def _by_columns(self, store: Store, end: int) -> NDArray[np.int64]:
        """Rows by type and severity; of several in one line the first."""
        part = slice(self.seen, end)
        offsets = store.offsets.view
        fits = np.ones(end - self.seen, bool)
        fits[1:] = offsets[self.seen + 1 : end] != offsets[self.seen : end - 1]
        if self.seen:
            fits[0] = offsets[self.seen] != offsets[self.seen - 1]
        if self.wanted.types:
            codes = [n for n, name in enumerate(store.type_names) if name in self.wanted.types]
            fits &= np.isin(store.types.view[part], codes)
        if self.wanted.severities:
            codes = [SEVERITIES.index(one) for one in self.wanted.severities if one in SEVERITIES]
            fits &= np.isin(store.severities.view[part], codes)
        return np.flatnonzero(fits) + self.seen

    def _by_lines(
        self,
        run: Run,
        generation: str,
        rows: NDArray[np.int64],
        offsets: NDArray[np.int64],
        stop: int,
    ) -> NDArray[np.int64]:
        """Those of the rows whose lines fit."""
        row_at = dict(zip(offsets.tolist(), rows.tolist(), strict=True))
        lines = _lines(run, generation, int(offsets[0]), stop)
        found = [
            row_at[line.offset]
            for line in lines
            if isinstance(line, Line) and line.offset in row_at and self.wanted.fits(line)
        ]
        return np.array(found, np.int64)


def find(
    run: Run,
    wanted: Filter,
    *,
    first: int | None,
    limit: int,
    until: int | None = None,
    near: int | None = None,
    x: float | None = None,
    scan_s: float = SCAN_S,
) -> Found:
    """The lines that fit, from number ``first`` on; without one, those around ``near``.

    Without ``near`` it is the end. With ``x``, it is the first line from there on, or of all, that
    stands at it or beyond; with ``until`` it is as if the file ended at that byte. Reads the file,
    for a moment.
    """
    generation = run.current
    search = _kept(generation, wanted)
    search.advance(run, generation, time.monotonic() + scan_s)
    with run.lock:
        store = generation.store
        limit_row = len(store) if until is None else store.rows_before(until)
        near_row = len(store) if near is None and x is None else store.rows_before(near or 0)
        if x is not None:
            beyond = np.flatnonzero(store.x.view[near_row:] >= x)
            near_row = near_row + int(beyond[0]) if len(beyond) else len(store)
        rows = search.rows[: int(np.searchsorted(search.rows, limit_row))]
        place = int(np.searchsorted(rows, near_row))
        first = max(0, place - limit // 2) if first is None else first
        offsets = store.offsets.view[rows[first : first + limit]]
    lines = [
        {"nth": first + n, **item}
        for n, item in enumerate(_items(run, generation.id, offsets.tolist()))
    ]
    return Found(lines, len(rows), min(search.seen, limit_row), limit_row, place)


_SEARCHES: WeakKeyDictionary[Generation, OrderedDict[Filter, Search]] = WeakKeyDictionary()


def _kept(generation: Generation, wanted: Filter) -> Search:
    searches = _SEARCHES.setdefault(generation, OrderedDict())
    search = searches.pop(wanted, None) or Search(wanted)
    searches[wanted] = search
    if len(searches) > SEARCHES_KEPT:
        searches.popitem(last=False)
    return search


def _items(run: Run, generation: str, offsets: list[int]) -> Iterator[dict[str, Any]]:
    """The lines at some offsets; neighbours are read together."""
    for group in _neighbours(offsets):
        wanted = set(group)
        for line in _lines(run, generation, group[0], group[-1] + 1):
            if line.offset not in wanted:
                continue
            if isinstance(line, Fault):
                yield {"offset": line.offset, "type": "fault", "fault": line.reason}
            else:
                yield item_of(run, generation, line) or {"offset": line.offset, "record": {}}


def _neighbours(offsets: list[int]) -> Iterator[list[int]]:
    group: list[int] = []
    for offset in offsets:
        if group and offset - group[-1] > NEIGHBOUR_BYTES:
            yield group
            group = []
        group.append(offset)
    if group:
        yield group


def _lines(run: Run, generation: str, start: int, stop: int) -> Iterator[Line | Fault]:
    """The lines that begin in a range of bytes, as far as they are at hand."""
    while start < stop:
        data = run.tail.read(generation, start, min(READ_BYTES, stop - start))
        if not data:
            return
        if isinstance(data, Skipped):
            yield Fault(data.offset, data.reason, data.length)
            start += data.length
            continue
        for line in split(data, start):
            if line.offset >= stop:
                return
            yield line
        start += len(data)
