"""What is said of the training as a whole: batches, updates, trends. No I/O but through `emit`."""

from collections import Counter, deque
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from statistics import fmean
from typing import Any, NamedTuple

from growth import alarms
from growth.actions import OPERATIONS
from growth.network import SLOT_IDS
from growth.reports import Emit, brief
from growth.settings import Settings
from karn import TelemetryEvent, TelemetryEventType

ROLLING_BATCHES = 5


class Batch(NamedTuple):
    """What came of one batch: one entry an episode, and the operations of all their epochs."""

    number: int
    accuracies: Sequence[float]
    host_accuracies: Sequence[float]
    twin_accuracies: Sequence[float]
    param_ratios: Sequence[float]
    rewards: Sequence[float]
    operations: Counter[str]
    fossilized: int
    legal_actions: float
    """The mean number of actions there were to choose from."""

    @property
    def efficiency(self) -> float | None:
        """Of the batch's means; the formula is that of `growth.measurement.Measures`."""
        host = fmean(self.host_accuracies)
        return fmean(self.accuracies) / host / fmean(self.param_ratios) if host else None


class BatchReports:
    """The events that belong to no single episode."""

    def __init__(self, emit: Emit, settings: Settings) -> None:
        self._emit = emit
        self._settings = settings
        self._accuracies: deque[float] = deque(maxlen=ROLLING_BATCHES)
        self._onsets = alarms.Onsets()
        self._episodes = 0

    def started(self, host_params: int) -> None:
        settings = self._settings
        data = {
            "task": "digits",
            "reward_mode": "shaped",
            "episode_id": f"ppo_{settings.seed}_{settings.episodes}ep",
            "n_episodes": settings.episodes,
            "n_envs": settings.envs,
            "max_epochs": settings.epochs,
            "max_batches": settings.batches,
            "host_params": host_params,
            "slot_ids": SLOT_IDS,
            "efficiency_formula": "(accuracy / host_accuracy) / param_ratio",
        }
        self._say("TRAINING_STARTED", data | asdict(settings), epoch=None)

    def completed(self, batch: Batch, facts: Mapping[str, float]) -> None:
        """Reports a batch and the update that followed it, and raises what alarms they give."""
        before = fmean(self._accuracies) if self._accuracies else None
        self._episodes += len(batch.accuracies)
        self._accuracies.append(fmean(batch.accuracies))
        self._updated(batch, facts)
        self._summed_up(batch, facts)
        self._batch_completed(batch)
        self._alarmed(batch, facts)
        if before is not None:
            self._compared(batch, before)

    def _updated(self, batch: Batch, facts: Mapping[str, float]) -> None:
        settings = self._settings
        where = {"batch": batch.number, "ppo_updates_count": batch.number}
        rates = {"lr": settings.policy_lr, "entropy_coef": settings.entropy_coef}
        last_epoch = {"inner_epoch": settings.epochs}
        self._say("PPO_UPDATE_COMPLETED", {**facts, **rates, **where, **last_epoch})

    def _summed_up(self, batch: Batch, facts: Mapping[str, float]) -> None:
        told = ("entropy", "kl_divergence", "explained_variance")
        stats = {
            "kind": "batch_stats",
            "batch": batch.number,
            "episodes_completed": self._episodes,
            "accuracy": fmean(self._accuracies),
            "twin_accuracy": fmean(batch.twin_accuracies),
            "param_ratio": fmean(batch.param_ratios),
            "efficiency": batch.efficiency,
            "seeds_created": batch.operations["GERMINATE"],
            "seeds_fossilized": batch.fossilized,
        }
        self._say("ANALYTICS_SNAPSHOT", stats | {name: facts[name] for name in told})
        counts = {name: batch.operations[name] for name in OPERATIONS}
        distribution = {"kind": "action_distribution", "batch": batch.number}
        self._say("ANALYTICS_SNAPSHOT", {**distribution, "action_counts": counts})

    def _batch_completed(self, batch: Batch) -> None:
        data = {
            "batch_idx": batch.number,
            "episodes_completed": self._episodes,
            "total_episodes": self._settings.episodes,
            "n_envs": len(batch.accuracies),
            "avg_accuracy": fmean(batch.accuracies),
            "rolling_accuracy": fmean(self._accuracies),
            "env_accuracies": batch.accuracies,
            "avg_reward": fmean(batch.rewards),
        }
        self._say("BATCH_EPOCH_COMPLETED", data)

    def _alarmed(self, batch: Batch, facts: Mapping[str, float]) -> None:
        entropy = alarms.of_entropy(facts["entropy"], batch.legal_actions)
        values = alarms.of_values(facts["value_std"], facts["return_std"])
        for about, alarm in (("entropy", entropy), ("values", values)):
            if self._onsets.begins(about, alarm is not None) and alarm:
                self._alarm(batch, alarm)

    def _alarm(self, batch: Batch, alarm: alarms.Alarm) -> None:
        data = {
            "anomaly_type": alarm.anomaly_type,
            "detail": alarm.detail,
            "episode": self._episodes,
            "batch": batch.number,
            "inner_epoch": self._settings.epochs,
            "total_episodes": self._settings.episodes,
        }
        self._say(alarm.event_type, data, severity="warning")

    def _compared(self, batch: Batch, before: float) -> None:
        rolling = fmean(self._accuracies)
        if name := alarms.trend(rolling - before):
            data = {
                "batch_idx": batch.number,
                "episodes_completed": self._episodes,
                "rolling_delta": rolling - before,
                "rolling_avg_accuracy": rolling,
                "prev_rolling_avg_accuracy": before,
            }
            self._say(name, data, epoch=None)

    def _say(self, name: str, data: Mapping[str, Any], **envelope: Any) -> None:
        place = {"epoch": self._episodes} | envelope
        self._emit(TelemetryEvent(TelemetryEventType[name], data=brief(data), **place))
