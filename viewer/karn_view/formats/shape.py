"""Numbers out of nested objects, with what their names say worked out once a shape. Pure.

The shape of an object is its keys and the types of its values. A training writes millions of
records of a few shapes, so everything that depends on names alone is decided at the first record
of a shape; after that a flat record costs one lookup and one ``itemgetter``.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

from karn_view.formats import words
from karn_view.formats.clock import is_clock_name, preference, wall_time_s
from karn_view.formats.looks import Numbers, Spelling, Statistics
from karn_view.formats.namespace import Found, Look, Namespace
from karn_view.formats.rows import Progress
from karn_view.formats.steps import StepName
from karn_view.formats.values import finite_size
from karn_view.record import Record

DEEPEST = 8
_MOST_SHAPES = 1_024
_STATISTICS = frozenset({"num", "count", "mean", "std", "min", "max", "sum"})

Take = Callable[[Record], tuple[Any, ...]]


@dataclass(slots=True, eq=False, frozen=True)
class Shape:
    """How to read the objects of one shape.

    Attributes:
        keyset: A small number for its set of keys, whatever the types.
        names: Metrics whose values are plain numbers, and ``take`` gets those values.
        exact: Whether all of them are floats already.
        measured: How many of the names are neither positions nor constants.
        steps: Which of the names are positions: index and name.
        clocks: Keys that may hold wall time, the finest first.
        totals: Keys that tell where the run is to end.
        percent: The key that tells how much is done.
        looks: The keys that must be looked at.
        configs: The keys of configuration objects.
        titles: By split, the names under which the values are charted.
    """

    keyset: int
    names: tuple[str, ...]
    take: Take
    exact: bool
    measured: int
    steps: tuple[tuple[int, StepName], ...]
    clocks: tuple[str, ...]
    totals: tuple[str, ...]
    percent: str | None
    looks: tuple[tuple[str, Look], ...]
    configs: tuple[str, ...]
    titles: dict[str, tuple[str, ...]] = field(default_factory=dict)


class Shapes:
    """The shapes seen at one path of a file's records; itself the look of a nested object."""

    def __init__(self, space: Namespace, path: str = "", depth: int = 0) -> None:
        self._space = space
        self._path = path
        self._depth = depth
        self._known: dict[tuple[Any, ...], Shape] = {}

    def of(self, record: Record) -> Shape:
        """The shape of ``record``, made at its first appearance."""
        key = (*record, *map(type, record.values()))
        shape = self._known.get(key)
        if shape is None:
            if len(self._known) >= _MOST_SHAPES:
                self._known.clear()
            shape = self._known[key] = _Outline(self._space, self._path, self._depth, record).shape
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
        titles = shape.titles.get(found.split)
        if titles is None:
            titles = self._entitle(shape, found.split)
        found.points.extend(titles, values if shape.exact else _floats(values))
        for index, name in shape.steps:
            found.steps.append((name, values[index]))
        if shape.clocks and found.clock != found.clock:
            found.clock = _clock(shape, record)
        for key, look in shape.looks:
            look.read(record[key], found)
        if shape.totals or shape.percent:
            found.progress = found.progress or _progress(shape, record, found)

    def _entitle(self, shape: Shape, split: str) -> tuple[str, ...]:
        titles = tuple(self._space.title(split, name) for name in shape.names)
        shape.titles[split] = titles
        return titles


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


def _progress(shape: Shape, record: Record, found: Found) -> Progress | None:
    """The position among a total of the same kind: epochs among epochs, steps among steps."""
    for key in shape.totals:
        is_epochs = "epoch" in key.lower()
        for name, value in found.steps:
            if (name.letter == "E") == is_epochs and record[key] > 0:
                return Progress(float(value), float(record[key]), name.name)
    return Progress(float(record[shape.percent]), 100.0, "%") if shape.percent else None


class _Outline:
    """Works out a shape from its first record."""

    def __init__(self, space: Namespace, path: str, depth: int, record: Record) -> None:
        self._space, self._path, self._depth, self._record = space, path, depth, record
        self._numbers: list[tuple[str, str]] = []
        self._steps: list[tuple[int, StepName]] = []
        self._looks: list[tuple[str, Look]] = []
        self._clocks: list[str] = []
        self._totals: list[str] = []
        self._configs: list[str] = []
        self._percent: str | None = None
        self._measured = 0
        for key, value in record.items():
            self._sort(key, value)

    @property
    def shape(self) -> Shape:
        keys = [key for key, _ in self._numbers]
        return Shape(
            keyset=self._space.keyset(frozenset(self._record)),
            names=tuple(name for _, name in self._numbers),
            take=_taker(keys),
            exact=all(type(self._record[key]) is float for key in keys),
            measured=self._measured,
            steps=tuple(self._steps),
            clocks=tuple(sorted(self._clocks, key=lambda k: preference(k, self._record[k]))),
            totals=tuple(self._totals),
            percent=self._percent,
            looks=tuple(self._looks),
            configs=tuple(self._configs),
        )

    def _sort(self, key: str, value: Any) -> None:
        if type(value) in (int, float):
            self._number(key, value)
        elif type(value) is str:
            self._text(key, value)
        elif type(value) is dict:
            self._object(key, value)
        elif type(value) is list:
            self._look(key, Numbers)

    def _number(self, key: str, value: float) -> None:
        path, bare = self._path + key, words.plain(key.rpartition("/")[2])
        step = self._space.step(path)
        if self._is_clock(key, path, value):
            self._clocks.append(key)
        elif bare in words.TOTALS:
            self._totals.append(key)
        elif self._depth == 0 and bare in words.PERCENT_DONE:
            self._percent = key
        elif step is not None:
            self._steps.append((len(self._numbers), step))
            self._numbers.append((key, path))
        elif not (self._depth == 0 and is_bookkeeping(key)) and self._space.admits(path):
            self._measured += bare not in words.CONSTANT
            self._numbers.append((key, path))

    def _is_clock(self, key: str, path: str, value: Any) -> bool:
        if self._space.overrides.time is not None:
            return path == self._space.overrides.time
        return self._depth == 0 and is_clock_name(key) and not math.isnan(wall_time_s(value))

    def _text(self, key: str, value: str) -> None:
        if self._is_clock(key, self._path + key, value):
            self._clocks.append(key)
        elif not (self._depth == 0 and is_bookkeeping(key)) and not words.is_never_a_number(key):
            self._look(key, Spelling)

    def _object(self, key: str, value: Record) -> None:
        if words.plain(key) in words.CONFIG:
            self._configs.append(key)
        elif "mean" in value and _STATISTICS.issuperset(value):
            self._look(key, Statistics)
        elif self._depth < DEEPEST:
            self._nested(key, value)

    def _nested(self, key: str, value: Record) -> None:
        is_clear = self._path == "" and key.lower() in words.TRANSPARENT
        if is_clear and self._record.keys().isdisjoint(value):
            self._looks.append((key, self._space.look("\0" + key, lambda s, _: Shapes(s))))
        else:
            depth = self._depth + 1
            self._look(key, lambda space, path: Shapes(space, path + "/", depth))

    def _look(self, key: str, make: Callable[[Namespace, str], Look]) -> None:
        self._looks.append((key, self._space.look(self._path + key, make)))


def is_bookkeeping(key: str) -> bool:
    """Whether numbers under this key are about the process, not about the training."""
    return words.plain(key) in words.BOOKKEEPING or key.lower().endswith(("_id", ".id"))


def _taker(keys: list[str]) -> Take:
    if not keys:
        return lambda record: ()
    if len(keys) == 1:
        only = keys[0]
        return lambda record: (record[only],)
    return itemgetter(*keys)
