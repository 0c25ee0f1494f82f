"""numpy arrays, torch tensors and their like as Python values. Pure.

They are recognised by what they can do; neither library is imported. The values of a tensor on an
accelerator are fetched from it, which waits for the device: emit plain floats there.
"""

from __future__ import annotations

import math
from typing import Any

ELEMENTS_LIMIT = 1000


def opened(array: Any) -> Any:
    """Return what an array, or a scalar of an array library, holds.

    Args:
        array: Anything with a `tolist` method.

    Returns:
        A number, or nested lists, or a summary when there are more than `ELEMENTS_LIMIT` elements.
    """
    shape = tuple(array.shape) if hasattr(array, "shape") else (len(array),)
    if math.prod(shape) > ELEMENTS_LIMIT:
        return _summary(array, shape)
    if getattr(getattr(array, "dtype", None), "kind", "") in {"M", "m"}:
        return array.astype(str).tolist()  # nanoseconds would become bare integers
    inside = array.tolist()
    return float(inside) if type(inside) is type(array) else inside  # a long double stays itself


def _summary(array: Any, shape: tuple[int, ...]) -> dict[str, Any]:
    """Describe a large array: range and mean of its finite elements, count of the others."""
    summary = {"shape": shape, "dtype": str(getattr(array, "dtype", type(array).__name__))}
    try:
        wide = array.astype("float64") if hasattr(array, "astype") else array.detach().double()
        finite = wide[(wide == wide) & (abs(wide) != math.inf)]
    except (TypeError, ValueError, AttributeError):  # text, objects, array.array
        return summary
    count = math.prod(finite.shape)
    summary["non_finite"] = math.prod(shape) - count
    if count:
        summary |= {name: getattr(finite, name)().item() for name in ("min", "max", "mean")}
    return summary
