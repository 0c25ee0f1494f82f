"""What the names in an object say, worked out from the first object of its shape. Pure.

The shape of an object is its keys and the types of its values.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

from karn_view.formats import words
from karn_view.formats.clock import is_clock_name, is_moment_name, preference, wall_time_s
from karn_view.formats.looks import Elements, Spelling, Statistics
from karn_view.formats.namespace import Look, Namespace
from karn_view.formats.steps import StepName
from karn_view.record import Record

DEEPEST = 8
_WORDS = frozenset({*words.LEVELS, *words.MESSAGES, *words.LABELS, *words.RUN_IDS})
_STATISTICS = frozenset({"num", "count", "mean", "std", "min", "max", "sum"})

Take = Callable[[Record], tuple[Any, ...]]
Nest = Callable[[Namespace, str, int], Look]


@dataclass(slots=True, eq=False, frozen=True)
class Shape:
    """How to read the objects of one shape.

    Attributes:
        keyset: A small number for its set of keys, whatever the types.
        keys: Keys of metrics whose values are plain numbers, and ``take`` gets those values.
        names: What these metrics are called.
        exact: Whether all of them are floats already.
        measured: How many of the names are neither positions nor constants.
        steps: Which of the names are positions: index and name.
        clocks: Keys that may hold wall time, the finest first.
        totals: Keys that tell where the run is to end.
        percent: The key that tells how much is done.
        looks: The keys that must be looked at.
        configs: The keys of configuration objects.
        titles: By split and member, the names under which the values are charted.
    """

    keyset: int
    keys: tuple[str, ...]
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
    titles: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)


def shape_of(record: Record, space: Namespace, path: str, depth: int, nest: Nest) -> Shape:
    """The shape of ``record``, which stands at ``path`` within ``depth`` objects.

    ``nest`` makes what reads the objects inside.
    """
    return _Outline(record, space, path, depth, nest).shape


class _Outline:
    """Sorts the keys of an object."""

    def __init__(self, record: Record, space: Namespace, path: str, depth: int, nest: Nest) -> None:
        self._space, self._path, self._depth, self._record = space, path, depth, record
        self._nest = nest
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
        keys = tuple(key for key, _ in self._numbers)
        return Shape(
            keyset=self._space.keyset(frozenset(self._record)),
            keys=keys,
            names=tuple(name for _, name in self._numbers),
            take=taker(keys),
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
        elif type(value) is list and not self._is_of_histogram(key):
            self._look(key, Elements)

    def _is_of_histogram(self, key: str) -> bool:
        """Whether a list is a part of a histogram, which has two of them at least."""
        return key in words.HISTOGRAM and len(words.HISTOGRAM & self._record.keys()) > 1

    def _number(self, key: str, value: float) -> None:
        path, bare = self._path + key, words.plain(key.rpartition("/")[2])
        step = self._space.step(path)
        if self._is_clock(key, path, value):
            self._clock(key)
        elif bare in words.TOTALS and step is None:
            self._totals.append(key)
        elif self._depth == 0 and bare in words.PERCENT_DONE:
            self._percent = key
        elif step is None and self._is_about_the_process(key, value):
            return
        elif self._space.admits(path):
            if step is not None:
                self._steps.append((len(self._numbers), step))
            is_told = step is None or step.may_measure
            self._measured += is_told and bare not in words.CONSTANT
            self._numbers.append((key, path))

    def _is_about_the_process(self, key: str, value: float) -> bool:
        return self._depth == 0 and (is_bookkeeping(key) or self._is_level(key, value))

    def _is_level(self, key: str, value: float) -> bool:
        """Whether it is the severity of a message, which loggers write as 10, 20 ... 60."""
        is_scaled = key in words.LEVELS and value in range(10, 70, 10)
        return is_scaled and any(type(self._record.get(name)) is str for name in words.MESSAGES)

    def _clock(self, key: str) -> None:
        self._clocks.append(key)
        self._space.note_clock(self._path + key)

    def _is_clock(self, key: str, path: str, value: Any) -> bool:
        if self._space.overrides.time is not None:
            return path == self._space.overrides.time
        is_named = is_clock_name(key) or (type(value) is str and is_moment_name(key))
        return self._depth == 0 and is_named and not math.isnan(wall_time_s(value))

    def _text(self, key: str, value: str) -> None:
        if self._is_clock(key, self._path + key, value):
            self._clock(key)
        elif self._depth == 0 and (key in _WORDS or is_bookkeeping(key)):
            return
        elif not words.is_never_a_number(key):
            self._look(key, Spelling)

    def _object(self, key: str, value: Record) -> None:
        if words.is_config_name(key):
            self._configs.append(key)
        elif "mean" in value and _STATISTICS.issuperset(value):
            self._look(key, Statistics)
        elif self._depth < DEEPEST and type(value.get("_type")) is not str:  # media of W&B
            self._nested(key, value)

    def _nested(self, key: str, value: Record) -> None:
        nest, depth = self._nest, self._depth + 1
        is_clear = self._path == "" and key.lower() in words.TRANSPARENT
        if is_clear and self._record.keys().isdisjoint(value):
            look = self._space.look("transparent", key, lambda space, _: nest(space, "", 0))
        else:
            within = self._path + key + "/"
            look = self._space.look("nested", within, lambda space, path: nest(space, path, depth))
        self._looks.append((key, look))

    def _look(self, key: str, kind: Callable[[Namespace, str], Look]) -> None:
        self._looks.append((key, self._space.look(kind, self._path + key, kind)))


def is_bookkeeping(key: str) -> bool:
    """Whether numbers under this key are about the process, not about the training."""
    return words.plain(key) in words.BOOKKEEPING or key.lower().endswith(("_id", ".id"))


def taker(keys: tuple[str, ...]) -> Take:
    """Gets the values of these keys."""
    if not keys:
        return lambda record: ()
    if len(keys) == 1:
        only = keys[0]
        return lambda record: (record[only],)
    return itemgetter(*keys)
