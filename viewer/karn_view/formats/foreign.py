"""Understands the records of any library, by their names and values alone. Pure."""

import math
from typing import Any, NamedTuple

from karn_view.formats import head as heads
from karn_view.formats import words
from karn_view.formats.axis import Place
from karn_view.formats.envelope import Letter
from karn_view.formats.head import Head, about, begins_run, head_of, kind_of
from karn_view.formats.namespace import MOST_NAMES, Found, Namespace
from karn_view.formats.otlp import DataPoint, data_points, is_otlp
from karn_view.formats.rows import Kind, Overrides, Progress
from karn_view.formats.shape import Shape, Shapes, read_shape
from karn_view.record import Record

_LONGEST_TEXT = 2_000
_FEW_WORDS = 6


class Meaning(NamedTuple):
    """What a record says, but for the x that its place leads to."""

    kind: Kind
    type: str
    severity: str
    points: list[tuple[str, float]]
    text: str
    place: Place


class ForeignDialect:
    """Reads records of one file in order; the same records give the same answers.

    Attributes:
        config: The run's settings, merged from every record that tells some.
        progress: How far the run has come, by its newest word.
        summaries: Metrics that were told at the end of the run only.
    """

    def __init__(self, overrides: Overrides) -> None:
        self.space = Namespace(overrides)
        self.config: dict[str, Any] = {}
        self.progress: Progress | None = None
        self.summaries: set[str] = set()
        self._shapes = Shapes(self.space)
        self._heads: dict[Shape, Head] = {}
        self._owners: dict[str, str] = {}
        self._runs: set[str] = set()

    @property
    def notes(self) -> list[str]:
        """What was left out."""
        return [f"only the first {MOST_NAMES:,} metrics are charted"] if self.space.is_full else []

    def understand(self, letter: Letter, record: Record, kind: Kind | None = None) -> list[Meaning]:
        """What the record means: one thing, or one for each point in an export of metrics."""
        if is_otlp(record):
            return [self._measurement(point) for point in data_points(record)]
        shape = self._shapes.of(record)
        head = self._heads.get(shape) or self._new_head(shape, record)
        found = Found()
        read_shape(shape, record, found)
        self.progress = found.progress or self.progress
        for key in shape.configs:
            self._merge(record[key])
        if name := heads.long_name(head, record):
            found.points = [(name, float(record["value"]))] if self.space.admits(name) else []
            return [self._meaning("metric", head, found, record, letter)]
        has_step = bool(shape.steps) or any(step.depth == 0 for step, _ in found.steps)
        has_step = has_step and not (head.is_settings and "epoch" not in record)
        kind = kind or kind_of(head, shape, record, found.measured, has_step)
        if kind in ("event", "config", "text"):
            found.points = []
            if (
                kind == "config"
                or begins_run(heads.label(head, record))
                or self._is_start(head, record)
            ):
                self._merge(about(record, head))
        return [self._meaning(kind, head, found, record, letter)]

    def _is_start(self, head: Head, record: Record) -> bool:
        return heads.label(head, record).lower().startswith(("start", "begin", "init"))

    def _new_head(self, shape: Shape, record: Record) -> Head:
        if len(self._heads) >= 4_096:
            self._heads.clear()
        head = self._heads[shape] = head_of(record, shape)
        return head

    def _measurement(self, point: DataPoint) -> Meaning:
        points = [(point.name, point.value)] if self.space.admits(point.name) else []
        place = Place(wall=point.wall, is_metric=True)
        return Meaning("metric", "metric", "", points, "", place)

    def _meaning(
        self, kind: Kind, head: Head, found: Found, record: Record, letter: Letter
    ) -> Meaning:
        split = heads.split(head, record) or words.split_of(letter.tag)
        place = Place(
            steps=found.steps,
            keyset=found.keyset * len(words.SPLITS) + words.SPLITS.index(split),
            wall=letter.wall if math.isnan(found.clock) else found.clock,
            is_metric=kind in ("metric", "summary"),
            is_aside=split not in ("", "train"),
            is_moded="mode" in head.splits,
            run=self._new_run(head, record),
        )
        points = self._owned(split, found.points)
        if kind == "summary":
            self.summaries.update(name for name, _ in points)
        type = heads.label(head, record) or split or self._type(kind, head)
        severity = words.severity_of(record[head.level]) if head.level else ""
        text = "" if kind in ("metric", "summary") else _brief(head, record)
        return Meaning(kind, type, severity, points, text, place)

    def _type(self, kind: Kind, head: Head) -> str:
        return (kind == "metric" and head.names_split) or kind

    def _owned(self, split: str, points: list[tuple[str, float]]) -> list[tuple[str, float]]:
        """The points, those of another split than the name's first one named after theirs."""
        return [(self._name(split, name), value) for name, value in points]

    def _name(self, split: str, name: str) -> str:
        owner = self._owners.setdefault(name, split)
        if (
            not split
            or (owner or "train") == split
            or words.worn_split(name)
            or self.space.step(name)
        ):
            return name
        return f"{split}/{name}"

    def _new_run(self, head: Head, record: Record) -> str | None:
        """The label of the run that begins with this record, or None."""
        run = heads.run_of(head, record)
        if run is not None and run not in self._runs and len(self._runs) < words.MOST_RUNS:
            self._runs.add(run)
            return f"run {run}"
        label = heads.label(head, record)
        return label if run is None and label and begins_run(label) else None

    def _merge(self, settings: Any) -> None:
        if type(settings) is dict:
            self.config.update(settings)


def _brief(head: Head, record: Record) -> str:
    """A few words for the event log: the message, else the first plain values."""
    said = heads.message(head, record) or heads.label(head, record)
    facts = [f"{key}={value}" for key, value in about(record, head).items()][:_FEW_WORDS]
    return " ".join(filter(None, [said, *facts]))[:_LONGEST_TEXT]
