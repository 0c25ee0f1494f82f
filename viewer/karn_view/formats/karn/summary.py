"""One short line about an event, for people who read the log. Pure."""

from karn_view.formats.karn.event import Event
from karn_view.formats.karn.fields import items, number, text

_LONGEST = 200

_TOLD = {
    "TRAINING_STARTED": "task n_envs max_epochs n_episodes reward_mode",
    "EPOCH_COMPLETED": "inner_epoch val_accuracy val_loss train_loss",
    "BATCH_EPOCH_COMPLETED": "batch_idx avg_accuracy rolling_accuracy avg_reward",
    "EPISODE_OUTCOME": "episode_idx final_accuracy param_ratio episode_reward outcome_type",
    "PPO_UPDATE_COMPLETED": "policy_loss value_loss kl_divergence approx_kl explained_variance",
    "SEED_GERMINATED": "blueprint_id params",
    "SEED_STAGE_CHANGED": "from_stage to_stage alpha",
    "SEED_PRUNED": "blueprint_id reason initiator improvement",
    "SEED_FOSSILIZED": "blueprint_id improvement params_added",
    "SEED_GATE_EVALUATED": "gate passed target_stage message",
    "MORPHOLOGY_CAUSAL_LOG": "phase operation",
    "PERFORMANCE_DEGRADATION": "current_acc rolling_avg_acc drop_percent",
    "GOVERNOR_ROLLBACK": "reason loss_at_panic",
    "HEARTBEAT": "uptime_s dropped",
    "EVENTS_DROPPED": "count reason",
    "RUN_OPENED": "run_id host pid",
    "RUN_CLOSED": "status events duration_s",
    "last_action": "action_name action_success total_reward value_estimate",
    "batch_stats": "batch accuracy entropy kl_divergence",
    "heuristic_episode": "episode episodes_total final_accuracy total_reward",
}
"""The fields worth a glance, of each event type or kind of analytics."""


def summary(event: Event) -> str:
    """Where it happened, then the event's own words, or else its fields worth a glance."""
    parts = [_place(event)]
    own = text(event.data.get("detail")) or event.message
    if own is not None:
        parts.append(own.partition("\n")[0])
    else:
        names = _TOLD.get(event.source, "")
        parts.append(
            " · ".join(
                f"{name} {_short(event.data[name])}"
                for name in names.split()
                if event.data.get(name) not in (None, "")
            )
        )
    return " ".join(" · ".join(filter(None, parts)).split())[:_LONGEST]


def _place(event: Event) -> str:
    kind = None if event.source == event.type else event.source
    env = None if event.env is None else f"env {event.env}"
    return " · ".join(filter(None, (text(kind), env, event.slot)))


def _short(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    found = number(value)
    if found is not None:
        return f"{found:.4g}"
    if isinstance(value, list):
        return f"{len(items(value))} items"
    return text(value, 60) or type(value).__name__
