"""Understands the records of any library, by their names and values alone. Pure."""

import math
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
from msgspec.structs import replace

from karn_view.formats import head as heads
from karn_view.formats import words
from karn_view.formats.head import Head, about, begins, begins_run, head_of
from karn_view.formats.kind import kind_of
from karn_view.formats.namespace import MOST_NAMES, Found, Namespace
from karn_view.formats.otlp import DataPoint, data_points, messages
from karn_view.formats.place import Place
from karn_view.formats.points import Points
from karn_view.formats.rows import Kind, Overrides, Progress
from karn_view.formats.shape import Shape
from karn_view.formats.shapes import Shapes
from karn_view.formats.values import Spelled, finite_size, spelled
from karn_view.record import Record

_MOST_HEADS = 4_096
_TRAINING = ("", "train")


class Meaning(msgspec.Struct, frozen=True, gc=False):
    """What a record says, but for the x that its place leads to."""

    kind: Kind
    type: str
    severity: str
    points: Points
    place: Place


class ForeignDialect:
    """Reads records of one file in order; the same records give the same answers.

    Attributes:
        config: The run's settings, merged from every record that tells some.
        progress: How far the run has come, by its newest word.
        summaries: Metrics that were told at the end of the run only.
        shapes: The shapes of the records.
        in_turns: Whether runs that were told apart write in turns.
    """

    def __init__(self, overrides: Overrides) -> None:
        self.space = Namespace(overrides)
        self.config: dict[str, Any] = {}
        self.progress: Progress | None = None
        self.summaries: set[str] = set()
        self.shapes = Shapes(self.space)
        self.in_turns = False
        self._heads: dict[Shape, Head] = {}
        self._runs: set[str] = set()
        self._run: str | None = None
        self._has_turned = False  # what the newest record calls a total counts from the next on
        self._ranks: set[str] = set()

    @property
    def notes(self) -> list[str]:
        """What was left out."""
        full = f"only the first {MOST_NAMES:,} metrics are charted"
        many = f"only the first {words.MOST_RANKS} writers are told apart"
        is_crowded = len(self._ranks) >= words.MOST_RANKS
        return [full] * self.space.is_full + [many] * is_crowded

    def understand(
        self, record: Record, wall: float = math.nan, tag: str = "", kind: Kind | None = None
    ) -> Meaning:
        """What the record means.

        Args:
            record: An object out of its envelopes.
            wall: The envelope's clock, used when the record has none.
            tag: The envelope's word for what it holds.
            kind: What the record is, where that is known already.
        """
        shape = self.shapes.of(record)
        head = self.head(shape, record)
        found = self._find(shape, head, record, tag)
        if math.isnan(found.clock):
            found.clock = wall
        if head.long_value and (single := self._long(head, record, found)) is not None:
            found.points = single
            meaning = self._measurement(head, found, record, "metric")
            # Exports tell one metric after another: each goes its own way along the axis.
            way = replace(meaning.place, keyset=found.keyset, member="".join(single.names))
            return replace(meaning, place=way)
        kind = kind or kind_of(head, shape, record, found)
        if kind in ("metric", "summary"):
            return self._measurement(head, found, record, kind)
        return self._remark(head, found, record, kind)

    def _find(self, shape: Shape, head: Head, record: Record, tag: str) -> Found:
        """The numbers of a record; its settings and progress are noted on the way."""
        has_split = head.splits or head.contexts
        split = (has_split and heads.split(head, record)) or (tag and words.split_of(tag))
        member = self._member(head, record) if head.rank or head.runs else ""
        if head.splits and (number := heads.split_number(head, record)):
            member = f"{member} {number}".strip()
        found = Found(split or "", member, shape.keyset, shape.measured)
        counters = self.space.counters
        self.shapes.add(shape, record, found)
        self._has_turned = self.space.counters != counters
        self.progress = found.progress or (None if self._has_turned else self.progress)
        for key in shape.configs:
            is_whole = words.plain(key) in words.CONFIG
            self._merge(record[key] if is_whole else {key: record[key]})
        return found

    def _member(self, head: Head, record: Record) -> str:
        """Which of the writers of the file wrote the record; "" where one is like another."""
        rank, run = heads.rank_of(head, record), heads.run_of(head, record)
        if rank not in self._ranks:
            if len(self._ranks) >= words.MOST_RANKS:
                rank = ""
            self._ranks.add(rank)
        if run is not None and run != self._run:
            self.in_turns = self.in_turns or run in self._runs
            self._run = run
        is_told = run is not None and (run in self._runs or len(self._runs) < words.MOST_RUNS)
        is_apart = self.in_turns and is_told
        member = f"{rank} run={run}".strip() if is_apart else rank
        if rank and head.rank in words.PARTIES:
            self.space.apart.add(member)
        return member

    def _long(self, head: Head, record: Record, found: Found) -> Points | None:
        """The one metric that the record names; None where it names none."""
        name, value = heads.long_name(head, record), record[head.long_value]
        if type(value) is str:
            spelt = spelled(name, value)
            value = spelt.value if isinstance(spelt, Spelled) else None
        return self._single(found, name, value) if name and value is not None else None

    def head(self, shape: Shape, record: Record) -> Head:
        """The words of a shape."""
        if known := self._heads.get(shape):
            return known
        if len(self._heads) >= _MOST_HEADS:
            self._heads.clear()
        head = self._heads[shape] = head_of(record, shape)
        return head

    def expects(self, run: str | None, totals: Iterable[tuple[str, float]]) -> bool:
        """Whether records of a run with these totals bring nothing to be noted, as things stand."""
        if run is not None and run != self._run and not self.in_turns:
            return False
        return all(self.space.total_is(name, total) for name, total in totals)

    def is_repeatable(self, meaning: Meaning) -> bool:
        """Whether more records like the one that meant this would bring nothing to be noted."""
        if meaning.kind in ("config", "fault") or meaning.place.run is not None:
            return False
        if self._has_turned:
            return False
        return meaning.kind in ("metric", "summary") or not begins(meaning.type)

    def _measurement(self, head: Head, found: Found, record: Record, kind: Kind) -> Meaning:
        if kind == "summary":
            self.summaries.update(found.points.names)
        place = Place(
            steps=found.steps,
            keyset=found.keyset * len(words.SPLITS) + words.SPLITS.index(found.split),
            member=found.member,
            wall=found.clock,
            is_metric=True,
            is_aside=found.split not in _TRAINING,
            is_moded=head.has_mode,
            run=self._new_run(head, record) if head.runs or head.labels else None,
        )
        label = heads.label(head, record) if head.labels else ""
        type = label or found.split or (kind == "metric" and head.names_split) or kind
        severity = heads.severity(head, record) if head.level else ""
        return Meaning(kind, type, severity, found.points, place)

    def _remark(self, head: Head, found: Found, record: Record, kind: Kind) -> Meaning:
        """An event, a configuration, or nothing that is known: no metrics."""
        label = heads.label(head, record)
        if kind == "config" or begins(label):
            self._merge(about(record, head))
        run = self._new_run(head, record)
        place = Place(found.steps, found.keyset, found.member, found.clock, run=run)
        severity = heads.severity(head, record) if head.level else ""
        return Meaning(kind, label or kind, severity, Points(), place)

    def exported(self, record: Record) -> Iterator[Meaning]:
        """The points and messages of an OpenTelemetry export, each with its own time."""
        yield from map(self._measured, data_points(record))
        yield from map(self.understand, messages(record))

    def _measured(self, point: DataPoint) -> Meaning:
        found = Found(point.split)
        steps = [(step, at) for key, at in point.numbers if (step := self.space.step(key))]
        place = Place(steps, wall=point.wall, is_metric=True, is_aside=point.split not in _TRAINING)
        points = self._single(found, point.name, point.value)
        return Meaning("metric", point.split or "metric", "", points, place)

    def _single(self, found: Found, name: str, value: float) -> Points:
        title = self.space.title(found, name)
        return Points((title,), (finite_size(value),)) if self.space.admits(title) else Points()

    def _new_run(self, head: Head, record: Record) -> str | None:
        """The label of the run that begins with this record, or None."""
        run = heads.run_of(head, record)
        if run is not None:
            if run in self._runs or len(self._runs) >= words.MOST_RUNS:
                return None
            self._runs.add(run)
            return None if self.in_turns else f"run {run}"
        label = heads.label(head, record)
        return label if label and begins_run(label) else None

    def _merge(self, settings: Any) -> None:
        if type(settings) is dict and len(self.config) < MOST_NAMES:
            self.config.update(settings)
