"""The environments of a training: how each one does, and what grows in it. Pure."""

import math
from typing import Any

import msgspec

from karn_view.formats.karn.event import Event, name
from karn_view.formats.karn.fields import items, mapping, number, text, whole
from karn_view.formats.karn.points import full_accuracy
from karn_view.formats.karn.vocabulary import AGGREGATE
from karn_view.views.readings import Readings
from karn_view.views.slots import Slot, grown_ratio, seed_view, slot_view
from karn_view.views.words import DEGRADED_BY, progress_word

RECENT_KEPT = 40
"""Points of a sparkline."""
ENVS_KEPT = 256
SLOTS_KEPT = 64

_LIVE = "live seeds"
_GAIN = "accuracy - host_accuracy"
_EFFICIENCY = "(accuracy / host_accuracy) / param_ratio"
_SHOWN = (
    "epoch",
    "accuracy",
    "val_loss",
    "host_accuracy",
    "param_ratio_live",
    "efficiency",
    "reward",
)

SEED_EVENTS = frozenset(
    {
        "SEED_GERMINATED",
        "SEED_STAGE_CHANGED",
        "SEED_GATE_EVALUATED",
        "SEED_PRUNED",
        "SEED_FOSSILIZED",
    }
)
_TELL_SEEDS = SEED_EVENTS | {"EPOCH_COMPLETED", "ANALYTICS_SNAPSHOT"}

EVENTS = _TELL_SEEDS | {
    "TAMIYO_INITIATED",
    "EPISODE_OUTCOME",
    "REWARD_COMPUTED",
    "COUNTERFACTUAL_MATRIX_COMPUTED",
    "last_action",
    "shapley_computed",
    "heuristic_episode",
}
"""Event types, and kinds of analytics, that belong to one environment."""

Spark = list[tuple[float, float]]
"""x and value of the newest points, oldest first."""


class Course(msgspec.Struct):
    """Where the accuracy of one episode is heading."""

    best: float = -math.inf
    last: float = math.nan
    epochs_without_gain: int = 0
    epochs_falling: int = 0

    def read(self, accuracy: float) -> None:
        """Takes the accuracy of one more epoch."""
        gained = accuracy > self.best
        self.best = accuracy if gained else self.best
        self.epochs_without_gain = 0 if gained else self.epochs_without_gain + 1
        fell = accuracy <= self.last - DEGRADED_BY
        self.epochs_falling = self.epochs_falling + 1 if fell else 0
        self.last = accuracy


class Environment(msgspec.Struct):
    """One environment: the newest values, its slots, and its course in this episode."""

    env: int
    readings: Readings = msgspec.field(default_factory=Readings)
    slots: dict[str, Slot] = {}
    course: Course = msgspec.field(default_factory=Course)
    recent_accuracy: Spark = []
    recent_reward: Spark = []
    episode_reward: float | None = None
    last_action: str | None = None
    last_action_success: bool | None = None
    germination_allowed_at: float | None = None

    def begin_episode(self) -> None:
        """Empties the slots: a host starts anew; the last values stay until there are newer."""
        self.course = Course()
        self.episode_reward = None
        self.germination_allowed_at = None
        for slot in self.slots.values():
            slot.vacate()

    def read(self, event: Event, x: float, host_params: float | None) -> None:
        """Takes one event of this environment, once its headline values were taken."""
        match event.source:
            case "EPOCH_COMPLETED":
                self._read_epoch(event, x)
            case "last_action" | "REWARD_COMPUTED":
                self._read_action(event, x)
            case "ANALYTICS_SNAPSHOT":
                self._read_reported_seeds(event, x)
            case "shapley_computed":
                self._read_shapley(event, x)
            case "TAMIYO_INITIATED":
                self.germination_allowed_at = x
            case source if source in SEED_EVENTS:
                self._read_seed(event, x)
        if event.source in _TELL_SEEDS:
            self._measure_growth(event, x, host_params)
        self._compare_with_host(event, x)

    def _read_epoch(self, event: Event, x: float) -> None:
        accuracy = number(event.data.get("val_accuracy"))
        if accuracy is not None:
            self.course.read(accuracy)
            _remember(self.recent_accuracy, x, accuracy)
        self._read_seeds(event)

    def _read_seeds(self, event: Event) -> None:
        seeds = event.data.get("seeds")
        if not isinstance(seeds, dict) or set(seeds) == {AGGREGATE}:
            return
        for key, said in seeds.items():
            slot = self._slot(name(key)) if key != AGGREGATE else None
            if slot is not None:
                slot.observe(mapping(said), text(mapping(said).get("stage")))
        for key, slot in self.slots.items():
            if key not in seeds and slot.stage != "FOSSILIZED":
                slot.vacate()

    def _read_action(self, event: Event, x: float) -> None:
        reward = number(event.data.get("total_reward"))
        if reward is not None:
            self.episode_reward = reward + (self.episode_reward or 0.0)
            _remember(self.recent_reward, x, reward)
        slot = self.slots.get(event.slot or "")
        if slot is not None and slot.alive:
            said = mapping(event.data.get("reward_components")) or event.data
            slot.credit_reward(said, event, x)

    def _read_seed(self, event: Event, x: float) -> None:
        slot = self._slot(event.slot)
        if slot is not None:
            slot.read(event, x)

    def _read_shapley(self, event: Event, x: float) -> None:
        for key, said in mapping(event.data.get("shapley_values")).items():
            slot = self._slot(name(key))
            if slot is not None:
                slot.credit_shapley(mapping(said), event, x)

    def _read_reported_seeds(self, event: Event, x: float) -> None:
        for said in map(mapping, items(event.data.get("seeds"))):
            slot, worth = self._slot(name(said.get("slot_id"))), number(said.get("contribution"))
            if slot is not None:
                slot.observe(said, text(said.get("stage")))
                slot.params = slot.params or whole(said.get("params"))
                if worth is not None:
                    slot.credit_report(worth, event, x)

    def _measure_growth(self, event: Event, x: float, host_params: float | None) -> None:
        """Works out the parameter ratio from the seeds that live now."""
        ratio = grown_ratio(self.slots, host_params)
        if ratio is not None:
            self.readings.derive("param_ratio", ratio, _LIVE, event, x)
            self.readings.derive("param_ratio_live", ratio, _LIVE, event, x)

    def _compare_with_host(self, event: Event, x: float) -> None:
        """Works out gain and efficiency where host and whole were measured by the same event."""
        host = self.readings.held.get("host_accuracy")
        grown, ratio = accuracy_of(event), self.readings.number("param_ratio_live")
        base = None if host is None or host.offset != event.offset else number(host.value)
        if grown is None or base is None:
            return
        self.readings.derive("gain", grown - base, _GAIN, event, x)
        if base and ratio:
            self.readings.derive("efficiency", grown / base / ratio, _EFFICIENCY, event, x)

    def _slot(self, slot_id: str | None) -> Slot | None:
        if slot_id is None or (slot_id not in self.slots and len(self.slots) >= SLOTS_KEPT):
            return None
        return self.slots.setdefault(slot_id, Slot())


def accuracy_of(event: Event) -> float | None:
    """The accuracy with all seeds on that this event measured."""
    match event.source:
        case "EPOCH_COMPLETED":
            return number(event.data.get("val_accuracy"))
        case "ANALYTICS_SNAPSHOT":
            return number(event.data.get("accuracy"))
        case "last_action":
            return number(mapping(event.data.get("reward_components")).get("val_acc"))
        case "COUNTERFACTUAL_MATRIX_COMPUTED":
            return full_accuracy(event.data)
    return None


def environment_view(environment: Environment) -> dict[str, Any]:
    """The environment's card."""
    course, readings = environment.course, environment.readings
    return {
        "env_id": environment.env,
        **{key: readings.value(key) for key in _SHOWN},
        "recent_accuracy": _brief(environment.recent_accuracy),
        "recent_reward": _brief(environment.recent_reward),
        "episode_reward": environment.episode_reward,
        "best_accuracy": course.best if course.best > -math.inf else None,
        "epochs_without_gain": course.epochs_without_gain,
        "status": _status(environment),
        "slots": [slot_view(key, slot) for key, slot in sorted(environment.slots.items())],
        "last_action": environment.last_action,
        "last_action_success": environment.last_action_success,
        "germination_allowed_at": environment.germination_allowed_at,
    }


def seed_views(environment: Environment) -> list[dict[str, Any]]:
    """The environment's slots as rows of the seeds' contributions."""
    slots = sorted(environment.slots.items())
    return [seed_view(environment.env, key, slot) for key, slot in slots]


def _status(environment: Environment) -> str | None:
    if not environment.recent_accuracy:
        return None
    loss = environment.readings.number("val_loss")
    if loss is not None and not math.isfinite(loss):
        return "diverged"
    course = environment.course
    return progress_word(course.epochs_without_gain, course.epochs_falling)


def _remember(spark: Spark, x: float, value: float) -> None:
    spark.append((x, value))
    del spark[:-RECENT_KEPT]


def _brief(spark: Spark) -> Spark:
    """Four digits are more than a sparkline can show."""
    return [(x, float(f"{value:.4g}")) for x, value in spark]
