"""The whole length of a large file from samples, until it is read. No I/O.

Samples miss spikes: what is drawn from them says that it is approximate. As the file is read from
its beginning, what was read takes the place of the samples there.
"""

from collections.abc import Iterable
from itertools import islice
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from karn_view.formats.axis import LINE
from karn_view.formats.reader import Reader
from karn_view.formats.rows import Batch, Floats, Overrides
from karn_view.lines import split
from karn_view.store import Store
from karn_view.store.series import MetricSummary
from karn_view.store.thin import EMPTY, Curve
from karn_view.views import Evidence, OverviewFold

Piece = tuple[int, bytes]


class Sketch:
    """Rows of samples, read as the rows of the file would be.

    Attributes:
        end: Where the committed lines of the file end, as far as was seen.
    """

    def __init__(self, overrides: Overrides, pieces: Iterable[Piece]) -> None:
        self.reader = Reader(overrides)
        self.store = Store()
        self.end = 0
        self._bytes = 0
        self._overview = OverviewFold()
        pieces = iter(pieces)
        self._head_end, self._pace = 0, 0.0
        """Where the first piece ends, and how far each byte of it leads along the axis."""
        if self.add(islice(pieces, 1)).size:
            self._head_end = self.end
            self._pace = float(np.nan_to_num(self.store.x.view[-1])) / self.end
        self.add(pieces)

    @property
    def evidence(self) -> Evidence:
        """What the file tells about the state of its run, as its last lines are known."""
        return self._overview.evidence

    def add(self, pieces: Iterable[Piece]) -> Batch:
        """Takes more pieces in, in the order of the file; returns their rows."""
        lines = []
        for offset, data in pieces:
            lines += split(data, offset)
            self._bytes += len(data)
            self.end = offset + len(data)
        batch = self.reader.read(lines)
        self.store.append(batch)
        for row in batch.rows:
            if row.event is not None:
                self._overview.apply(row.event)
        if self._is_spread:
            self._spread()
        return batch

    @property
    def _is_spread(self) -> bool:
        return self.reader.adds_up and self._pace > 0

    def _spread(self) -> None:
        """Has rows stand by their bytes: between the samples there is more that adds up."""
        x, offsets = self.store.x.view, self.store.offsets.view
        is_exact = np.isnan(x) | (offsets < self._head_end)
        self.store.append(Batch([], [], np.where(is_exact, x, self._pace * offsets).tolist()))

    @property
    def is_telling(self) -> bool:
        """Whether lines stand for themselves in this file, so that samples of them can tell."""
        counts = self.reader.counts
        return bool(self.store.series) and not counts.within and 2 * counts.records > counts.lines

    def completed(self, known: Store, begin: int) -> list[MetricSummary]:
        """The metrics of the file, of which all before a byte is known; others have no points.

        In the order of the samples, which most likely is that of the file.
        """
        x = self._steps(known, begin)
        read = {summary.name: summary for summary in known.summaries()}
        sampled = {name: series.summary(x) for name, series in self.store.series.items()}
        both = {name: _both(read[name], sampled[name]) for name in sampled.keys() & read.keys()}
        only = {name: summary._replace(points=0) for name, summary in sampled.items()}
        return [*{**only, **read, **both}.values()]

    def beyond(self, name: str, axis: str, *, known: Store, begin: int, end: int | None) -> Curve:
        """The points of samples from a byte on, by rows of the sketch's store.

        Args:
            name: The metric.
            axis: What stands on x.
            known: What the file holds before ``begin``.
            begin: Where they begin.
            end: Where they end; None for the end of the file.
        """
        store = self.store
        if not store.has(name, axis):
            return EMPTY
        x, y, low, high, found, _ = store.curve(name, axis, end)
        kept = store.offsets.view[found] >= begin
        x, found = x[kept], found[kept]
        if axis == "step":
            x = self._steps(known, begin)[found]
        return Curve(x, y[kept], low[kept], high[kept], found, False)

    def _steps(self, known: Store, begin: int) -> Floats:
        """Where each row stands along the file's own axis; about, where that adds up over lines."""
        x, offsets = self.store.x.view, self.store.offsets.view
        if self.reader.axis.name == LINE:
            return len(known) + 1 + np.floor((offsets - begin) * (len(self.store) / self._bytes))
        top = known.x.view[-1] if begin > self._head_end else 0.0
        return x * (top / (self._pace * begin)) if self._is_spread and top > 0 else x


class Drawn(NamedTuple):
    """A curve, and for each of its points where its line begins and its wall time."""

    curve: Curve
    offsets: NDArray[np.int64]
    walls: Floats

    @classmethod
    def of(cls, curve: Curve, store: Store) -> Self:
        """A curve of a store."""
        return cls(curve, store.offsets.view[curve.rows], store.walls.view[curve.rows])


def join(read: Drawn, sampled: Drawn) -> Drawn:
    """What was read and what was sampled beyond it, along one axis."""
    pairs = zip((*read.curve[:5], *read[1:]), (*sampled.curve[:5], *sampled[1:]), strict=True)
    columns = [np.concatenate(pair) for pair in pairs]
    order = np.argsort(columns[0], kind="stable")
    is_last = np.append(np.diff(columns[0][order]) > 0, True)[: len(order)]
    x, y, low, high, rows, offsets, walls = (column[order[is_last]] for column in columns)
    return Drawn(Curve(x, y, low, high, rows, False), offsets, walls)


def _both(read: MetricSummary, sampled: MetricSummary) -> MetricSummary:
    """How far the file reaches, and what of it was counted."""
    lows = [low for low in (read.min, sampled.min) if low is not None]
    highs = [high for high in (read.max, sampled.max) if high is not None]
    return read._replace(
        last_step=sampled.last_step,
        last=sampled.last,
        min=min(lows, default=None),
        max=max(highs, default=None),
    )
