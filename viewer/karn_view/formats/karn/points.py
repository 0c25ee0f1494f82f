"""The metrics of one telemetry event, as names and values. Pure."""

from collections.abc import Iterator
from itertools import islice

from karn_view.formats.karn.event import Event
from karn_view.formats.karn.fields import LARGEST_EXACT, Data, items, mapping, number
from karn_view.formats.karn.vocabulary import METRICS, OPERATIONS

Point = tuple[str, float]

_DEEPEST = 4
_POINTS_KEPT = 2000

_PREFIXES = {
    "EPOCH_COMPLETED": "",
    "BATCH_EPOCH_COMPLETED": "batch/",
    "EPISODE_OUTCOME": "episode/",
    "PPO_UPDATE_COMPLETED": "ppo/",
    "PLATEAU_DETECTED": "trend/",
    "DEGRADATION_DETECTED": "trend/",
    "IMPROVEMENT_DETECTED": "trend/",
    "PERFORMANCE_DEGRADATION": "",
    "PHASE_PROFILE_COMPLETED": "",
    "REWARD_COMPUTED": "reward_components/",
    "ALLOCATOR_STATS": "memory/",
    "MEMORY_WARNING": "memory/",
    "last_action": "action/",
    "batch_stats": "batch_stats/",
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
    found = list(islice(_own_points(event), _POINTS_KEPT))
    if suffix and event.env is not None:
        return [(metric + suffix, value) for metric, value in found]
    return found


def _own_points(event: Event) -> Iterator[Point]:
    if event.type == METRICS:
        yield from _flat(mapping(event.data.get("metrics")), "", frozenset())
    elif event.type == "COUNTERFACTUAL_MATRIX_COMPUTED":
        yield from _host_accuracy(event)
    elif event.type == "ANALYTICS_SNAPSHOT":
        yield from _analytics(event)
    elif (prefix := _PREFIXES.get(event.type)) is not None:
        yield from _flat(event.data, prefix, _POSITIONS)
        yield from _values_by_operation(event.data)


def _analytics(event: Event) -> Iterator[Point]:
    kind = event.data.get("kind")
    if kind == "shapley_computed":
        yield from _shapley(event.data)
    elif isinstance(kind, str) and kind in _PREFIXES:
        yield from _flat(event.data, _PREFIXES[kind], _POSITIONS)
    elif kind is None:
        yield from _flat(event.data, "analytics/", _POSITIONS)


def _shapley(data: Data) -> Iterator[Point]:
    for slot, value in mapping(data.get("shapley_values")).items():
        mean = number(mapping(value).get("mean"))
        if mean is not None:
            yield f"shapley/{slot}", mean


def _host_accuracy(event: Event) -> Iterator[Point]:
    found = host_only_accuracy(event.data)
    if found is not None:
        yield "host_accuracy", found


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


def _values_by_operation(data: Data) -> Iterator[Point]:
    for operation, value in zip(OPERATIONS, items(data.get("op_q_values")), strict=False):
        found = number(value)
        if found is not None:
            yield f"ppo/q_value/{operation}", found


def _flat(data: Data, prefix: str, without: frozenset[str], depth: int = 0) -> Iterator[Point]:
    for key, value in data.items():
        if value is None or key in without:
            continue
        path = prefix + key
        if isinstance(value, dict):
            if depth < _DEEPEST:
                yield from _flat(value, _RENAMED.get(path, path) + "/", without, depth + 1)
        elif (found := _metric_value(value)) is not None:
            yield _RENAMED.get(path, path), found


def _metric_value(value: object) -> float | None:
    if isinstance(value, int) and abs(value) >= LARGEST_EXACT:
        return None
    return number(value)
