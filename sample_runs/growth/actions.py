"""What the policy can do. Pure."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from growth.blueprints import BLUEPRINTS
from growth.network import SLOT_IDS
from growth.seed import YOUNG, Slot, Stage

OPERATIONS = ("WAIT", "GERMINATE", "ADVANCE", "FOSSILIZE", "PRUNE")

FROM_STAGES = {
    "GERMINATE": frozenset({Stage.DORMANT}),
    "ADVANCE": frozenset({Stage.TRAINING}),
    "FOSSILIZE": frozenset({Stage.HOLDING}),
    "PRUNE": YOUNG,
}
"""The stages of a slot in which an operation on it is legal. A gate may still say no."""


TRIAL_EPOCHS = 5
"""Epochs every seed is given before it can be pruned: nobody can judge it earlier."""


class Action(NamedTuple):
    """An operation, where, and for GERMINATE of which blueprint."""

    operation: str
    slot_id: str | None = None
    blueprint: str | None = None


def _every() -> Iterator[Action]:
    yield Action("WAIT")
    for slot_id in SLOT_IDS:
        yield from (Action("GERMINATE", slot_id, blueprint) for blueprint in BLUEPRINTS)
        yield from (Action(operation, slot_id) for operation in ("ADVANCE", "FOSSILIZE", "PRUNE"))


ACTIONS = tuple(_every())

OPERATION_OF = np.array([OPERATIONS.index(action.operation) for action in ACTIONS])
"""For each action the number of its operation."""


def legal(slots: Mapping[str, Slot], growing_allowed: bool) -> NDArray[np.bool_]:
    """Returns which of `ACTIONS` can be taken; waiting always can."""

    def allowed(action: Action) -> bool:
        if action.slot_id is None:
            return True
        slot = slots[action.slot_id]
        on_trial = slot.seed is not None and slot.seed.epochs_total < TRIAL_EPOCHS
        if action.operation == "PRUNE" and on_trial:
            return False
        return growing_allowed and slot.stage in FROM_STAGES[action.operation]

    return np.array([allowed(action) for action in ACTIONS])
