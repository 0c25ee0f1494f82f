"""What is measured, in the names that events have for it. Pure."""

from typing import Any

from growth.actions import OPERATIONS, Action
from growth.measurement import Measures
from growth.policy import Decision, entropy_of
from growth.reward import Reward
from growth.update import by_operation


def epoch_facts(measures: Measures) -> dict[str, Any]:
    """Describes a network at the end of an epoch."""
    return {
        "val_accuracy": measures.fit.accuracy,
        "val_loss": measures.fit.loss,
        "train_loss": measures.train_loss,
        "host_accuracy": measures.host_accuracy,
        "twin_accuracy": measures.twin_accuracy,
        "param_ratio": measures.param_ratio,
        "efficiency": measures.efficiency,
    }


def decision_facts(decision: Decision, action: Action) -> dict[str, Any]:
    """Describes a choice: its operation's probability, and those of the other operations."""
    chances = by_operation(decision.probabilities[None, :])[0]
    by_name = dict(zip(OPERATIONS, map(float, chances), strict=True))
    confidence = by_name.pop(action.operation)
    return {
        "action_name": action.operation,
        "slot_id": action.slot_id,
        "blueprint_id": action.blueprint,
        "action_confidence": confidence,
        "choice_confidence": float(decision.probabilities[decision.action]),
        "alternatives": [[name, chance] for name, chance in by_name.items() if chance > 0.0],
        "decision_entropy": entropy_of(decision.probabilities),
        "value_estimate": decision.value,
    }


def reward_facts(reward: Reward, measures: Measures) -> dict[str, Any]:
    """Describes what an epoch was worth, and what that was judged by."""
    judged = {
        "val_acc": measures.fit.accuracy,
        "host_baseline_acc": measures.host_accuracy,
        "growth_ratio": measures.param_ratio - 1.0,
    }
    parts = {**reward._asdict(), "total_reward": reward.total, **judged}
    return {"total_reward": reward.total, "reward_components": parts}
