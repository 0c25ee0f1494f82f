"""Which fields hold the headline values of a run, the preferred first. Pure.

One row a value: what is written now, then what was written once. Where two fields are as good as
each other they share a rank, and the newest counts.
"""

from collections.abc import Callable
from typing import NamedTuple

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
    "episodes": ("BATCH_EPOCH_COMPLETED.episodes_completed heuristic_episode.episode",),
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
COUNTS = frozenset(
    {"epoch", "max_epochs", "batch", "max_batches", "episodes", "max_episodes", "n_envs"}
    | {"host_params"}
)

Value = float | int | str | None


class Field(NamedTuple):
    """One place in an event where a value may be found; a lower rank is a better place."""

    name: str
    rank: int
    source: str
    read: Callable[[Event], Value]
    """The value in an event of that source, None where it has none."""


def _reader(name: str, source: str) -> Callable[[Event], Value]:
    """How to read a field `TYPE.path` as what this name should be."""
    if source in _DERIVED:
        return _DERIVED[source]
    typed = text if name in _TEXTS else whole if name in COUNTS else number
    _, *objects, key = source.split(".")
    if key == "@epoch":
        return lambda event: event.epoch
    if not objects:
        return lambda event: typed(event.data.get(key))
    return lambda event: typed(mapping(event.data.get(objects[0])).get(key))


def _from_parts(event: Event, key: str) -> float | None:
    """A part of the reward, whether the event holds it in an object of its own or flat."""
    parts = mapping(event.data.get("reward_components")) or event.data
    return number(parts.get(key))


def _squared(value: float | None) -> float | None:
    return None if value is None else value * value


def _plus_one(value: float | None) -> float | None:
    return None if value is None else value + 1.0


_DERIVED: dict[str, Callable[[Event], float | None]] = {
    "COUNTERFACTUAL_MATRIX_COMPUTED.configs": lambda event: host_only_accuracy(event.data),
    "PPO_UPDATE_COMPLETED.value_std": lambda event: _squared(number(event.data.get("value_std"))),
    "last_action.reward_components.growth_ratio": lambda event: _plus_one(
        _from_parts(event, "growth_ratio")
    ),
    "REWARD_COMPUTED.growth_ratio": lambda event: _plus_one(_from_parts(event, "growth_ratio")),
}
"""Fields that are not the value itself: `growth_ratio` counts from 0, `param_ratio` from 1."""


def _fields_by_source() -> dict[str, list[Field]]:
    table: dict[str, list[Field]] = {}
    for name, ranks in PREFERENCES.items():
        for rank, equals in enumerate(ranks):
            for source in (one for one in equals.split() if "." in one):
                field = Field(name, rank, source, _reader(name, source))
                table.setdefault(source.partition(".")[0], []).append(field)
    return table


FIELDS = _fields_by_source()
"""By the source of an event: what can be read from it."""
