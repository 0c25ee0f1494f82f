"""What the values of a metric are means of. Pure."""

from typing import NamedTuple, Self

import numpy as np

from karn_view.store.column import Allocate
from karn_view.store.measured import Measured
from karn_view.store.series import Series
from karn_view.store.thin import Curve


class Band(NamedTuple):
    """The least and the largest values behind the means of a metric, in the same rows."""

    low: Series
    high: Series

    @classmethod
    def empty(cls, name: str, allocate: Allocate) -> Self:
        both = Measured(2, allocate)
        return cls(Series(name, both, allocate), Series(name, both, allocate))

    def around(self, curve: Curve) -> Curve:
        """The curve with its band; where a row told none, the value itself."""
        at = np.searchsorted(self.low.rows, curve.rows)
        at = np.minimum(at, len(self.low) - 1)
        is_told = self.low.rows[at] == curve.rows
        low, high = (np.where(is_told, side.values[at], curve.y) for side in self)
        return curve._replace(low=low, high=high)
