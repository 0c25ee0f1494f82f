"""Reading objects by their shapes. Pure.

A training writes millions of records of a few shapes, so what depends on names alone is decided
at the first record of a shape; after that a flat record costs one lookup and one ``itemgetter``.
"""

import math
from collections.abc import Iterable
from typing import Any

from karn_view.formats.clock import wall_time_s
from karn_view.formats.namespace import Found, Namespace
from karn_view.formats.rows import Progress
from karn_view.formats.shape import Shape, shape_of
from karn_view.formats.steps import StepName, counter_name
from karn_view.formats.values import finite_size
from karn_view.record import Record

_MOST_SHAPES = 1_024


class Shapes:
    """The shapes seen at one path of a file's records; itself the look of a nested object."""

    def __init__(self, space: Namespace, path: str = "", depth: int = 0) -> None:
        self._space = space
        self._path = path
        self._depth = depth
        self._known: dict[tuple[Any, ...], Shape] = {}
        self._counters = 0

    def of(self, record: Record) -> Shape:
        """The shape of ``record``, made at its first appearance."""
        if self._counters != self._space.counters:
            self._counters = self._space.counters
            self._known.clear()
        key = (*record, *map(type, record.values()))
        shape = self._known.get(key)
        if shape is None:
            if len(self._known) >= _MOST_SHAPES:
                self._known.clear()
            shape = self._known[key] = shape_of(
                record, self._space, self._path, self._depth, Shapes
            )
        return shape

    def read(self, value: Record, found: Found) -> None:
        """Adds what the object holds."""
        shape = self.of(value)
        found.keyset = found.keyset * 31 + shape.keyset
        found.measured += shape.measured
        self.add(shape, value, found)

    def add(self, shape: Shape, record: Record, found: Found) -> None:
        """Adds what ``record`` of this shape holds to ``found``."""
        values = shape.take(record)
        titles = shape.titles.get((found.split, found.member))
        if titles is None:
            titles = self._entitle(shape, found)
        found.points.extend(titles, values if shape.exact else _floats(values))
        for index, name in shape.steps:
            found.steps.append((name, values[index]))
        if shape.clocks and found.clock != found.clock:
            found.clock = _clock(shape, record)
        for key, look in shape.looks:
            look.read(record[key], found)
        if shape.totals or shape.percent:
            found.progress = found.progress or self._progress(shape, record, found)

    def _progress(self, shape: Shape, record: Record, found: Found) -> Progress | None:
        for key in shape.totals:  # what may turn out to count is a candidate from the beginning
            if step := counter_name(self._path + key):
                found.steps.append((step, record[key]))
        totals = [
            (key, record[key])
            for key in shape.totals
            if self._space.is_total(self._path + key, record[key])
        ]
        percent = float(record[shape.percent]) if shape.percent else None
        return progress_among(found.steps, totals, percent)

    def _entitle(self, shape: Shape, found: Found) -> tuple[str, ...]:
        titles = tuple(self._space.title(found, name) for name in shape.names)
        shape.titles[found.split, found.member] = titles
        return titles


def progress_among(
    steps: Iterable[tuple[StepName, float]],
    totals: Iterable[tuple[str, float]],
    percent: float | None,
) -> Progress | None:
    """The position among a total of the same kind: epochs among epochs, steps among steps."""
    for name, total in totals:
        letters = "E" if "epoch" in name.lower() else "ABCD"
        for step, value in steps:
            if step.letter in letters and not step.is_guess and value <= total:
                return Progress(float(value), float(total), step.name)
    return None if percent is None else Progress(percent, 100.0, "%")


def _floats(values: tuple[int | float, ...]) -> list[float]:
    try:
        return [*map(float, values)]
    except OverflowError:
        return [finite_size(value) for value in values]


def _clock(shape: Shape, record: Record) -> float:
    """The wall time by the finest clock that is right, or NaN."""
    for key in shape.clocks:
        wall = wall_time_s(record[key])
        if wall == wall:
            return wall
    return math.nan
