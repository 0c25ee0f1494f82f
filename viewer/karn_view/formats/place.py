"""What a row says about where it stands. Pure."""

import math
from collections.abc import Iterable, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from karn_view.formats.rows import Floats
from karn_view.formats.steps import StepName

_LARGEST = 1e18


class Place(msgspec.Struct, frozen=True, gc=False):
    """What one row says about where it stands.

    Attributes:
        steps: The positions it holds, by name.
        keyset: Equal for rows with the same keys.
        member: Equal for rows of the same writer, where several write in turns.
        wall: Its wall time or NaN.
        is_metric: Whether it counts when candidates are scored.
        is_aside: Whether a label says it was measured on other data than the training's.
        is_moded: Whether the label that says so is called "mode".
        run: The label of a run that begins here, or None.
        continues: Whether that run says that it goes on with what came before.
    """

    steps: Sequence[tuple[StepName, float]] = ()
    keyset: int = 0
    member: str = ""
    wall: float = math.nan
    is_metric: bool = False
    is_aside: bool = False
    is_moded: bool = False
    run: str | None = None
    continues: bool = False


def is_position(name: StepName, value: float) -> bool:
    """Whether the value can be a position under its name: a fraction only for work and epochs."""
    return 0 <= value < _LARGEST and (name.letter in "DE" or value == value // 1)


def are_positions(name: StepName, values: Floats) -> NDArray[np.bool_]:
    """`is_position` of many values."""
    fits: NDArray[np.bool_] = (values >= 0) & (values < _LARGEST)
    return fits if name.letter in "DE" else fits & (values == np.floor(values))


def value_of(name: str, steps: Iterable[tuple[StepName, float]]) -> float | None:
    """The row's own position of that name: bare if it has it, else the first behind a split."""
    behind = None
    for step, value in steps:
        if step.name == name and is_position(step, value):
            if step.bare:
                return float(value)
            behind = float(value) if behind is None else behind
    return behind
