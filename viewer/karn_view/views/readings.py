"""The headline values of a run or an environment, each with where it came from. Pure.

One table names, for every value, the fields that may hold it, the preferred first: what is written
now, then what was written once. A weaker field fills in until a stronger one has spoken.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec

from karn_view.formats.karn.event import Event
from karn_view.formats.karn.fields import mapping, number, text, whole
from karn_view.formats.karn.points import host_only_accuracy

PREFERENCES: dict[str, tuple[str, ...]] = {
    "epoch": (
        "EPOCH_COMPLETED.inner_epoch",
        "EPOCH_COMPLETED.@epoch",
        "BATCH_EPOCH_COMPLETED.batch_idx",
        "PPO_UPDATE_COMPLETED.batch",
        "PPO_UPDATE_COMPLETED.@epoch",
    ),
    "max_epochs": ("TRAINING_STARTED.max_epochs", "heuristic_config.max_epochs"),
    "batch": ("BATCH_EPOCH_COMPLETED.batch_idx", "PPO_UPDATE_COMPLETED.batch"),
    "max_batches": ("TRAINING_STARTED.max_batches",),
    "episodes": (
        "BATCH_EPOCH_COMPLETED.episodes_completed",
        "heuristic_episode.episode",
    ),
    "max_episodes": (
        "BATCH_EPOCH_COMPLETED.total_episodes heuristic_config.episodes",
        "TRAINING_STARTED.n_episodes",
    ),
    "n_envs": ("TRAINING_STARTED.n_envs", "BATCH_EPOCH_COMPLETED.n_envs"),
    "host_params": ("TRAINING_STARTED.host_params",),
    "mode": (
        "TRAINING_STARTED.reward_mode EPISODE_OUTCOME.reward_mode",
        "heuristic_config.reward_mode",
        "heuristic_config.mode",
    ),
    "trainer": ("heuristic_config.mode heuristic_episode.mode",),
    "task": ("TRAINING_STARTED.task", "heuristic_config.task"),
    "accuracy": (
        "EPOCH_COMPLETED.val_accuracy",
        "BATCH_EPOCH_COMPLETED.avg_accuracy",
        "BATCH_EPOCH_COMPLETED.rolling_accuracy",
        "EPISODE_OUTCOME.final_accuracy heuristic_episode.final_accuracy",
        "PPO_UPDATE_COMPLETED.avg_accuracy",
        "PPO_UPDATE_COMPLETED.rolling_avg_accuracy",
        "ANALYTICS_SNAPSHOT.accuracy",
    ),
    "rolling_accuracy": (
        "BATCH_EPOCH_COMPLETED.rolling_accuracy",
        "PPO_UPDATE_COMPLETED.rolling_avg_accuracy",
    ),
    "val_loss": ("EPOCH_COMPLETED.val_loss",),
    "host_accuracy": (
        "COUNTERFACTUAL_MATRIX_COMPUTED.configs"
        " EPOCH_COMPLETED.host_accuracy ANALYTICS_SNAPSHOT.host_accuracy",
        "last_action.reward_components.host_baseline_acc REWARD_COMPUTED.host_baseline_acc",
    ),
    "param_ratio": (
        "EPISODE_OUTCOME.param_ratio EPOCH_COMPLETED.param_ratio ANALYTICS_SNAPSHOT.param_ratio",
        "live seeds",
        "last_action.reward_components.growth_ratio REWARD_COMPUTED.growth_ratio",
    ),
    "param_ratio_live": (
        "EPOCH_COMPLETED.param_ratio ANALYTICS_SNAPSHOT.param_ratio",
        "live seeds",
        "last_action.reward_components.growth_ratio REWARD_COMPUTED.growth_ratio",
    ),
    "efficiency": (
        "ANALYTICS_SNAPSHOT.efficiency EPOCH_COMPLETED.efficiency",
        "(accuracy / host_accuracy) / param_ratio",
    ),
    "gain": ("accuracy - host_accuracy",),
    "value_variance": ("PPO_UPDATE_COMPLETED.value_std", "PPO_UPDATE_COMPLETED.value_variance"),
    "entropy": ("PPO_UPDATE_COMPLETED.entropy", "batch_stats.entropy"),
    "entropy_op": ("PPO_UPDATE_COMPLETED.head_op_entropy",),
    "kl_divergence": (
        "PPO_UPDATE_COMPLETED.kl_divergence",
        "PPO_UPDATE_COMPLETED.approx_kl",
        "batch_stats.kl_divergence",
    ),
    "reward": ("last_action.total_reward", "REWARD_COMPUTED.total_reward"),
}
"""Name → its fields as `TYPE.path`; those in one string are equals, an `@` means the envelope."""

_TEXTS = frozenset({"mode", "trainer", "task"})
_COUNTS = frozenset(
    {"epoch", "max_epochs", "batch", "max_batches", "episodes", "max_episodes", "n_envs"}
    | {"host_params"}
)

_DERIVED: dict[str, Callable[[Event], float | None]] = {
    "COUNTERFACTUAL_MATRIX_COMPUTED.configs": lambda event: host_only_accuracy(event.data),
    "PPO_UPDATE_COMPLETED.value_std": lambda event: _squared(number(event.data.get("value_std"))),
}
"""Fields whose value is not the value itself; `growth_ratio` counts from 0, not from 1, as well."""


class Reading(msgspec.Struct, frozen=True):
    """A measured value and where it came from; a lower rank is a better source."""

    value: float | str
    source: str
    offset: int
    wall: float
    x: float
    env: int | None
    rank: int


class Readings(msgspec.Struct):
    """The best and newest reading of each name; a name without one was never measured."""

    held: dict[str, Reading] = {}

    def read(self, event: Event, x: float) -> None:
        """Takes every headline value this event has."""
        for field in _FIELDS.get(source_of(event), ()):
            found = field.value(event)
            if found is not None:
                self._take(field.name, found, field.rank, field.source, event, x)

    def derive(self, name: str, value: float, source: str, event: Event, x: float) -> None:
        """Takes a value worked out from others; `source` is its entry in `PREFERENCES`."""
        self._take(name, value, PREFERENCES[name].index(source), source, event, x)

    def adopt(self, name: str, reading: Reading) -> None:
        """Takes a reading made elsewhere, by the same preferences."""
        old = self.held.get(name)
        if old is None or reading.rank <= old.rank:
            self.held[name] = reading

    def number(self, name: str) -> float | None:
        """The value of this name, where it is a number."""
        reading = self.held.get(name)
        return None if reading is None else number(reading.value)

    def value(self, name: str) -> float | int | str | None:
        """The value of this name as it is shown: counts as ints."""
        reading = self.held.get(name)
        if reading is None:
            return None
        return whole(reading.value) if name in _COUNTS else reading.value

    def weaken(self) -> None:
        """Lets any next reading replace what is held: another training has begun."""
        self.held = {
            name: msgspec.structs.replace(reading, rank=len(PREFERENCES[name]))
            for name, reading in self.held.items()
        }

    def provenance(self) -> dict[str, dict[str, Any]]:
        """For each name the event and field it was read from, and where that stands."""
        return {
            name: {
                "source": reading.source,
                "offset": reading.offset,
                "wall": reading.wall,
                "x": reading.x,
                "env_id": reading.env,
            }
            for name, reading in self.held.items()
        }

    def _take(
        self, name: str, value: float | str, rank: int, source: str, event: Event, x: float
    ) -> None:
        place = (event.offset, event.wall, x, event.env)
        self.adopt(name, Reading(value, source, *place, rank))


class _Field(NamedTuple):
    name: str
    rank: int
    source: str
    path: tuple[str, ...]

    def value(self, event: Event) -> float | str | None:
        """What this field of the event says."""
        if self.source in _DERIVED:
            return _DERIVED[self.source](event)
        found = _at(event, self.path)
        if self.name in _TEXTS:
            return text(found)
        if self.name in _COUNTS:
            return whole(found)
        value = number(found)
        return value + 1.0 if value is not None and self.path[-1] == "growth_ratio" else value


def source_of(event: Event) -> str:
    """The event's type, or for analytics its kind where it has one."""
    kind = event.data.get("kind") if event.type == "ANALYTICS_SNAPSHOT" else None
    return kind if isinstance(kind, str) else event.type


def _at(event: Event, path: tuple[str, ...]) -> object:
    if path == ("@epoch",):
        return event.epoch
    found: object = event.data
    for key in path:
        found = mapping(found).get(key)
    return found


def _squared(value: float | None) -> float | None:
    return None if value is None else value * value


def _fields_by_source() -> dict[str, list[_Field]]:
    table: dict[str, list[_Field]] = {}
    for name, ranks in PREFERENCES.items():
        for rank, equals in enumerate(ranks):
            for source in equals.split():
                event_type, _, path = source.partition(".")
                if path:
                    field = _Field(name, rank, source, tuple(path.split(".")))
                    table.setdefault(event_type, []).append(field)
    return table


_FIELDS = _fields_by_source()
