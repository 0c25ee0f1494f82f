"""One slot of a host network and the seed in it. Pure."""

from typing import Any, TypeVar

import msgspec

from karn_view.formats.karn.event import Event, name
from karn_view.formats.karn.fields import Data, first, flag, items, number, text, whole
from karn_view.formats.karn.vocabulary import DORMANT_STAGES, stage_now
from karn_view.views.readings import Reading

T = TypeVar("T")

_SHAPLEY, _REWARD, _FAREWELL, _REPORTED = range(4)
"""Ranks of what says how much a seed contributes."""

_CHECKS_TOLD = 3


class Slot(msgspec.Struct):
    """A slot and the seed that lives, or lived last, in it; None where nobody said."""

    stage: str | None = None
    alpha: float | None = None
    blueprint: str | None = None
    params: int | None = None
    seed: str | None = None
    epochs_in_stage: int | None = None
    accuracy_delta: float | None = None
    grad_ratio: float | None = None
    vanishing: bool | None = None
    exploding: bool | None = None
    blocked_by: str | None = None
    contribution: Reading | None = None
    contribution_std: float | None = None

    @property
    def alive(self) -> bool:
        """Whether a seed is in the slot, fossilized ones included."""
        return self.stage is not None and self.stage not in DORMANT_STAGES

    def read(self, event: Event, x: float) -> None:
        """Takes a `SEED_*` event of this slot."""
        match event.type:
            case "SEED_GERMINATED":
                self.vacate()
                self.stage, self.seed = "GERMINATED", event.seed
                self.params = whole(event.data.get("params"))
                self.observe(event.data)
            case "SEED_GATE_EVALUATED":
                self.blocked_by = _failed_checks(event.data)
            case "SEED_STAGE_CHANGED":
                self.blocked_by = None
                stage = text(first(event.data, "to_stage", "to"))
                self.observe(event.data, stage)
            case "SEED_PRUNED":
                self.observe(event.data, "PRUNED")
                self._say_farewell(event, x)
            case "SEED_FOSSILIZED":
                self.observe(event.data, "FOSSILIZED")
                added = whole(event.data.get("params_added"))
                self.params = self.params if added is None else added
                self._say_farewell(event, x)

    def observe(self, said: Data, stage: str | None = None) -> None:
        """Takes what an event, or an epoch's report, says about the slot; the rest stays."""
        if stage is not None:
            self.stage = stage_now(stage)
        if self.stage == "DORMANT":
            self.vacate()
        self.blueprint = name(first(said, "blueprint_id", "blueprint")) or self.blueprint
        self.alpha = _newer(number(said.get("alpha")), self.alpha)
        self.epochs_in_stage = _newer(whole(said.get("epochs_in_stage")), self.epochs_in_stage)
        self.accuracy_delta = _newer(number(said.get("accuracy_delta")), self.accuracy_delta)
        self.grad_ratio = _newer(number(said.get("grad_ratio")), self.grad_ratio)
        self.vanishing = _newer(flag(said.get("has_vanishing")), self.vanishing)
        self.exploding = _newer(flag(said.get("has_exploding")), self.exploding)

    def vacate(self) -> None:
        """Forgets the seed: its slot is dormant."""
        for field, value in _EMPTY.items():
            setattr(self, field, value)
        self.stage = "DORMANT"

    def credit_shapley(self, said: Data, event: Event, x: float) -> None:
        """Takes the seed's Shapley value, in points of accuracy."""
        mean = number(said.get("mean"))
        if mean is None:
            return
        self.contribution_std = number(said.get("std"))
        self._credit(mean, _SHAPLEY, "shapley_computed.shapley_values.mean", event, x)

    def credit_reward(self, said: Data, event: Event, x: float) -> None:
        """Takes what the reward counted for the seed; a bounded 0 beside no measurement is none."""
        measured = number(said.get("seed_contribution"))
        if measured is not None:
            self._credit(measured, _REWARD, "reward_components.seed_contribution", event, x)
        elif bounded := number(said.get("bounded_attribution")):
            self._credit(bounded, _REWARD, "reward_components.bounded_attribution", event, x)

    def credit_report(self, value: float, event: Event, x: float) -> None:
        """Takes the contribution that an older analytics event gives."""
        self._credit(value, _REPORTED, "ANALYTICS_SNAPSHOT.seeds.contribution", event, x)

    def _say_farewell(self, event: Event, x: float) -> None:
        for key in ("counterfactual", "improvement"):
            value = number(event.data.get(key))
            if value is not None:
                self._credit(value, _FAREWELL, f"{event.type}.{key}", event, x)
                return

    def _credit(self, value: float, rank: int, source: str, event: Event, x: float) -> None:
        if self.contribution is None or rank <= self.contribution.rank:
            self.contribution = Reading(value, source, event.offset, event.wall, x, event.env, rank)


def grown_ratio(slots: dict[str, Slot], host_params: float | None) -> float | None:
    """(host + living seeds) / host, in parameters; None when a living seed's size is unknown."""
    if not host_params:
        return None
    alive = [slot.params for slot in slots.values() if slot.alive]
    known = [params for params in alive if params is not None]
    return (host_params + sum(known)) / host_params if len(known) == len(alive) else None


def slot_view(slot_id: str, slot: Slot) -> dict[str, Any]:
    """The slot as its environment's card shows it."""
    return {
        "slot_id": slot_id,
        "stage": slot.stage,
        "alpha": slot.alpha,
        "blueprint": slot.blueprint,
        "params": slot.params,
        "epochs_in_stage": slot.epochs_in_stage,
        "accuracy_delta": slot.accuracy_delta,
        "vanishing": slot.vanishing,
        "exploding": slot.exploding,
        "blocked_by": slot.blocked_by,
    }


def seed_view(env: int, slot_id: str, slot: Slot) -> dict[str, Any]:
    """The slot as a row of the seeds' contributions."""
    worth = slot.contribution
    return {
        "env_id": env,
        **slot_view(slot_id, slot),
        "seed": slot.seed,
        "alive": slot.alive,
        "contribution": None if worth is None else worth.value,
        "contribution_std": slot.contribution_std,
        "contribution_kind": None if worth is None else worth.source,
        "offset": None if worth is None else worth.offset,
        "efficiency": _points_per_1000(worth, slot.params),
    }


def _failed_checks(gate: Data) -> str | None:
    """What keeps the seed in its stage; None once it may go on."""
    if flag(gate.get("passed")) is not False:
        return None
    failed = filter(None, map(name, items(gate.get("checks_failed"))[:_CHECKS_TOLD]))
    return ", ".join(failed) or text(gate.get("message")) or name(gate.get("gate"))


def _points_per_1000(worth: Reading | None, params: int | None) -> float | None:
    points = None if worth is None else number(worth.value)
    return None if points is None or not params else points / (params / 1000)


def _newer(value: T | None, old: T | None) -> T | None:
    return old if value is None else value


_EMPTY: dict[str, Any] = dict.fromkeys(Slot.__struct_fields__)
