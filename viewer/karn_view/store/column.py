"""An array that grows at its end. Pure."""

from collections.abc import Callable, Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import DTypeLike, NDArray

FIRST_CAPACITY = 64
AMPLE_BYTES = 1 << 20
TIMES_MOST = 32.0
TIMES_FAR = 4.0
"""Where the end is further away than that, a column grows by so much until more is known."""
Allocate = Callable[[int, np.dtype[Any]], NDArray[Any]]
"""Makes an array of so many values at least, not filled, to hold a column."""


def anonymous(length: int, dtype: np.dtype[Any]) -> NDArray[Any]:
    """Memory of the process."""
    return np.empty(length, dtype)


class Room:
    """Makes room at once for what columns are expected to hold in the end.

    Each time that a column grows it is copied, and the system has to find memory for it anew. Only
    large ones are given more than they ask for: what small ones do not use is memory all the same.

    Attributes:
        times: How many times as long as they are columns will be.
    """

    def __init__(self, allocate: Allocate) -> None:
        self.times = 1.0
        self._allocate = allocate

    def __call__(self, length: int, dtype: np.dtype[Any]) -> NDArray[Any]:
        if length * dtype.itemsize > AMPLE_BYTES:
            times = self.times if self.times <= TIMES_MOST else TIMES_FAR
            length = max(length, int(length * times))
        return self._allocate(length, dtype)


class Column:
    """One numpy column of n values; extending is amortised O(1) a value.

    A view taken earlier stays valid and unchanged while the column grows, so readers in other
    threads need the owner's lock only for the moment in which they take their views. The part of
    a column that has no values yet is address space: the system gives memory to what was written.
    """

    __slots__ = ("_allocate", "_length", "_values")

    def __init__(self, dtype: DTypeLike, allocate: Allocate = anonymous) -> None:
        self._allocate = allocate
        self._values: NDArray[Any] = np.empty(FIRST_CAPACITY, dtype)
        self._length = 0

    @classmethod
    def over(cls, values: NDArray[Any], length: int, allocate: Allocate) -> Self:
        """A column of the first ``length`` of these values, which has the rest as room."""
        column = cls(values.dtype, allocate)
        column._values, column._length = values, length
        return column

    def __len__(self) -> int:
        return self._length

    @property
    def view(self) -> NDArray[Any]:
        """The n values, without a copy."""
        return self._values[: self._length]

    def room(self, length: int) -> NDArray[Any]:
        """Makes the column longer; returns the new part, to be filled."""
        end = self._length + length
        if end > len(self._values):
            self._grow(end)
        new = self._values[self._length : end]
        self._length = end
        return new

    def extend(self, values: Sequence[float] | NDArray[Any]) -> None:
        self.room(len(values))[:] = values

    def copied(self) -> "Column":
        """A column of its own with the same values."""
        copy = Column(self._values.dtype, self._allocate)
        copy.extend(self.view)
        return copy

    def _grow(self, needed: int) -> None:
        capacity = max(needed, len(self._values) * 3 // 2)
        grown = self._allocate(capacity, self._values.dtype)
        grown[: self._length] = self.view
        self._values = grown
