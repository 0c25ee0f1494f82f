"""Memory that two processes see: blocks of lines one way, columns the other."""

import mmap
from itertools import chain, islice
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from karn_view.forerunners import SLOT_BYTES, SLOTS
from karn_view.formats.ahead import Ahead
from karn_view.formats.taker import Taken

Place = tuple[str, tuple[int, ...], int]
"""Type and shape of an array, and where in its slot it begins."""


class Layout(NamedTuple):
    """Where in a slot the columns of a block are."""

    era: int
    forms: list[int]
    places: list[Place]


class Slots:
    """A file's memory, which the process at its other end maps too."""

    def __init__(self, fd: int) -> None:
        self._memory = memoryview(mmap.mmap(fd, SLOTS * SLOT_BYTES))

    def __getitem__(self, slot: int) -> memoryview:
        return self._memory[slot * SLOT_BYTES : (slot + 1) * SLOT_BYTES]


def put(ahead: Ahead, slot: memoryview) -> Layout | None:
    """Lays what was read of a block down; None when that is too much."""
    places: list[Place] = []
    begin = 0
    for array in _arrays(ahead):
        end = begin + array.nbytes
        if end > len(slot):
            return None
        np.frombuffer(slot[begin:end], array.dtype).reshape(array.shape, order="F")[...] = array
        places.append((array.dtype.str, array.shape, begin))
        begin = end
    return Layout(ahead.era, [*ahead.taken], places)


def get(layout: Layout, slot: memoryview) -> Ahead:
    """What was laid down, as views of the slot."""
    arrays = (_view(slot, *place) for place in layout.places)
    begins = next(arrays)
    taken = {form: Taken(*islice(arrays, len(Taken._fields))) for form in layout.forms}
    return Ahead(layout.era, begins, next(arrays), taken)


def _arrays(ahead: Ahead) -> list[NDArray[Any]]:
    """The narrowest last, so that all are aligned; columns stay in one piece each."""
    return [ahead.begins, *chain.from_iterable(ahead.taken.values()), ahead.forms]


def _view(slot: memoryview, dtype: str, shape: tuple[int, ...], begin: int) -> NDArray[Any]:
    count = int(np.prod(shape))
    if not count:
        return np.empty(shape)
    return np.frombuffer(slot, dtype, count, begin).reshape(shape, order="F")
