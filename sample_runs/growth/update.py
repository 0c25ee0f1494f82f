"""What an update of the policy did, in numbers. Pure."""

import numpy as np
from numpy.typing import NDArray

from growth.actions import OPERATION_OF, OPERATIONS
from growth.layers import Array
from growth.policy import Policy, entropy
from growth.ppo import Losses, Rollout, Samples


def facts_of(
    before: Array,
    policy: Policy,
    rollout: Rollout,
    samples: Samples,
    losses: list[Losses],
    clip_ratio: float,
) -> dict[str, float]:
    """Compares the policy with the log probabilities it had `before`, on the same samples."""
    after = policy.log_probabilities(samples.observations, samples.legal)
    return (
        _losses(losses)
        | _change(before, after, samples, clip_ratio)
        | _spread("value", rollout.values.ravel())
        | _spread("return", samples.returns)
        | {
            "entropy": float(entropy(after).mean()),
            "head_op_entropy": operation_entropy(after),
            "explained_variance": explained_variance(rollout.values.ravel(), samples.returns),
        }
    )


def explained_variance(values: Array, returns: Array) -> float:
    """Returns 1 for a perfect critic, 0 for one no better than the mean; NaN for equal returns."""
    variance = float(returns.var())
    return 1.0 - float((returns - values).var()) / variance if variance else float("nan")


def kl_divergence(before: Array, after: Array) -> float:
    """Returns the mean exact divergence of the new policy from the old one, in nats."""
    return float((np.exp(before) * (before - after)).sum(axis=1).mean())


def operation_entropy(logs: Array) -> float:
    """Returns the mean entropy of the choice of an operation, whatever the slot."""
    chances = by_operation(np.exp(logs))
    return float(-(chances * np.log(np.maximum(chances, 1e-300))).sum(axis=1).mean())


def by_operation(chances: Array) -> Array:
    """Adds up the actions' probabilities, `(n, actions)`, to `(n, operations)`."""
    member: NDArray[np.bool_] = OPERATION_OF[:, None] == np.arange(len(OPERATIONS))
    return chances @ member


def _losses(losses: list[Losses]) -> dict[str, float]:
    policy, value, spread, length = (float(np.mean(column)) for column in zip(*losses, strict=True))
    return {
        "policy_loss": policy,
        "value_loss": value,
        "entropy_loss": -spread,
        "pre_clip_grad_norm": length,
    }


def _change(before: Array, after: Array, samples: Samples, clip_ratio: float) -> dict[str, float]:
    rows = np.arange(len(after))
    ratios = np.exp(after[rows, samples.actions] - samples.log_chances)
    return {
        "kl_divergence": kl_divergence(before, after),
        "clip_fraction": float((np.abs(ratios - 1.0) > clip_ratio).mean()),
        "ratio_mean": float(ratios.mean()),
        "ratio_min": float(ratios.min()),
        "ratio_max": float(ratios.max()),
    }


def _spread(name: str, column: Array) -> dict[str, float]:
    return {
        f"{name}_mean": float(column.mean()),
        f"{name}_std": float(column.std()),
        f"{name}_min": float(column.min()),
        f"{name}_max": float(column.max()),
    }
