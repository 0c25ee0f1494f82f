"""What a seed must show before its next stage. Pure."""

from typing import NamedTuple

from growth.seed import Seed, Slot, Stage

TRAINED_EPOCHS = 2
HELD_EPOCHS = 2


class Gate(NamedTuple):
    """One evaluation of a gate: the stage behind it, and each check with its outcome."""

    name: str
    target: Stage
    checks: dict[str, bool]

    @property
    def passed(self) -> bool:
        return all(self.checks.values())


def gate_of(slot: Slot, seed: Seed) -> Gate | None:
    """Evaluates the gate before the seed; None in a stage that has none."""
    match seed.stage:
        case Stage.GERMINATED:
            return Gate("G1", Stage.TRAINING, {"germinated": True})
        case Stage.TRAINING:
            return Gate("G2", Stage.BLENDING, waited(seed, TRAINED_EPOCHS) | useful(seed))
        case Stage.BLENDING:
            return Gate("G3", Stage.HOLDING, {"blended_in": slot.alpha >= 1.0})
        case Stage.HOLDING:
            return Gate("G5", Stage.FOSSILIZED, waited(seed, HELD_EPOCHS) | useful(seed))
        case _:
            return None


def waited(seed: Seed, epochs: int) -> dict[str, bool]:
    """Whether the seed has been long enough in its stage."""
    done = seed.epochs_in_stage
    return {f"{min(done, epochs)}_of_{epochs}_epochs": done >= epochs}


def useful(seed: Seed) -> dict[str, bool]:
    """Whether the network is better with the seed than without it."""
    return {"improves_accuracy": seed.gain is not None and seed.gain > 0.0}
