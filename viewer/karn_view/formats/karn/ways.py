"""Where Karn events stand: one alone, or many at once. Pure."""

from collections.abc import Sequence
from functools import cache

import numpy as np

from karn_view.formats.axis import LINE, WALL, Choice
from karn_view.formats.clock import utc_times_s
from karn_view.formats.karn.dialect import Understood
from karn_view.formats.karn.event import wall_of
from karn_view.formats.place import Place, are_positions
from karn_view.formats.rows import Floats
from karn_view.formats.steps import StepName
from karn_view.formats.ways import Ways


def place_of(said: Understood) -> Place:
    """What an event says about where it stands."""
    event = said.event
    steps = ((step_named(said.axis), said.x),) if said.x == said.x else ()
    run = "run opened" if said.type == "RUN_OPENED" else None
    is_metric = said.kind == "metric"
    return Place(steps, 0, "", event.wall, is_metric, False, False, run, True)


def ways_of(choice: Choice, said: Sequence[Understood], first: int) -> Ways:
    """The same of events that follow each other, the first of which is row ``first``."""
    x = np.array([one.x for one in said])
    axes = np.array([one.axis for one in said])

    def own(name: str) -> Floats:
        if name == LINE:
            return np.arange(first + 1.0, first + 1.0 + len(said))
        if name == WALL:
            return np.array([one.event.wall for one in said])
        return np.where((axes == name) & are_positions(step_named(name), x), x, np.nan)

    epochs = own(choice.epoch) if choice.epoch else np.full(len(said), np.nan)
    kinds = np.zeros(len(said), np.int64)
    begun = [at for at, one in enumerate(said) if one.type == "RUN_OPENED"]
    return Ways(own(choice.name), epochs, kinds, lambda row: place_of(said[row]), begun)


def walls_of(timestamps: Sequence[object]) -> list[float]:
    """`wall_of` of many."""
    walls = utc_times_s(timestamps) if {*map(type, timestamps)} == {str} else None
    return [*map(wall_of, timestamps)] if walls is None else walls.tolist()


@cache
def step_named(name: str) -> StepName:
    """The position by which Karn counts."""
    return StepName(name, "D", 0, 0, True)
