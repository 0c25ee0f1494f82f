"""Seeds through their stages: what an action or an epoch does to a slot, and what is said of it."""

from growth.actions import Action
from growth.blueprints import BLUEPRINTS
from growth.gates import gate_of
from growth.network import Network
from growth.reports import Reports
from growth.seed import Seed, Slot, Stage

BLEND_EPOCHS = 3
EMBARGO_EPOCHS = 2


class Lifecycle:
    """The slots of one network in one episode.

    Attributes:
        counts: How many operations of each kind succeeded.
    """

    def __init__(self, network: Network, reports: Reports, prefix: str) -> None:
        self.network = network
        self.counts = {"GERMINATE": 0, "ADVANCE": 0, "FOSSILIZE": 0, "PRUNE": 0}
        self._reports = reports
        self._prefix = prefix

    def act(self, action: Action) -> bool:
        """Does what the policy decided; returns whether the seed's gate let it."""
        if action.slot_id is None:
            return True
        slot = self.network.slots[action.slot_id]
        match action.operation:
            case "GERMINATE":
                done = self._germinate(slot, str(action.blueprint))
            case "PRUNE":
                done = self._prune(slot)
            case _:
                done = self._pass_gate(slot)
        self.counts[action.operation] += done
        return done

    def age(self) -> None:
        """Lets one epoch pass: alphas rise, embargoes end, what needs no decision moves on."""
        for slot in self.network.slots.values():
            if slot.seed:
                self._age_seed(slot, slot.seed)
            elif slot.embargo_epochs:
                self._age_embargo(slot)

    def _germinate(self, slot: Slot, blueprint: str) -> bool:
        network = self.network
        grow = BLUEPRINTS[blueprint]
        number = self.counts["GERMINATE"]
        slot.seed = Seed(
            seed_id=f"{self._prefix}_seed_{number}",
            blueprint=blueprint,
            body=grow(network.window_pixels, network.width, network.rng),
        )
        self._reports.germinated(slot.slot_id, slot.seed, BLEND_EPOCHS)
        return True

    def _prune(self, slot: Slot) -> bool:
        assert slot.seed
        self._reports.pruned(slot.slot_id, slot.seed)
        self._enter(slot, slot.seed, Stage.PRUNED)
        self._reports.stage_changed(slot, slot.seed, Stage.EMBARGOED)
        slot.seed, slot.alpha, slot.embargo_epochs = None, 0.0, EMBARGO_EPOCHS
        return True

    def _age_seed(self, slot: Slot, seed: Seed) -> None:
        seed.epochs_total += 1
        seed.epochs_in_stage += 1
        if seed.stage is Stage.BLENDING:
            slot.alpha = min(1.0, slot.alpha + 1.0 / BLEND_EPOCHS)
        blended_in = seed.stage is Stage.BLENDING and slot.alpha == 1.0
        if blended_in or seed.stage is Stage.GERMINATED:
            self._pass_gate(slot)

    def _age_embargo(self, slot: Slot) -> None:
        slot.embargo_epochs -= 1
        if not slot.embargo_epochs:
            self._reports.slot_freed(slot.slot_id)

    def _pass_gate(self, slot: Slot) -> bool:
        assert slot.seed
        gate = gate_of(slot, slot.seed)
        if gate is None:
            return False
        self._reports.gate_evaluated(slot.slot_id, slot.seed, gate)
        if gate.passed:
            self._enter(slot, slot.seed, gate.target)
        return gate.passed

    def _enter(self, slot: Slot, seed: Seed, stage: Stage) -> None:
        self._reports.stage_changed(slot, seed, stage)
        seed.stage, seed.epochs_in_stage = stage, 0
        if stage is Stage.FOSSILIZED:
            self._reports.fossilized(slot, seed)
