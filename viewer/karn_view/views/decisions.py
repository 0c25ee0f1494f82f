"""What the policy did lately, and what else it could have done. Pure."""

from typing import Any

import msgspec

from karn_view.formats.karn.event import Event, name
from karn_view.formats.karn.fields import first, flag, items, mapping, number, text, whole
from karn_view.formats.karn.vocabulary import action_now

ACTIONS_SHOWN = 20
DECISIONS_SHOWN = 8
ALTERNATIVES_KEPT = 6
_OPERATIONS_KEPT = 32

_BY_SEED_EVENT = {
    "SEED_GERMINATED": "GERMINATE",
    "SEED_PRUNED": "PRUNE",
    "SEED_FOSSILIZED": "FOSSILIZE",
}


class Action(msgspec.Struct, frozen=True):
    """One decision, or the trace that one left in a seed's life."""

    action: str
    offset: int
    wall: float
    x: float
    env: int | None
    slot: str | None
    blueprint: str | None
    success: bool | None
    by: str | None
    decided: bool
    confidence: float | None = None
    value: float | None = None
    reward: float | None = None
    entropy: float | None = None
    alternatives: list[tuple[str, float]] = []


class Decisions(msgspec.Struct):
    """The newest actions, and how often each operation was chosen."""

    recent: list[Action] = []
    counted: dict[str, int] = {}
    reported: dict[str, int] = {}
    decided: bool = False

    def read(self, event: Event, x: float) -> Action | None:
        """Takes one event; the action in it, if there is one."""
        match event.source:
            case "last_action":
                return self._decide(event, x)
            case "action_distribution" | "heuristic_episode":
                self.reported = _counts(event)
            case "TRAINING_STARTED":
                self.counted, self.reported, self.decided = {}, {}, False
            case source if source in _BY_SEED_EVENT:
                return self._infer(_BY_SEED_EVENT[source], event, x)
        return None

    def view(self) -> dict[str, Any]:
        """Newest first; the mix of operations as the run reports it, else as counted here."""
        decisions = [action for action in self.recent if action.decided][-DECISIONS_SHOWN:]
        return {
            "recent_actions": [_action_view(one) for one in reversed(self.recent[-ACTIONS_SHOWN:])],
            "decisions": [_decision_view(one) for one in reversed(decisions)],
            "action_counts": self.reported or self.counted or None,
        }

    def _decide(self, event: Event, x: float) -> Action | None:
        operation = name(event.data.get("action_name"))
        if operation is None:
            return None
        if not self.decided:
            self.decided = True
            self.recent = [action for action in self.recent if action.decided]
        action = _decision(action_now(operation), event, x)
        if action.action in self.counted or len(self.counted) < _OPERATIONS_KEPT:
            self.counted[action.action] = self.counted.get(action.action, 0) + 1
        return self._remember(action)

    def _infer(self, operation: str, event: Event, x: float) -> Action | None:
        """A seed's event stands for the action, unless decisions are told and it is one."""
        by = text(event.data.get("initiator"))
        if self.decided and by in (None, "policy"):
            return None
        blueprint = name(event.data.get("blueprint_id"))
        place = (event.offset, event.wall, x, event.env, event.slot)
        return self._remember(Action(operation, *place, blueprint, True, by, decided=False))

    def _remember(self, action: Action) -> Action:
        self.recent.append(action)
        del self.recent[: -max(ACTIONS_SHOWN, DECISIONS_SHOWN)]
        return action


def _decision(operation: str, event: Event, x: float) -> Action:
    data = event.data
    return Action(
        action=operation,
        offset=event.offset,
        wall=event.wall,
        x=x,
        env=event.env,
        slot=event.slot,
        blueprint=name(data.get("blueprint_id")),
        success=flag(data.get("action_success")),
        by="policy",
        decided=True,
        confidence=number(data.get("action_confidence")),
        value=number(data.get("value_estimate")),
        reward=number(first(data, "total_reward")),
        entropy=number(data.get("decision_entropy")),
        alternatives=_alternatives(data.get("alternatives")),
    )


def _alternatives(value: object) -> list[tuple[str, float]]:
    found: list[tuple[str, float]] = []
    for pair in map(items, items(value)[:ALTERNATIVES_KEPT]):
        operation = name(pair[0]) if len(pair) == 2 else None
        chance = number(pair[1]) if len(pair) == 2 else None
        if operation is not None and chance is not None:
            found.append((action_now(operation), chance))
    return found


def _counts(event: Event) -> dict[str, int]:
    counts: dict[str, int] = {}
    for key, value in list(mapping(event.data.get("action_counts")).items())[:_OPERATIONS_KEPT]:
        operation, count = name(key), whole(value)
        if operation is not None and count is not None:
            counts[action_now(operation)] = counts.get(action_now(operation), 0) + count
    return counts


def _action_view(action: Action) -> dict[str, Any]:
    return {
        "action": action.action,
        "slot_id": action.slot,
        "env_id": action.env,
        "blueprint": action.blueprint,
        "success": action.success,
        "by": action.by,
        "x": action.x,
        "wall": action.wall,
        "offset": action.offset,
    }


def _decision_view(action: Action) -> dict[str, Any]:
    return {
        **_action_view(action),
        "confidence": action.confidence,
        "value": action.value,
        "reward": action.reward,
        "entropy": action.entropy,
        "alternatives": action.alternatives,
    }
