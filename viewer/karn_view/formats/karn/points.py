"""The metrics of one telemetry event, as names and values. Pure."""

from karn_view.formats.karn.event import LONGEST_NAME, Event, name
from karn_view.formats.karn.fields import LARGEST_EXACT, Data, items, mapping, number
from karn_view.formats.karn.vocabulary import OPERATIONS

Point = tuple[str, float]

_DEEPEST = 4
_POINTS_KEPT = 2000

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


def points_of(event: Event, suffix: str) -> list[Point]:
    """Every number of the event under its metric's name.

    Args:
        event: The event; odd fields are passed over.
        suffix: What to add to the names of per-environment metrics, such as `/env0`, or nothing.
    """
    found = _own_points(event)[:_POINTS_KEPT]
    if suffix and event.env is not None:
        return [(metric + suffix, value) for metric, value in found]
    return found


def _own_points(event: Event) -> list[Point]:
    match event.source:
        case "METRICS":
            return _flat(mapping(event.data.get("metrics")), "", frozenset())
        case "COUNTERFACTUAL_MATRIX_COMPUTED":
            found = host_only_accuracy(event.data)
            return [] if found is None else [("host_accuracy", found)]
        case "shapley_computed":
            return _shapley(event.data)
        case "PPO_UPDATE_COMPLETED":
            return _flat(event.data, "ppo/", _POSITIONS) + _values_by_operation(event.data)
        case source:
            prefix = _PREFIXES.get(source)
            return [] if prefix is None else _flat(event.data, prefix, _POSITIONS)


def _shapley(data: Data) -> list[Point]:
    values = mapping(data.get("shapley_values")).items()
    means = ((_key(slot), number(mapping(value).get("mean"))) for slot, value in values)
    return [(f"shapley/{slot}", mean) for slot, mean in means if mean is not None]


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


def _values_by_operation(data: Data) -> list[Point]:
    pairs = zip(OPERATIONS, map(number, items(data.get("op_q_values"))), strict=False)
    return [(f"ppo/q_value/{operation}", value) for operation, value in pairs if value is not None]


def _flat(data: Data, prefix: str, without: frozenset[str]) -> list[Point]:
    points: list[Point] = []
    _gather(points, data, prefix, without, 0)
    return points


def _gather(
    points: list[Point], data: Data, prefix: str, without: frozenset[str], depth: int
) -> None:
    for key, value in data.items():
        if value is None or key in without:
            continue
        if isinstance(value, dict):
            if depth < _DEEPEST:
                path = prefix + _key(key)
                _gather(points, value, _RENAMED.get(path, path) + "/", without, depth + 1)
        elif (found := _metric_value(value)) is not None:
            path = prefix + _key(key)
            points.append((_RENAMED.get(path, path), found))


def _key(key: str) -> str:
    """A part of a metric's name that UTF-8 can carry."""
    return key if key.isascii() and len(key) <= LONGEST_NAME else name(key) or "?"


def _metric_value(value: object) -> float | None:
    if type(value) is float:
        return value
    if isinstance(value, int) and abs(value) >= LARGEST_EXACT:
        return None
    return number(value)
