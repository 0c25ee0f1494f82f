"""Lines of one form to columns: the part of reading that knows nothing of other lines. Pure.

It needs no more than a `Form`, which can be handed to another process.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import groupby, starmap
from operator import attrgetter
from struct import Struct
from typing import Annotated, Any, NamedTuple

import msgspec
import numpy as np
from msgspec.structs import astuple
from numpy.typing import NDArray

from karn_view.formats.clock import EARLIEST_S, wall_times_s
from karn_view.formats.rows import Floats
from karn_view.formats.text import PART, Indices, Text
from karn_view.formats.values import LIST_MOST, LONGEST, NUMBER
from karn_view.lines import LF

MESSAGE = "message"
"""A message to a human; one that begins with a bracket may be a wrapped record."""
NO_MOMENT = "no moment"
"""A number that is no wall time."""
SPELLED = "spelled"
"""Text that is a number."""
LONG = "long list"
"""More numbers than have series of their own."""
_TYPES: dict[str, Any] = {
    MESSAGE: Annotated[str, msgspec.Meta(pattern=r"^\s*(?:[^{\s]|$)")],
    NO_MOMENT: Annotated[float, msgspec.Meta(lt=EARLIEST_S)],
    SPELLED: Annotated[str, msgspec.Meta(pattern=rf"^(?:{NUMBER.pattern})\Z", max_length=LONGEST)],
    LONG: Annotated[list[float], msgspec.Meta(min_length=LIST_MOST + 1)],
}
_REFUSED = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)

Getter = Callable[[Any], Any]
Fields = tuple[tuple[str, Any], ...]
"""Key and type of each value: a type, one of the words above, the fields of an object, or of a list
how many numbers it has.
"""


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
        decoder = msgspec.json.Decoder(_struct(form.fields))
        self._decode, self._decode_lines = decoder.decode, decoder.decode_lines
        self._groups = [_group(form, *group) for group in _by_holder(form.numbers)]
        self._clocks = [Told(path) for path in form.clocks]
        self._percents = [Told(path) for path in (form.percent,) if path]
        self._columns: list[Group | Texts | Told] = [*self._groups, *self._clocks, *self._percents]
        self._lines: list[Indices] = []
        self._in_a_row = 0

    def take(self, text: Text, which: Indices) -> int:
        """Takes lines, those at ``which``, until one is not of these; returns how many."""
        taken = 0
        for part, data in text.parts(which):
            structs = self._decoded(data, len(part), text.are_objects(part))
            for column in self._columns:
                column.extend(structs)
            taken += len(structs)
            if len(structs) < len(part):
                self._in_a_row = 0
                break
            self._in_a_row += len(structs)
        if taken:
            self._lines.append(which[:taken])
        return taken

    def _decoded(self, data: bytes, count: int, are_objects: bool) -> list[Any]:
        """The first of so many lines, up to one that is not of the form."""
        if are_objects and self._in_a_row >= PART:
            with suppress(*_REFUSED):
                structs = self._decode_lines(data)
                if len(structs) == count:  # so none holds two
                    return structs
        structs = []
        with suppress(*_REFUSED):  # what was decoded before that is kept
            structs.extend(map(self._decode, data.split(LF)[:-1]))
        return structs

    @property
    def is_used(self) -> bool:
        """Whether anything was taken since the last cut."""
        return bool(self._lines)

    def cut(self) -> Taken:
        """Everything taken since the last time."""
        lines, self._lines = np.concatenate(self._lines), []
        values = np.empty((len(lines), sum(group.width for group in self._groups)), order="F")
        first = 0
        for group in self._groups:
            values[:, first : first + group.width] = group.cut()
            first += group.width
        percents = np.array([value for told in self._percents for value in told.cut()], np.float64)
        taken = Taken(lines, values, self._walls(len(lines)), percents)
        return taken if np.all(lines[1:] > lines[:-1]) else taken.at(np.argsort(lines))

    def _walls(self, size: int) -> Floats:
        walls = np.full(size, np.nan)
        for told in (clock.cut() for clock in self._clocks):
            missing = np.flatnonzero(np.isnan(walls))
            if len(missing) == len(walls):
                walls = wall_times_s(told)
            elif len(missing):
                walls[missing] = wall_times_s([told[index] for index in missing.tolist()])
        return walls


class Group:
    """The numbers of one object, of one line after another.

    Packed a part at a time, while what was decoded is at hand: in half the time that numpy takes.
    """

    def __init__(self, holder: str, names: list[str], held: Any) -> None:
        self.width = len(names)
        self._holder = attrgetter(holder) if holder else None
        self._numbers = tuple if isinstance(held, int) else _tuple_of(names, held)
        self._pack = Struct(f"{self.width}d").pack
        self._packed: list[bytes] = []

    def extend(self, structs: Iterable[Any]) -> None:
        holders = map(self._holder, structs) if self._holder else structs
        self._packed.append(b"".join(starmap(self._pack, map(self._numbers, holders))))

    def cut(self) -> Floats:
        """A row for each line."""
        packed, self._packed = b"".join(self._packed), []
        return np.frombuffer(packed).reshape(-1, self.width)


class Texts:
    """The numbers that text at one place spells, in one line after another."""

    width = 1

    def __init__(self, path: str) -> None:
        self._get = attrgetter(path)
        self._numbers: list[float] = []

    def extend(self, structs: Iterable[Any]) -> None:
        self._numbers.extend(map(float, map(self._get, structs)))

    def cut(self) -> Floats:
        """A row for each line."""
        numbers, self._numbers = self._numbers, []
        return np.array(numbers).reshape(-1, 1)


class Told:
    """What stands at one place, in one line after another."""

    def __init__(self, path: str) -> None:
        self._get = attrgetter(path)
        self._values: list[Any] = []

    def extend(self, structs: Iterable[Any]) -> None:
        self._values.extend(map(self._get, structs))

    def cut(self) -> list[Any]:
        values, self._values = self._values, []
        return values


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
    if isinstance(type, int):
        return tuple[(float,) * type]  # type: ignore[misc]
    return _struct(type) if isinstance(type, tuple) else _TYPES.get(type, type)


def _by_holder(paths: Iterable[str]) -> Iterator[tuple[str, list[str]]]:
    """Objects that hold numbers, and their names there."""
    for holder, held in groupby(paths, key=lambda path: path.rpartition(".")[0]):
        yield holder, [path.rpartition(".")[2] for path in held]


def _group(form: Form, holder: str, names: list[str]) -> Group | Texts:
    """What gets the numbers of an object, of a list or of text."""
    held: Any = form.fields
    for name in filter(None, holder.split(".")):
        held = held[int(name.removeprefix("f"))][1]
    return Texts(holder) if held == SPELLED else Group(holder, names, held)


def _tuple_of(names: Sequence[str], fields: Fields) -> Getter:
    """Gets some attributes of an object; all of them at once takes half the time."""
    if names == [f"f{index}" for index in range(len(fields))]:
        return astuple
    get = attrgetter(*names)
    return get if len(names) > 1 else lambda held: (get(held),)
