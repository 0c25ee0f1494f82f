"""The metrics of one telemetry event, as names and values. Pure."""

from functools import lru_cache

from karn_view.formats.karn.event import LONGEST_NAME, Event, name
from karn_view.formats.karn.fields import LARGEST_EXACT, Data, items, mapping, number
from karn_view.formats.karn.vocabulary import OPERATIONS
from karn_view.formats.points import Points

_DEEPEST = 4
_POINTS_KEPT = 2000
_KEYS_KNOWN = 200
"""Names of larger objects are not remembered."""

_PREFIXES = {
    "EPOCH_COMPLETED": "",
    "BATCH_EPOCH_COMPLETED": "batch/",
    "EPISODE_OUTCOME": "episode/",
    "PLATEAU_DETECTED": "trend/",
    "DEGRADATION_DETECTED": "trend/",
    "IMPROVEMENT_DETECTED": "trend/",
    "PHASE_PROFILE_COMPLETED": "",
    "REWARD_COMPUTED": "reward_components/",
    "ALLOCATOR_STATS": "memory/",
    "MEMORY_WARNING": "memory/",
    "last_action": "action/",
    "batch_stats": "batch_stats/",
    "ANALYTICS_SNAPSHOT": "analytics/",
    "action_distribution": "",
    "heuristic_episode": "episode/",
}
"""What the metrics of an event type, or kind of analytics, are filed under; others carry none."""

_RENAMED = {
    "action/total_reward": "reward",
    "ppo/approx_kl": "ppo/kl_divergence",
    "action/reward_components": "reward_components",
    "action/head_telemetry": "action/head",
    "action/observation_stats": "observation",
    "observation_stats": "observation",
}

_POSITIONS = frozenset(
    {
        "base_seed",
        "batch",
        "batch_idx",
        "env_id",
        "episode",
        "episode_idx",
        "episodes_completed",
        "episodes_total",
        "epoch",
        "inner_epoch",
        "n_envs",
        "ppo_updates_count",
        "requested_episodes",
        "start_episode",
        "tempo_idx",
        "total_episodes",
    }
)
"""Keys that say where a record stands, not how training does."""


def points_of(event: Event, suffix: str) -> Points:
    """Every number of the event under its metric's name.

    Args:
        event: The event; odd fields are passed over.
        suffix: What to add to the names of per-environment metrics, such as `/env0`, or nothing.
    """
    found = _Gathered("" if event.env is None else suffix)
    _gather_own(found, event)
    if len(found.names) > _POINTS_KEPT:
        return Points(found.names[:_POINTS_KEPT], found.values[:_POINTS_KEPT])
    return Points(found.names, found.values)


class _Gathered:
    """Names and values so far; each name ends in the suffix."""

    def __init__(self, suffix: str) -> None:
        self.suffix = suffix
        self.names: list[str] = []
        self.values: list[float] = []

    def add(self, metric: str, value: float | None) -> None:
        if value is not None:
            self.names.append(metric + self.suffix)
            self.values.append(value)

    def add_all(self, data: Data, prefix: str, skips_positions: bool, depth: int = 0) -> None:
        """Adds every number in an object, however deep."""
        keys = tuple(data)
        name_all = _names if len(keys) <= _KEYS_KNOWN else _names.__wrapped__
        metrics = name_all(prefix, keys, self.suffix, skips_positions)
        names, values = self.names, self.values
        for key, metric, value in zip(keys, metrics, data.values(), strict=True):
            if metric is None or value is None:
                continue
            if type(value) is float:
                names.append(metric)
                values.append(value)
            elif isinstance(value, dict):
                if depth < _DEEPEST:
                    self.add_all(value, _path(prefix, key) + "/", skips_positions, depth + 1)
            elif (found := _metric_value(value)) is not None:
                names.append(metric)
                values.append(found)


def _gather_own(found: _Gathered, event: Event) -> None:
    match event.source:
        case "METRICS":
            found.add_all(mapping(event.data.get("metrics")), "", skips_positions=False)
        case "COUNTERFACTUAL_MATRIX_COMPUTED":
            found.add("host_accuracy", host_only_accuracy(event.data))
        case "shapley_computed":
            for slot, value in mapping(event.data.get("shapley_values")).items():
                found.add(f"shapley/{_key(slot)}", number(mapping(value).get("mean")))
        case "PPO_UPDATE_COMPLETED":
            found.add_all(event.data, "ppo/", skips_positions=True)
            q_values = items(event.data.get("op_q_values"))
            for operation, value in zip(OPERATIONS, q_values, strict=False):
                found.add(f"ppo/q_value/{operation}", number(value))
        case source if source in _PREFIXES:
            found.add_all(event.data, _PREFIXES[source], skips_positions=True)


def host_only_accuracy(data: Data) -> float | None:
    """The accuracy of the first counterfactual configuration with every seed switched off."""
    return _accuracy_where(data, False)


def full_accuracy(data: Data) -> float | None:
    """The accuracy of the first counterfactual configuration with every seed switched on."""
    return _accuracy_where(data, True)


def _accuracy_where(data: Data, on: bool) -> float | None:
    for config in map(mapping, items(data.get("configs"))):
        mask = items(config.get("seed_mask"))
        if mask and all(bool(switch) is on for switch in mask):
            return number(config.get("accuracy"))
    return None


@lru_cache(maxsize=1024)
def _names(
    prefix: str, keys: tuple[str, ...], suffix: str, skips_positions: bool
) -> list[str | None]:
    """The metrics under these keys; None for those that say where a record stands."""
    left_out = _POSITIONS if skips_positions else ()
    return [None if key in left_out else _path(prefix, key) + suffix for key in keys]


def _path(prefix: str, key: str) -> str:
    path = prefix + _key(key)
    return _RENAMED.get(path, path)


def _key(key: str) -> str:
    """A part of a metric's name that UTF-8 can carry."""
    return key if key.isascii() and len(key) <= LONGEST_NAME else name(key) or "?"


def _metric_value(value: object) -> float | None:
    if type(value) is int:
        return float(value) if -LARGEST_EXACT < value < LARGEST_EXACT else None
    return number(value)
