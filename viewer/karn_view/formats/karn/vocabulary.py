"""The words of Karn telemetry, and what each older word is called now. Pure.

The renames are those of esper-lite commits a70f171d and 46555081 (December 2025): both vocabularies
are read, the newer one is spoken.
"""

FRAME_TYPES = frozenset({"RUN_OPENED", "HEARTBEAT", "EVENTS_DROPPED", "RUN_CLOSED"})
"""FileOutput's own records: they frame a run and say nothing about its training."""

METRICS = "METRICS"
"""What `karn.log()` writes, for people without an event model."""

EVENT_TYPES = FRAME_TYPES | {
    METRICS,
    "TRAINING_STARTED",
    "CHECKPOINT_LOADED",
    "EPOCH_COMPLETED",
    "BATCH_EPOCH_COMPLETED",
    "EPISODE_OUTCOME",
    "PHASE_PROFILE_COMPLETED",
    "PLATEAU_DETECTED",
    "DEGRADATION_DETECTED",
    "IMPROVEMENT_DETECTED",
    "TAMIYO_INITIATED",
    "SEED_GERMINATED",
    "SEED_STAGE_CHANGED",
    "SEED_GATE_EVALUATED",
    "SEED_PRUNED",
    "SEED_CULLED",
    "SEED_FOSSILIZED",
    "MORPHOLOGY_CAUSAL_LOG",
    "ANALYTICS_SNAPSHOT",
    "PPO_UPDATE_COMPLETED",
    "REWARD_COMPUTED",
    "COUNTERFACTUAL_MATRIX_COMPUTED",
    "GRADIENT_ANOMALY",
    "NUMERICAL_INSTABILITY_DETECTED",
    "VALUE_COLLAPSE_DETECTED",
    "RATIO_EXPLOSION_DETECTED",
    "RATIO_COLLAPSE_DETECTED",
    "GRADIENT_PATHOLOGY_DETECTED",
    "PERFORMANCE_DEGRADATION",
    "GOVERNOR_ROLLBACK",
    "REWARD_HACKING_SUSPECTED",
    "MEMORY_WARNING",
    "ALLOCATOR_STATS",
    "TOPOLOGY_MANIFEST_RECORDED",
    "ISOLATION_VIOLATION",
    "COMMAND_ISSUED",
    "COMMAND_EXECUTED",
    "COMMAND_FAILED",
    "ANOMALY_DETECTED",
    "GOVERNOR_PANIC",
    "POLICY_ACTION",
}

OPERATIONS = ("WAIT", "GERMINATE", "SET_ALPHA_TARGET", "PRUNE", "FOSSILIZE", "ADVANCE")
"""What the policy can do, in the order of `op_q_values`."""

DORMANT_STAGES = frozenset({"DORMANT", "PRUNED", "EMBARGOED", "RESETTING"})
"""Stages in which a slot holds no living seed."""

SEVERITIES = ("debug", "info", "warning", "error", "critical")

AGGREGATE = "__aggregate__"
"""A pseudo slot in `EPOCH_COMPLETED.seeds`: gradients of all slots together, without a stage."""

_TYPES_NOW = {"SEED_CULLED": "SEED_PRUNED"}
EVENT_TYPES_NOW = EVENT_TYPES - _TYPES_NOW.keys()
_STAGES_NOW = {"CULLED": "PRUNED", "PROBATIONARY": "HOLDING"}
_ACTIONS_NOW = {"CULL": "PRUNE"}
_SEVERITIES_NOW = {"warn": "warning", "fatal": "critical"}


def type_now(event_type: str) -> str:
    """Today's name of an event type."""
    return _TYPES_NOW.get(event_type, event_type)


def stage_now(stage: str) -> str:
    """Today's name of a seed's stage, in capitals."""
    capitals = stage.upper()
    return _STAGES_NOW.get(capitals, capitals)


def action_now(action: str) -> str:
    """Today's name of an operation, in capitals."""
    capitals = action.upper()
    return _ACTIONS_NOW.get(capitals, capitals)


def severity_now(severity: str) -> str:
    """One of `SEVERITIES`; an unknown word is `info`."""
    if severity in SEVERITIES:
        return severity
    lower = severity.lower()
    known = _SEVERITIES_NOW.get(lower, lower)
    return known if known in SEVERITIES else "info"
