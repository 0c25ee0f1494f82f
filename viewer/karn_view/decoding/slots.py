"""Memory that two processes see: blocks of lines one way, columns the other."""

import mmap
import os
import tempfile
from itertools import chain, islice
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from karn_view.formats.ahead import Ahead
from karn_view.formats.taker import Taken

SLOTS = 3
"""So many blocks of a decoder are on their way: one to it, one in it, one from it."""
SLOT_BYTES = 4 << 20

Place = tuple[str, tuple[int, ...], int]
"""Type and shape of an array, and where in its slot it begins."""


class Layout(NamedTuple):
    """Where in a slot the columns of a block are."""

    era: int
    forms: list[int]
    places: list[Place]


class Slots:
    """A file without a name, mapped into memory; the other process gets its descriptor.

    Raises:
        OSError: There is no room for it.
    """

    def __init__(self, fd: int | None = None) -> None:
        self._file = tempfile.TemporaryFile() if fd is None else open(fd, "r+b", buffering=0)  # noqa: SIM115
        self.fd = self._file.fileno()
        if fd is None:
            self._allocate()
        self._memory = memoryview(mmap.mmap(self.fd, SLOTS * SLOT_BYTES))

    def _allocate(self) -> None:
        """Without space of its own a file that meets a full disk would kill the process."""
        try:
            os.posix_fallocate(self.fd, 0, SLOTS * SLOT_BYTES)
        except OSError:
            self._file.close()
            raise

    def __getitem__(self, slot: int) -> memoryview:
        return self._memory[slot * SLOT_BYTES : (slot + 1) * SLOT_BYTES]

    def close(self) -> None:
        """Gives the descriptor back; the memory goes with the last array over it."""
        self._file.close()


def put(ahead: Ahead, slot: memoryview) -> Layout | None:
    """Lays what was read of a block down; None when that is too much."""
    places: list[Place] = []
    begin = 0
    for array in _arrays(ahead):
        end = begin + array.nbytes
        if end > len(slot):
            return None
        np.frombuffer(slot[begin:end], array.dtype).reshape(array.shape)[...] = array
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
    """The narrowest last, so that all are aligned."""
    return [ahead.begins, *chain.from_iterable(ahead.taken.values()), ahead.forms]


def _view(slot: memoryview, dtype: str, shape: tuple[int, ...], begin: int) -> NDArray[Any]:
    count = int(np.prod(shape))
    return np.frombuffer(slot, dtype, count, begin).reshape(shape) if count else np.empty(shape)
