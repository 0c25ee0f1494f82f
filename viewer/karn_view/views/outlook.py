"""How a training does, why, and what to watch, in words. Pure.

Reads the finished dashboard only, so that every sentence follows from what the page shows.
"""

import math
from typing import Any, NamedTuple

_RANKS = ("unknown", "well", "watch", "trouble")
_REASONS_SHOWN = 5

RECENT_EPOCHS = 20
"""An alert speaks for now as long as it is not older than this, or than one episode."""


class Reason(NamedTuple):
    """Why the status is not better: how bad, in words, and where it can be read."""

    status: str
    text: str
    offset: int | None
    next: str | None


def outlook(dashboard: dict[str, Any]) -> dict[str, Any]:
    """Status, one sentence for now, reasons with the worst first, and what to look at next."""
    reasons = sorted(_reasons(dashboard), key=lambda one: -_RANKS.index(one.status))
    shown = reasons[:_REASONS_SHOWN]
    measured = dashboard.get("accuracy") is not None or dashboard.get("policy") is not None
    status = shown[0].status if shown else "well" if measured else "unknown"
    advice = dict.fromkeys(one.next for one in shown if one.next)
    return {
        "status": status,
        "now": _now(dashboard),
        "why": [{"status": one.status, "text": one.text, "offset": one.offset} for one in shown],
        "next": list(advice) or _usual_next(dashboard),
    }


def _now(dashboard: dict[str, Any]) -> str:
    parts = [_place(dashboard), _accuracy(dashboard["accuracy"])]
    gain = dashboard.get("gain")
    if isinstance(gain, float) and math.isfinite(gain):
        parts.append(f"the seeds add {gain:+.1f} points to the host")
    alive = [seed for seed in dashboard["seeds"] if seed["alive"]]
    if dashboard["seeds"]:
        parts.append(f"{len(alive)} of {len(dashboard['seeds'])} slots hold a seed")
    return ", ".join(filter(None, parts)) or "nothing measured yet"


def _place(dashboard: dict[str, Any]) -> str:
    epoch, last = dashboard.get("epoch"), dashboard.get("max_epochs")
    if epoch is None:
        return ""
    place = f"epoch {epoch}" if last is None else f"epoch {epoch} of {last}"
    episodes, total = dashboard.get("episodes"), dashboard.get("max_episodes")
    if episodes is None:
        return place
    done = f"{episodes}" if total is None else f"{episodes} of {total}"
    return f"{place} after {done} episodes"


def _accuracy(value: float | str | None) -> str:
    if value is None:
        return ""
    return f"accuracy {value:.1f} %" if isinstance(value, float) else f"accuracy {value}"


def _reasons(dashboard: dict[str, Any]) -> list[Reason]:
    return [
        *_of_environments(dashboard["environments"]),
        *_of_policy(dashboard),
        *_of_alerts([alert for alert in dashboard["alerts"] if _is_recent(alert, dashboard)]),
    ]


def _of_environments(environments: list[dict[str, Any]]) -> list[Reason]:
    found = []
    for status, rank, next_step in (
        ("diverged", "trouble", "look at the last finite loss and the learning rate"),
        ("degraded", "watch", "compare with the seed that was changed last"),
        ("stalled", "watch", "see whether a seed is about to germinate or blend"),
    ):
        envs = [str(one["env_id"]) for one in environments if one["status"] == status]
        if envs:
            where = f"{len(envs)} of {len(environments)} environments (env {', '.join(envs[:6])})"
            found.append(Reason(rank, f"{status}: {where}", None, next_step))
    return found


def _of_policy(dashboard: dict[str, Any]) -> list[Reason]:
    words, policy = dashboard["words"], dashboard.get("policy")
    offset = None if policy is None else policy["offset"]
    found = []
    if words["entropy"]["word"] == "collapsed":
        text = f"the policy has settled on one action: entropy {_short(words['entropy'])}"
        found.append(Reason("watch", text, offset, "see whether the action mix is one-sided"))
    if words["kl_divergence"]["word"] in ("high", "not finite"):
        text = f"the last update moved the policy far: KL {_short(words['kl_divergence'])}"
        found.append(Reason("watch", text, offset, "watch the next update's KL and clip fraction"))
    if words["value_variance"]["word"] == "low":
        text = f"the critic says nearly the same of all states: {_short(words['value_variance'])}"
        found.append(Reason("watch", text, offset, "watch the explained variance"))
    if policy is not None and (policy["nan_grad_count"] or policy["inf_grad_count"]):
        text = "the last update had gradients that are not finite"
        found.append(Reason("trouble", text, offset, "look at the gradient norms of each head"))
    return found


def _of_alerts(alerts: list[dict[str, Any]]) -> list[Reason]:
    """The newest alert of each severity that matters; the strip of alerts shows them all."""
    found = []
    for severities, status in ((("error", "critical"), "trouble"), (("warning",), "watch")):
        newest = next((one for one in alerts if one["severity"] in severities), None)
        if newest is not None:
            times = f" ({newest['count']} times)" if newest["count"] > 1 else ""
            found.append(Reason(status, newest["text"] + times, newest["offset"], None))
    return found


def _is_recent(alert: dict[str, Any], dashboard: dict[str, Any]) -> bool:
    """Whether it is of this episode, about; an alert whose place nobody knows counts."""
    then, now = alert["x"], dashboard["x"]
    if not isinstance(then, float) or not isinstance(now, float):
        return True
    return now - then <= max(RECENT_EPOCHS, dashboard["max_epochs"] or 0)


def _usual_next(dashboard: dict[str, Any]) -> list[str]:
    blending = [seed for seed in dashboard["seeds"] if seed["stage"] == "BLENDING"]
    if blending:
        where = f"{blending[0]['slot_id']} in env {blending[0]['env_id']}"
        return [f"{where} is blending in: its contribution will show"]
    if dashboard["seeds"] and not any(seed["alive"] for seed in dashboard["seeds"]):
        return ["no seed is growing: the next germination will show"]
    return []


def _short(judged: dict[str, Any]) -> str:
    value = judged["value"]
    return f"{value:.3g}" if isinstance(value, float) else str(value)
