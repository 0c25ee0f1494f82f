"""Lines of one form to columns: the part of reading that knows nothing of other lines. Pure.

It needs no more than a `Form`, which can be handed to another process.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, groupby
from operator import attrgetter
from typing import Annotated, Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from karn_view.formats.clock import EARLIEST_S, wall_times_s
from karn_view.formats.rows import Floats

MESSAGE = "message"
"""A message to a human; one that begins with a bracket may be a wrapped record."""
NO_MOMENT = "no moment"
"""A number that is no wall time."""
_TYPES: dict[str, Any] = {
    MESSAGE: Annotated[str, msgspec.Meta(pattern=r"^\s*(?:[^{\s]|$)")],
    NO_MOMENT: Annotated[float, msgspec.Meta(lt=EARLIEST_S)],
}
_REFUSED = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)

Getter = Callable[[Any], Any]
Indices = NDArray[np.int64]
Fields = tuple[tuple[str, Any], ...]
"""Key and type of each value: a type, ``MESSAGE``, ``NO_MOMENT``, or the fields of an object."""


class Form(NamedTuple):
    """What lines that are understood alike have in common, and where in them things are.

    Attributes:
        fields: What the lines hold; no line with anything else is one of them.
        numbers: Paths of all numbers that are metrics or positions.
        clocks: Paths of what may be wall time, the first that is one counts.
        percent: The path of how much is done, or None.
    """

    fields: Fields
    numbers: tuple[str, ...]
    clocks: tuple[str, ...]
    percent: str | None

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of such a line."""
        return tuple(key for key, _ in self.fields)


class Taken(NamedTuple):
    """What was taken of a batch: columns of equal length, a line each.

    Attributes:
        lines: Which lines of the batch they are, ascending.
        values: A column for each of the form's numbers, each in one piece.
        walls: The wall time of each line, NaN where it has none.
        percents: How much was done; empty where the form tells nothing of it.
    """

    lines: Indices
    values: Floats
    walls: Floats
    percents: Floats

    def at(self, which: Indices | NDArray[np.bool_]) -> "Taken":
        """What was taken of some of these lines, or of all in another order."""
        percents = self.percents[which] if len(self.percents) else self.percents
        return Taken(self.lines[which], self.values[which], self.walls[which], percents)


class Taker:
    """Takes exactly the lines of a form.

    Raises:
        TypeError, ValueError, NotImplementedError: The form has a key that a type cannot have.
    """

    def __init__(self, form: Form) -> None:
        self._decode = msgspec.json.Decoder(_struct(form.fields)).decode
        self._groups = [*_by_holder(form.numbers)]
        self._width = len(form.numbers)
        self._clocks = [attrgetter(path) for path in form.clocks]
        self._percent = attrgetter(form.percent) if form.percent else None
        self._structs: list[Any] = []
        self._lines: list[Indices] = []

    def take(self, lines: Sequence[bytes], which: Sequence[int]) -> int:
        """Takes lines, those at ``which``, until one is not of these; returns how many."""
        before = len(self._structs)
        try:
            self._structs.extend(map(self._decode, map(lines.__getitem__, which)))
        except _REFUSED:
            pass  # what was decoded before that is kept
        taken = len(self._structs) - before
        if taken:
            self._lines.append(_indices(which[:taken]))
        return taken

    @property
    def is_used(self) -> bool:
        """Whether anything was taken since the last cut."""
        return bool(self._lines)

    def cut(self) -> Taken:
        """Everything taken since the last time."""
        structs, lines = self._structs, np.concatenate(self._lines)
        self._structs, self._lines = [], []
        percents = np.fromiter(map(self._percent, structs) if self._percent else (), np.float64)
        taken = Taken(lines, self._values(structs), self._walls(structs), percents)
        return taken if np.all(lines[1:] > lines[:-1]) else taken.at(np.argsort(lines))

    def _values(self, structs: Sequence[Any]) -> Floats:
        values = np.empty((len(structs), self._width), order="F")
        first = 0
        for holder, numbers, width in self._groups:
            rows: Iterable[Any] = map(numbers, map(holder, structs) if holder else structs)
            flat = rows if width == 1 else chain.from_iterable(rows)
            columns = np.fromiter(flat, np.float64, width * len(structs)).reshape(-1, width)
            values[:, first : first + width] = columns
            first += width
        return values

    def _walls(self, structs: Sequence[Any]) -> Floats:
        walls = np.full(len(structs), np.nan)
        for clock in self._clocks:
            missing = np.flatnonzero(np.isnan(walls))
            if len(missing) == len(walls):
                walls = wall_times_s([*map(clock, structs)])
            elif len(missing):
                walls[missing] = wall_times_s([clock(structs[index]) for index in missing.tolist()])
        return walls


def _indices(which: Sequence[int]) -> Indices:
    if isinstance(which, range):
        return np.arange(which.start, which.stop)
    return np.array(which, np.int64)


def _struct(fields: Fields) -> Any:
    """The type of an object; the value at the n-th key is its attribute ``fn``."""
    return msgspec.defstruct(
        "Line",
        [(f"f{index}", _type_of(type)) for index, (_, type) in enumerate(fields)],
        rename={f"f{index}": key for index, (key, _) in enumerate(fields)},
        forbid_unknown_fields=True,
        gc=False,
    )


def _type_of(type: Any) -> Any:
    return _struct(type) if isinstance(type, tuple) else _TYPES.get(type, type)


def _by_holder(paths: Iterable[str]) -> Iterator[tuple[Getter | None, Getter, int]]:
    """What gets the numbers of one object after another, and how many there are."""
    for holder, held in groupby(paths, key=lambda path: path.rpartition(".")[0]):
        names = [path.rpartition(".")[2] for path in held]
        yield attrgetter(holder) if holder else None, attrgetter(*names), len(names)
