"""Where the rows of a batch say that they stand, many at once. Pure."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from karn_view.formats.place import Place
from karn_view.formats.rows import Floats


class Ways:
    """The positions of n rows as columns, and each row's place for those who must look.

    Attributes:
        own: Each row's own position; NaN where it has none.
        epochs: Each row's epoch likewise.
        kinds: Equal for rows of the same keys and writer.
        place_of: The place of a row.
        begun: The rows at which a run is announced.
    """

    def __init__(
        self,
        own: Floats,
        epochs: Floats,
        kinds: NDArray[np.int64],
        place_of: Callable[[int], Place],
        begun: Sequence[int],
    ) -> None:
        self.own = own
        self.epochs = epochs
        self.kinds = kinds
        self.place_of = place_of
        self._begun = np.array(begun, np.int64)

    def announces(self, begin: int, end: int) -> bool:
        """Whether a run is announced between two rows."""
        first, last = np.searchsorted(self._begun, (begin, end))
        return bool(first < last)

    def lasts(self, rows: NDArray[np.int64]) -> list[int]:
        """Of these rows the last of each kind, ascending."""
        last = np.full(self.kinds.max(initial=-1) + 1, -1)
        last[self.kinds[rows]] = rows
        return sorted(last[last >= 0].tolist())
