"""What is said of one episode: facts into Karn's events. No I/O but through `emit`."""

from collections.abc import Callable, Mapping, Sequence
from math import isfinite
from typing import Any

from growth.alarms import DROPPED_PERCENT, Alarm
from growth.attribution import Coalition, Share
from growth.gates import Gate
from growth.seed import Seed, Slot, Stage
from karn import TelemetryEvent, TelemetryEventType

Emit = Callable[[TelemetryEvent], None]

DIGITS = 6
"""Significant digits of a reported number: more than any of these measurements means."""

VANISHED, EXPLODED = 1e-3, 1e2
"""A seed's gradient over the host's: outside of these it is said to vanish or explode."""


def brief(value: Any) -> Any:
    """Rounds all floats in a value, however deep, to `DIGITS` significant digits."""
    if isinstance(value, float):
        return float(f"{value:.{DIGITS}g}") + 0.0  # which leaves no -0.0
    if isinstance(value, Mapping):
        return {key: brief(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [brief(inner) for inner in value]
    return value


class Reports:
    """The events of one episode in one environment.

    Attributes:
        epoch: The inner epoch the events belong to; whoever steps the episode counts it on.
    """

    def __init__(self, emit: Emit, env_id: int, episode_idx: int) -> None:
        self.epoch = 0
        self._emit = emit
        self._episode = {"env_id": env_id, "episode_idx": episode_idx}

    def germinated(self, slot_id: str, seed: Seed, blend_epochs: int) -> None:
        data = {
            "params": seed.params,
            "alpha": 0.0,
            "alpha_curve": "LINEAR",
            "blend_tempo_epochs": blend_epochs,
        }
        self._of_seed("SEED_GERMINATED", slot_id, seed, data)

    def stage_changed(self, slot: Slot, seed: Seed, stage: Stage) -> None:
        data = {
            "from_stage": Stage.PRUNED if stage is Stage.EMBARGOED else seed.stage,
            "to_stage": stage,
            "alpha": slot.alpha,
            "accuracy_delta": seed.gain,
            "epochs_in_stage": seed.epochs_in_stage,
        }
        self._of_seed("SEED_STAGE_CHANGED", slot.slot_id, seed, data)

    def slot_freed(self, slot_id: str) -> None:
        change = {"slot_id": slot_id, "from_stage": Stage.EMBARGOED, "to_stage": Stage.DORMANT}
        self._say("SEED_STAGE_CHANGED", change, slot_id=slot_id)

    def gate_evaluated(self, slot_id: str, seed: Seed, gate: Gate) -> None:
        data = {
            "gate": gate.name,
            "passed": gate.passed,
            "target_stage": gate.target,
            "checks_passed": [name for name, passed in gate.checks.items() if passed],
            "checks_failed": [name for name, passed in gate.checks.items() if not passed],
        }
        self._of_seed("SEED_GATE_EVALUATED", slot_id, seed, data)

    def fossilized(self, slot: Slot, seed: Seed) -> None:
        data = {"params_added": seed.params, "alpha": slot.alpha} | _life(seed)
        self._of_seed("SEED_FOSSILIZED", slot.slot_id, seed, data)

    def pruned(self, slot_id: str, seed: Seed) -> None:
        data = {"reason": "", "auto_pruned": False, "initiator": "policy"} | _life(seed)
        self._of_seed("SEED_PRUNED", slot_id, seed, data)

    def stabilized(self, stable_count: int, val_loss: float) -> None:
        facts = {"epoch": self.epoch, "stable_count": stable_count, "val_loss": val_loss}
        message = "Host stabilized: germination is allowed from here"
        self._say("TAMIYO_INITIATED", facts, message=message)

    def epoch_completed(
        self, measures: Mapping[str, Any], slots: Sequence[Slot], host_norm: float
    ) -> None:
        seeds = {slot.slot_id: _slot_state(slot, host_norm) for slot in slots}
        shown = {name: state for name, state in seeds.items() if state}
        self._say("EPOCH_COMPLETED", {**measures, "host_grad_norm": host_norm, "seeds": shown})

    def acted(self, data: Mapping[str, Any]) -> None:
        self._say("ANALYTICS_SNAPSHOT", {"kind": "last_action", **data}, severity="debug")

    def attributed(
        self, matrix: Mapping[Coalition, float], shares: Mapping[str, Share], took_ms: float
    ) -> None:
        """Says what every coalition of the active seeds is worth, and each seed's share."""
        configs = [
            {"seed_mask": [name in coalition for name in shares], "accuracy": accuracy}
            for coalition, accuracy in matrix.items()
        ]
        facts = {"slot_ids": list(shares), "configs": configs, "strategy": "full_factorial"}
        self._say("COUNTERFACTUAL_MATRIX_COMPUTED", {**facts, "compute_time_ms": took_ms})
        values = {name: share._asdict() for name, share in shares.items()}
        snapshot = {"kind": "shapley_computed", "shapley_values": values, "num_slots": len(shares)}
        self._say("ANALYTICS_SNAPSHOT", snapshot)

    def dropped(self, accuracy: float, rolling: float, drop: float, progress: float) -> None:
        data = {
            "current_acc": accuracy,
            "rolling_avg_acc": rolling,
            "drop_percent": drop,
            "threshold_percent": DROPPED_PERCENT,
            "training_progress": progress,
        }
        self._say("PERFORMANCE_DEGRADATION", data, severity="warning")

    def alarmed(self, alarm: Alarm) -> None:
        data = {"anomaly_type": alarm.anomaly_type, "detail": alarm.detail}
        self._say(alarm.event_type, data, severity="warning")

    def ended(self, data: Mapping[str, Any]) -> None:
        self._say("EPISODE_OUTCOME", data)

    def _of_seed(self, name: str, slot_id: str, seed: Seed, data: Mapping[str, Any]) -> None:
        about = {"slot_id": slot_id, "blueprint_id": seed.blueprint, **data}
        self._say(name, about, seed_id=seed.seed_id, slot_id=slot_id)

    def _say(self, name: str, data: Mapping[str, Any], **envelope: Any) -> None:
        where = self._episode | {"inner_epoch": self.epoch}
        envelope |= {"epoch": self.epoch, "data": brief(where | dict(data))}
        self._emit(TelemetryEvent(TelemetryEventType[name], **envelope))


def _life(seed: Seed) -> dict[str, Any]:
    return {
        "improvement": seed.gain,
        "counterfactual": seed.gain,
        "epochs_total": seed.epochs_total,
    }


def _slot_state(slot: Slot, host_norm: float) -> dict[str, Any]:
    """Describes a slot for the end of an epoch; empty for one in which nothing goes on."""
    if not slot.seed:
        return {"stage": slot.stage, "alpha": 0.0} if slot.embargo_epochs else {}
    ratio = slot.seed.gradient_norm / host_norm if slot.seed.gradient_norm and host_norm else None
    return {
        "stage": slot.stage,
        "blueprint_id": slot.seed.blueprint,
        "params": slot.seed.params,
        "alpha": slot.alpha,
        "accuracy_delta": slot.seed.gain,
        "epochs_in_stage": slot.seed.epochs_in_stage,
        "grad_ratio": ratio,
        "has_vanishing": ratio is not None and ratio < VANISHED,
        "has_exploding": ratio is not None and not (isfinite(ratio) and ratio <= EXPLODED),
    }
