"""What the policy sees of a network. Pure."""

import numpy as np

from growth.blueprints import BLUEPRINTS
from growth.layers import Array
from growth.measurement import Measures
from growth.network import SLOT_IDS
from growth.seed import Slot, Stage

STAGES = tuple(stage for stage in Stage if stage is not Stage.PRUNED)
"""Stages a slot can be seen in: a pruned seed's slot is under embargo at once."""

LONG_EPOCHS = 8
FAR = 5.0
"""No feature goes beyond this, nor is one ever NaN, whatever the network has come to."""

FEATURES = 6 + len(SLOT_IDS) * (len(STAGES) + 3 + len(BLUEPRINTS))


def observe(
    measures: Measures, slots: list[Slot], accuracy_delta: float, progress: float, growing: bool
) -> Array:
    """Returns `FEATURES` numbers of about the size of 1."""
    general = [
        progress,
        float(growing),
        measures.fit.accuracy / 100.0,
        measures.host_accuracy / 100.0,
        accuracy_delta / 10.0,
        measures.fit.loss,
    ]
    seen = np.array(general + [feature for slot in slots for feature in _of_slot(slot)])
    bounded: Array = np.nan_to_num(np.clip(seen, -FAR, FAR), nan=FAR)
    return bounded


def _of_slot(slot: Slot) -> list[float]:
    seed = slot.seed
    stage = [float(slot.stage is stage) for stage in STAGES]
    blueprint = [float(seed is not None and seed.blueprint == name) for name in BLUEPRINTS]
    waited = seed.epochs_in_stage / LONG_EPOCHS if seed else 0.0
    gain = seed.gain / 10.0 if seed and seed.gain is not None else 0.0
    return [*stage, *blueprint, slot.alpha, waited, gain]
