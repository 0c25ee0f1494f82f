"""What training emits: one event, its type, and the envelope it is written in. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum, StrEnum
from typing import Any
from uuid import uuid4

from karn.plain import iso


class TelemetryEventType(StrEnum):
    """Every event type of Karn, in today's vocabulary and in the older one.

    A member's name is what is written. Types that are not listed here may be emitted as text.
    """

    # The run file's own records, written by FileOutput.
    RUN_OPENED = "RUN_OPENED"
    HEARTBEAT = "HEARTBEAT"
    EVENTS_DROPPED = "EVENTS_DROPPED"
    RUN_CLOSED = "RUN_CLOSED"

    # Plain metrics, for trainings without an event model.
    METRICS = "METRICS"

    # Run and progress.
    TRAINING_STARTED = "TRAINING_STARTED"
    CHECKPOINT_LOADED = "CHECKPOINT_LOADED"
    EPOCH_COMPLETED = "EPOCH_COMPLETED"
    BATCH_EPOCH_COMPLETED = "BATCH_EPOCH_COMPLETED"
    EPISODE_OUTCOME = "EPISODE_OUTCOME"
    PHASE_PROFILE_COMPLETED = "PHASE_PROFILE_COMPLETED"
    PLATEAU_DETECTED = "PLATEAU_DETECTED"
    DEGRADATION_DETECTED = "DEGRADATION_DETECTED"
    IMPROVEMENT_DETECTED = "IMPROVEMENT_DETECTED"
    TAMIYO_INITIATED = "TAMIYO_INITIATED"
    ANALYTICS_SNAPSHOT = "ANALYTICS_SNAPSHOT"

    # Seeds.
    SEED_GERMINATED = "SEED_GERMINATED"
    SEED_STAGE_CHANGED = "SEED_STAGE_CHANGED"
    SEED_GATE_EVALUATED = "SEED_GATE_EVALUATED"
    SEED_FOSSILIZED = "SEED_FOSSILIZED"
    SEED_PRUNED = "SEED_PRUNED"
    MORPHOLOGY_CAUSAL_LOG = "MORPHOLOGY_CAUSAL_LOG"
    TOPOLOGY_MANIFEST_RECORDED = "TOPOLOGY_MANIFEST_RECORDED"

    # Policy and attribution.
    PPO_UPDATE_COMPLETED = "PPO_UPDATE_COMPLETED"
    COUNTERFACTUAL_MATRIX_COMPUTED = "COUNTERFACTUAL_MATRIX_COMPUTED"

    # Alarms and health.
    GRADIENT_ANOMALY = "GRADIENT_ANOMALY"
    GRADIENT_PATHOLOGY_DETECTED = "GRADIENT_PATHOLOGY_DETECTED"
    NUMERICAL_INSTABILITY_DETECTED = "NUMERICAL_INSTABILITY_DETECTED"
    VALUE_COLLAPSE_DETECTED = "VALUE_COLLAPSE_DETECTED"
    RATIO_EXPLOSION_DETECTED = "RATIO_EXPLOSION_DETECTED"
    RATIO_COLLAPSE_DETECTED = "RATIO_COLLAPSE_DETECTED"
    PERFORMANCE_DEGRADATION = "PERFORMANCE_DEGRADATION"
    GOVERNOR_ROLLBACK = "GOVERNOR_ROLLBACK"
    REWARD_HACKING_SUSPECTED = "REWARD_HACKING_SUSPECTED"
    MEMORY_WARNING = "MEMORY_WARNING"
    ALLOCATOR_STATS = "ALLOCATOR_STATS"

    # The older vocabulary; SEED_CULLED is SEED_PRUNED's name of then.
    SEED_CULLED = "SEED_CULLED"
    REWARD_COMPUTED = "REWARD_COMPUTED"
    COUNTERFACTUAL_COMPUTED = "COUNTERFACTUAL_COMPUTED"
    CHECKPOINT_SAVED = "CHECKPOINT_SAVED"
    GOVERNOR_PANIC = "GOVERNOR_PANIC"
    GOVERNOR_SNAPSHOT = "GOVERNOR_SNAPSHOT"
    ISOLATION_VIOLATION = "ISOLATION_VIOLATION"
    COMMAND_ISSUED = "COMMAND_ISSUED"
    COMMAND_EXECUTED = "COMMAND_EXECUTED"
    COMMAND_FAILED = "COMMAND_FAILED"


def new_id() -> str:
    """Return an id that no other event or run has."""
    return str(uuid4())


def now() -> datetime:
    """Return the current time in UTC."""
    return datetime.now(UTC)


@dataclass(slots=True)
class TelemetryEvent:
    """One thing that happened in training.

    Attributes:
        event_type: What happened; a member of `TelemetryEventType`, or any other upper-case name.
        event_id: Unique; readers drop a second delivery by it.
        timestamp: When it happened. A naive time is taken as local time.
        seed_id: The seed it is about, if any.
        slot_id: The slot it is about, if any, such as `r0c0`.
        epoch: The epoch it belongs to, if any.
        group_id: The group of a comparison (`A`, `B`), `default` outside of one.
        message: Text for a person.
        data: Everything else. Any value is accepted; `karn.encode` says how each is written.
        severity: `debug`, `info`, `warning`, `error` or `critical`.
    """

    event_type: TelemetryEventType | str
    event_id: str = field(default_factory=new_id)
    timestamp: datetime | str = field(default_factory=now)
    seed_id: str | None = None
    slot_id: str | None = None
    epoch: int | None = None
    group_id: str = "default"
    message: str = ""
    data: Mapping[str, Any] | None = field(default_factory=dict)
    severity: str = "info"


def envelope(event: TelemetryEvent) -> dict[str, Any]:
    """Return the ten fields of the envelope, in the order in which they are written."""
    moment = event.timestamp
    return {
        "event_id": event.event_id,
        "event_type": type_name(event.event_type),
        "timestamp": iso(moment) if isinstance(moment, datetime) else moment,
        "seed_id": event.seed_id,
        "slot_id": event.slot_id,
        "epoch": event.epoch,
        "group_id": event.group_id,
        "message": event.message,
        "data": event.data,
        "severity": event.severity,
    }


def type_name(event_type: object) -> Any:
    """Return the name under which an event type is written."""
    return event_type.name if isinstance(event_type, Enum) else event_type


def as_record(given: TelemetryEvent | Mapping[str, Any]) -> dict[str, Any]:
    """Return the object to be written for what was emitted.

    An event, and a mapping with an `event_type`, get the whole envelope. Any other mapping is
    taken as it is, with a `timestamp` when it has none.

    Raises:
        TypeError: If it is neither.
    """
    if isinstance(given, TelemetryEvent):
        return envelope(given)
    record = dict(given)
    if "event_type" not in record:
        return record if "timestamp" in record else {**record, "timestamp": iso(now())}
    record["event_type"] = type_name(record["event_type"])
    record.pop("seq", None)  # the file's own count: another file's would double it
    return envelope(TelemetryEvent("")) | record
