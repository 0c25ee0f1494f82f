"""State as data that JSON can carry. Pure."""

import math
from typing import Any

_POSITIONS = frozenset({"x", "wall", "first_wall", "from", "to", "germination_allowed_at"})
"""Keys that say where something stands: not a number there means that nobody said."""


def plain(value: Any) -> Any:
    """The same with non-finite numbers as `"NaN"`, `"Infinity"`, `"-Infinity"`; a position is None.

    A measured NaN is not a missing value, and the page has to tell them apart.
    """
    if isinstance(value, float):
        return value if math.isfinite(value) else _token(value)
    if isinstance(value, dict):
        return {
            key: None if key in _POSITIONS and _is_nan(inner) else plain(inner)
            for key, inner in value.items()
        }
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    return value


def _is_nan(value: Any) -> bool:
    return isinstance(value, float) and math.isnan(value)


def _token(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    return "Infinity" if value > 0 else "-Infinity"
