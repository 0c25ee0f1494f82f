"""Objects as plain data and columns, and back: those of a list of classes, and no others. Pure.

Data that somebody made up may give wrong objects, but nothing in it names code to run.
"""

from array import array
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from karn_view.store.column import Allocate, Column

Node = list[Any]
"""A kind and what it holds: numbers and words as they are, anything else as ``[its node]``."""

WITHIN_BYTES = 4_096
"""A shorter column stands among the data."""
DTYPES = {dtype.str: dtype for dtype in map(np.dtype, ("i1", "i2", "i4", "i8", "f8"))}
NAMES = {dtype: name for name, dtype in DTYPES.items()}
"""Of what columns may hold."""

_PLAIN = (type(None), bool, float, bytes)
_SEQUENCES = {kind.__name__: kind for kind in (list, tuple, set, frozenset)}
_TYPES = {kind.__name__: kind for kind in (bool, int, float, str, list, dict, type(None))}


def _name(kind: Any) -> str:
    """What a class is called in the data: another's by its module, as names are not unique."""
    is_own = kind.__module__.startswith("karn_view.")
    return f"{kind.__module__}.{kind.__name__}" if is_own else kind.__name__


class Known(NamedTuple):
    """A class whose objects may be kept.

    Attributes:
        type: The class.
        made: Attributes that are not kept but made of those that are.
        dump: Gives an object as data, where that is not left to its attributes; ``load`` takes it.
    """

    type: Any
    made: Mapping[str, Callable[[Any, Allocate], Any]] = {}
    dump: Callable[[Any], bytes] | None = None
    load: Callable[[bytes], Any] | None = None


class Kept(NamedTuple):
    """What objects became: data, and the values of their longer columns as they were then."""

    data: bytes
    arrays: list[NDArray[Any]]


class Unknown(TypeError):
    """An object, or the name of a class, that is not on the list."""


class Codec:
    """Keeps objects of these classes, what they hold, and who is held by several."""

    def __init__(self, known: Iterable[Known]) -> None:
        self._known = {_name(each.type): each for each in known}

    def keep(self, value: Any) -> Kept:
        """Takes an object apart.

        Raises:
            Unknown: It holds an object of another class.
            RecursionError: Objects within objects, too deep.
        """
        keeping = _Keeping(self._known)
        top = keeping.add(value)
        return Kept(msgspec.msgpack.encode((top, keeping.nodes)), keeping.arrays)

    def restore(self, data: bytes, columns: Sequence[Column], allocate: Allocate) -> Any:
        """Puts it together again.

        Args:
            data: As it was kept.
            columns: With the values that were kept, in the same order.
            allocate: Makes room for the columns from here on.

        Raises:
            ValueError, TypeError, LookupError, RecursionError: `keep` gave no such data.
        """
        top, nodes = msgspec.msgpack.decode(data, type=tuple[Any, list[Node]])
        return _Restoring(self._known, nodes, columns, allocate).part(top)


class _Keeping:
    def __init__(self, known: Mapping[str, Known]) -> None:
        self.nodes: list[Node] = []
        self.arrays: list[NDArray[Any]] = []
        self._known = known
        self._places: dict[int, list[int]] = {}
        self._held: list[Any] = []
        """What would otherwise go, and give its identity to something else."""

    def add(self, value: Any) -> Any:
        kind = type(value)
        if kind in _PLAIN or (kind is int and -(1 << 63) <= value < 1 << 63):
            return value
        if kind is str and value.isascii():
            return value
        if isinstance(value, np.generic):  # what numpy gave is worth what it stands for
            return self.add(value.item())
        place = self._places.get(id(value))
        if place is None:
            place = self._places[id(value)] = [len(self.nodes)]
            self._held.append(value)
            self.nodes.append([])
            self.nodes[place[0]] = self._node(kind, value)
        return place

    def _node(self, kind: type, value: Any) -> Node:
        name = _name(kind)
        if kind in _SEQUENCES.values():
            return [name, *map(self.add, value)]
        if kind is dict:
            return [name, *(self.add(part) for pair in value.items() for part in pair)]
        if kind is str:
            return [name, value.encode("utf-8", "surrogatepass")]
        if kind is int:
            return [name, str(value)]
        if kind is array:
            return [name, value.typecode, value.tobytes()]
        if kind is bytearray:
            return [name, bytes(value)]
        if kind is deque:
            return [name, value.maxlen, *map(self.add, value)]
        if kind is Column:
            return ["column", *self._column(value.view)]
        if kind is type and (value in _TYPES.values() or self._is_known(value)):
            return [name, _name(value)]
        if not self._is_known(kind):
            raise Unknown(f"objects of {name} are not kept")
        _, made, dump, _ = self._known[name]
        if dump is not None:
            return [name, dump(value)]
        found = ((attribute, getattr(value, attribute)) for attribute in _attributes(value))
        pairs = [(attribute, self.add(part)) for attribute, part in found if attribute not in made]
        return [name, *(part for pair in pairs for part in pair)]

    def _column(self, values: NDArray[Any]) -> tuple[str | int, ...] | tuple[str, bytes]:
        if values.nbytes <= WITHIN_BYTES:
            return NAMES[values.dtype], values.tobytes()
        self.arrays.append(values)
        return (len(self.arrays) - 1,)

    def _is_known(self, kind: type) -> bool:
        known = self._known.get(_name(kind))
        return known is not None and known.type is kind


class _Restoring:
    def __init__(
        self,
        known: Mapping[str, Known],
        nodes: list[Node],
        columns: Sequence[Column],
        allocate: Allocate,
    ) -> None:
        self._known = known
        self._nodes = nodes
        self._columns = columns
        self._allocate = allocate
        self._found: dict[int, Any] = {}

    def part(self, part: Any) -> Any:
        return self._node(part[0]) if type(part) is list else part

    def _node(self, index: int) -> Any:
        if index not in self._found:
            name, *parts = self._nodes[index]
            self._found[index] = self._value(index, name, parts)
        return self._found[index]

    def _value(self, index: int, name: str, parts: Sequence[Any]) -> Any:
        if name in ("tuple", "frozenset"):
            return _SEQUENCES[name](map(self.part, parts))
        if name in self._known:
            return self._object(index, self._known[name], parts)
        match name, parts:
            case "str", [bytes(data)]:
                return data.decode("utf-8", "surrogatepass")
            case "int", [str(digits)]:
                return int(digits)
            case "array", ["d", bytes(data)]:
                return array("d", data)
            case "bytearray", [bytes(data)]:
                return bytearray(data)
            case "column", [int(place)]:
                return self._columns[place]
            case "column", [str(dtype), bytes(data)]:
                column = Column(DTYPES[dtype], self._allocate)
                column.extend(np.frombuffer(data, DTYPES[dtype]))
                return column
            case "type", [str(kind)]:
                return _TYPES.get(kind) or self._known[kind].type
            case "list", _:
                found: list[Any] = self._found.setdefault(index, [])
                found.extend(map(self.part, parts))
                return found
            case "set", _:
                return {*map(self.part, parts)}
            case "deque", [None | int() as most, *rest]:
                return deque(map(self.part, rest), most)
            case "dict", _:
                pairs: dict[Any, Any] = self._found.setdefault(index, {})
                pairs.update(self._pairs(parts))
                return pairs
        raise Unknown(f"{name!r} is none of the classes that are kept")

    def _pairs(self, parts: Sequence[Any]) -> Iterator[tuple[Any, Any]]:
        """In the order in which they were kept."""
        keys, values = map(self.part, parts[::2]), map(self.part, parts[1::2])
        return zip(keys, values, strict=True)

    def _object(self, index: int, known: Known, parts: Sequence[Any]) -> Any:
        kind = known.type
        if known.load is not None:
            return known.load(*parts)
        if issubclass(kind, tuple | msgspec.Struct):
            return kind(**dict(self._pairs(parts)))
        found = self._found.setdefault(index, object.__new__(kind))
        for attribute, value in self._pairs(parts):
            if attribute.startswith("__"):
                raise Unknown(f"{attribute!r} is no attribute to keep")
            object.__setattr__(found, attribute, value)
        for attribute, make in known.made.items():
            object.__setattr__(found, attribute, make(found, self._allocate))
        return found


def _attributes(value: Any) -> Iterable[str]:
    kind = type(value)
    for declared in ("_fields", "__struct_fields__", "__slots__"):
        if names := getattr(kind, declared, None):
            return tuple(names)
    return tuple(vars(value))
