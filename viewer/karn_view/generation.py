"""Everything understood of one generation of a run file. No I/O."""

import math
from collections.abc import Callable, Iterable

import numpy as np

from karn_view.formats.ahead import Ahead, Block
from karn_view.formats.charts import Chart, layout
from karn_view.formats.reader import Reader
from karn_view.formats.rows import Batch, Overrides, Progress, Row
from karn_view.lines import Line
from karn_view.record import Fault
from karn_view.rules import USUAL, OwnRule, Tuning, Watch
from karn_view.sketch import Sketch
from karn_view.store import MetricSummary, Store
from karn_view.store.column import Allocate, anonymous
from karn_view.views import Dashboard, Evidence

SNAPSHOT_ROWS = 1_000
SNAPSHOTS_KEPT = 256
GAPS_LOOKED_AT = 256
USUAL_QUANTILE = 0.98
"""Writers burst: among the last gaps the usual pause is near the longest, not the median."""


class Generation:
    """Lines in; columns, dashboard and its snapshots out.

    Attributes:
        id: As the tail named it, or "0" before a line was committed.
        reason: Why it began; "" for the first.
        end: Offset up to which its lines are in.
        sketch: What is known of the rest of a large file until that is read; None otherwise.
    """

    def __init__(
        self, id: str, reason: str, overrides: Overrides, allocate: Allocate = anonymous
    ) -> None:
        self.id = id
        self.reason = reason
        self.end = 0
        self.reader = Reader(overrides)
        self.store = Store(allocate)
        self.dashboard = Dashboard()
        self.watch = Watch()
        self.sketch: Sketch | None = None
        self._snapshots: list[tuple[int, bytes]] = []
        self._snapshot_every = SNAPSHOT_ROWS
        self._rows_since = 0
        self._key: tuple[int, str | None] = (0, None)
        self._gap: tuple[int, float | None] = (0, None)

    def absorb(self, lines: Iterable[Line | Fault], end: int) -> Batch:
        """Takes committed lines in; returns their rows."""
        return self._absorb(lambda: self.reader.read(lines), end)

    def absorb_block(self, block: Block, ahead: Ahead | None) -> Batch:
        """Takes a block of committed lines in, of which something was read ahead or nothing."""
        end = block.offset + len(block.data)
        return self._absorb(lambda: self.reader.take_over(block, ahead), end)

    def _absorb(self, read: Callable[[], Batch], end: int) -> Batch:
        if self._rows_since >= self._snapshot_every:
            self._keep_snapshot(self.end)
        batch = read()
        self.store.append(batch)
        for found in batch.in_order():
            if isinstance(found, int):
                self.dashboard.apply_foreign(found)
                self._rows_since += found
            else:
                self._fold(found)
        self.end = end
        if self.sketch is not None and end >= self.sketch.end:
            self.take_sketch(None)
        return batch

    def take_sketch(self, sketch: Sketch | None) -> None:
        """Has the rest of the file told by samples, or by them no more."""
        self.sketch = sketch
        self.store.revision += 1

    @property
    def evidence(self) -> Evidence:
        """What the file tells about the state of its run, up to its last line that was seen."""
        return self.sketch.evidence if self.sketch else self.dashboard.evidence

    @property
    def _furthest(self) -> "Generation | Sketch":
        """Who knows how far the run has come, by its own account."""
        return self.sketch if self.sketch and not self.sketch.reader.adds_up else self

    @property
    def progress(self) -> Progress | None:
        """How far the run has come by its own account, up to its last line that was understood."""
        return self._furthest.reader.progress

    @property
    def last_wall(self) -> float:
        """When the last line that was seen was written; NaN where no line has a clock."""
        return (self.sketch or self).store.last_wall

    def summaries(self) -> list[MetricSummary]:
        """Every metric in numbers, in the order in which they first appeared."""
        sketch = self.sketch
        return sketch.completed(self.store, self.end) if sketch else self.store.summaries()

    def _fold(self, row: Row) -> None:
        if self._rows_since >= self._snapshot_every:
            self._keep_snapshot(row.offset)
        self._rows_since += 1
        self.dashboard.take(row)

    def _keep_snapshot(self, offset: int) -> None:
        self._snapshots.append((offset, self.dashboard.dump()))
        self._rows_since = 0
        if len(self._snapshots) > SNAPSHOTS_KEPT:
            del self._snapshots[::2]
            self._snapshot_every *= 2

    def look(self, run: str, own: Iterable[OwnRule] = (), tuning: Tuning = USUAL) -> bool:
        """Lets the rules see what is new; returns whether there is more to see: look again."""
        self.watch.take(self.store, run, own, tuning, karn=self.reader.is_karn)
        return self.watch.behind(self.store)

    def snapshot_before(self, offset: int) -> tuple[int, Dashboard]:
        """The newest kept dashboard of a moment not after ``offset``, and that moment."""
        for at, dumped in reversed(self._snapshots):
            if at <= offset:
                return at, Dashboard.load(dumped)
        return 0, Dashboard()

    def has(self, name: str) -> bool:
        """Whether a metric is known."""
        return self.store.has(name) or bool(self.sketch and self.sketch.store.has(name))

    def last_of(self, name: str) -> float:
        """The newest value of a metric."""
        is_sampled = self.sketch is not None and self.sketch.store.has(name)
        store = self.sketch.store if self.sketch and is_sampled else self.store
        return float(store.series[name].values[-1])

    def charts(self) -> list[Chart]:
        """Where each metric is drawn, in the order of ``summaries``."""
        reader = self.sketch.reader if self.sketch else self.reader
        rows = len(self.store)
        return layout(self.summaries(), reader.units, reader.summaries, rows, reader.positions)

    def key_metric(self) -> str | None:
        """The metric that a page draws first; None while there is none."""
        if self._key[0] != len(self.store.series):
            first = min(self.charts(), key=lambda chart: (chart.hidden, chart.rank))
            self._key = (len(self.store.series), first.name)
        return self._key[1]

    def usual_gap_s(self) -> float | None:
        """Typical longest time between two lines by the run's own clock; None where it has none."""
        rows = len(self.store)
        if self._gap[0] != rows:
            gaps = np.diff(self.store.walls.view[-GAPS_LOOKED_AT:])
            gaps = np.sort(gaps[gaps >= 0.0])  # np.quantile takes 20 times as long
            usual = float(gaps[round(USUAL_QUANTILE * (len(gaps) - 1))]) if len(gaps) > 1 else None
            self._gap = (rows, usual)
        return self._gap[1]

    def rate_per_s(self) -> float | None:
        """Records a second over the last rows that have a clock."""
        walls = self.store.walls.view[-GAPS_LOOKED_AT:]
        walls = walls[np.isfinite(walls)]
        if len(walls) < 2 or not walls[-1] > walls[0]:
            return None
        return (len(walls) - 1) / float(walls[-1] - walls[0])

    def eta_s(self) -> float | None:
        """Seconds left by the pace so far; None without a total or a clock."""
        progress = self.progress
        start, last = self.store.first_wall, self._furthest.store.last_wall
        if progress is None or not progress.total or not math.isfinite(last - start):
            return None
        fraction = progress.position / progress.total
        return (last - start) * (1 - fraction) / fraction if 0 < fraction <= 1 else None
