"""An array that grows at its end. Pure."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

FIRST_CAPACITY = 64


class Column:
    """One numpy column of n values; appending is amortised O(1) a value.

    A view taken earlier stays valid and unchanged while the column grows, so readers in other
    threads need the owner's lock only for the moment in which they take their views.
    """

    __slots__ = ("_length", "_values")

    def __init__(self, dtype: DTypeLike) -> None:
        self._values: NDArray[Any] = np.empty(FIRST_CAPACITY, dtype)
        self._length = 0

    def __len__(self) -> int:
        return self._length

    @property
    def view(self) -> NDArray[Any]:
        """The n values, without a copy."""
        return self._values[: self._length]

    def append(self, value: float) -> None:
        if self._length == len(self._values):
            self._grow(self._length + 1)
        self._values[self._length] = value
        self._length += 1

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

    def _grow(self, needed: int) -> None:
        grown = np.empty(max(needed, 2 * len(self._values)), self._values.dtype)
        grown[: self._length] = self.view
        self._values = grown
