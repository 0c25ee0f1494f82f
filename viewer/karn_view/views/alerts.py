"""What went wrong in a run, kept for the whole run in bounded memory. Pure.

Like alerts are one group with a count and its places; a group is only forgotten, and counted as
such, when a run has more kinds of trouble than `GROUPS_KEPT`.
"""

import math
from typing import Any, NamedTuple

import msgspec

from karn_view.formats.karn.event import Event, name
from karn_view.formats.karn.fields import Data, first, mapping, number, text, whole
from karn_view.formats.karn.vocabulary import METRICS, SEVERITIES

GROUPS_KEPT = 200
PLACES_KEPT = 20

LEAST_SEVERITY = {
    "PLATEAU_DETECTED": "info",
    "DEGRADATION_DETECTED": "warning",
    "PERFORMANCE_DEGRADATION": "warning",
    "GRADIENT_ANOMALY": "warning",
    "GRADIENT_PATHOLOGY_DETECTED": "warning",
    "VALUE_COLLAPSE_DETECTED": "warning",
    "RATIO_EXPLOSION_DETECTED": "warning",
    "RATIO_COLLAPSE_DETECTED": "warning",
    "REWARD_HACKING_SUSPECTED": "warning",
    "MEMORY_WARNING": "warning",
    "ISOLATION_VIOLATION": "warning",
    "COMMAND_FAILED": "warning",
    "EVENTS_DROPPED": "warning",
    "NUMERICAL_INSTABILITY_DETECTED": "warning",
    "GOVERNOR_ROLLBACK": "error",
}
"""Types that are alerts whatever severity their writer gave: once all were written as `info`."""

NON_FINITE_LOSS = "NON_FINITE_LOSS"
"""The type of an alert that no event names: a loss that is NaN or infinite."""

_LOSSES = ("val_loss", "train_loss")
_WARNING = SEVERITIES.index("warning")


class Alert(NamedTuple):
    """One thing that went wrong, in one event."""

    type: str
    kind: str | None
    severity: str
    text: str
    env: int | None
    slot: str | None


class Place(msgspec.Struct, frozen=True):
    """Where an alert happened."""

    offset: int
    wall: float
    x: float


class Group(msgspec.Struct):
    """Like alerts: the newest text, the worst severity, the first and the newest places."""

    type: str
    kind: str | None
    severity: str
    text: str
    env: int | None
    slot: str | None
    count: int
    first: Place
    newest: list[Place]


class AlertsFold(msgspec.Struct):
    """All alerts of a run by type, kind, environment and slot."""

    groups: dict[str, Group] = {}
    forgotten: int = 0

    def apply(self, event: Event, x: float) -> None:
        """Takes one event that stands at `x`; most are no alert."""
        alert = alert_in(event)
        if alert is not None:
            self.add(alert, Place(event.offset, event.wall, x))

    def dashboard(self) -> dict[str, Any]:
        """The newest alert first."""
        newest_first = sorted(self.groups.items(), key=lambda found: -found[1].newest[-1].offset)
        return {
            "alerts": [_group_view(*found) for found in newest_first],
            "alerts_count": sum(group.count for group in self.groups.values()) + self.forgotten,
            "alerts_forgotten": self.forgotten,
        }

    def add(self, alert: Alert, place: Place) -> None:
        """Takes one alert; places come in the order of the file."""
        key = f"{alert.type} {alert.kind} {alert.env} {alert.slot}"
        group = self.groups.get(key)
        if group is None:
            self._make_room()
            self.groups[key] = Group(*alert, count=1, first=place, newest=[place])
            return
        group.count += 1
        group.text = alert.text
        group.severity = max(group.severity, alert.severity, key=SEVERITIES.index)
        group.newest.append(place)
        del group.newest[:-PLACES_KEPT]

    def _make_room(self) -> None:
        if len(self.groups) >= GROUPS_KEPT:
            least = min(self.groups, key=lambda key: _weight(self.groups[key]))
            self.forgotten += self.groups.pop(least).count


def alert_in(event: Event) -> Alert | None:
    """The alert that this event is, if it is one."""
    if event.type == "RUN_CLOSED":
        return _failure(event)
    loss = _non_finite_loss(event)
    if loss is not None:
        return Alert(NON_FINITE_LOSS, loss[0], "error", " is ".join(loss), event.env, None)
    severity = _severity(event)
    if severity is None:
        return None
    kind = name(event.data.get("anomaly_type")) or name(event.data.get("pattern"))
    return Alert(event.type, kind, severity, _words(event), event.env, event.slot)


def _severity(event: Event) -> str | None:
    least = LEAST_SEVERITY.get(event.type)
    if least is not None:
        return max(least, event.severity, key=SEVERITIES.index)
    return event.severity if SEVERITIES.index(event.severity) >= _WARNING else None


def _non_finite_loss(event: Event) -> tuple[str, str] | None:
    for key, said in _losses(event):
        value = number(said)
        if value is not None and not math.isfinite(value):
            return name(key) or "loss", "NaN" if math.isnan(value) else "infinite"
    return None


def _losses(event: Event) -> list[tuple[str, object]]:
    if event.type == "EPOCH_COMPLETED":
        return [(key, event.data.get(key)) for key in _LOSSES]
    if event.type == METRICS:
        metrics = mapping(event.data.get("metrics"))
        return [(key, metrics[key]) for key in metrics if key.endswith("loss")]
    return []


def _failure(event: Event) -> Alert | None:
    error = mapping(event.data.get("error"))
    if event.data.get("status") != "failed" and not error:
        return None
    why = ": ".join(filter(None, (text(error.get("type")), text(error.get("message")))))
    return Alert("RUN_CLOSED", "failed", "error", why or "the run failed", None, None)


def _words(event: Event) -> str:
    data = event.data
    if event.type == "PERFORMANCE_DEGRADATION":
        return _compared("accuracy", data.get("current_acc"), data.get("rolling_avg_acc"))
    if event.type in ("PLATEAU_DETECTED", "DEGRADATION_DETECTED"):
        return _trend(data)
    if event.type == "EVENTS_DROPPED":
        return f"{whole(data.get('count')) or 'some'} events could not be written"
    said = first(data, "detail", "reason", "panic_reason", "anomaly_type", "pattern", "message")
    return text(said) or event.message or event.type


def _trend(data: Data) -> str:
    now, before = data.get("rolling_avg_accuracy"), data.get("prev_rolling_avg_accuracy")
    delta = number(data.get("rolling_delta"))
    if delta is None or number(now) is not None:
        return _compared("rolling accuracy", now, before)
    return f"rolling accuracy {delta:+z.1f}"


def _compared(what: str, now: object, before: object) -> str:
    current, earlier = number(now), number(before)
    if current is None or earlier is None:
        return what
    return f"{what} {current:.1f}, {current - earlier:+z.1f} against {earlier:.1f} before"


def _weight(group: Group) -> tuple[int, int]:
    return SEVERITIES.index(group.severity), group.newest[-1].offset


def newest_of(group: Group) -> dict[str, Any]:
    """The newest alert of a group, and how many there were."""
    newest = group.newest[-1]
    return {
        "type": group.type,
        "kind": group.kind,
        "severity": group.severity,
        "text": group.text,
        "env_id": group.env,
        "slot_id": group.slot,
        "count": group.count,
        "offset": newest.offset,
        "wall": newest.wall,
        "x": newest.x,
    }


def _group_view(id: str, group: Group) -> dict[str, Any]:
    return {
        "id": id,
        **newest_of(group),
        "first_offset": group.first.offset,
        "first_wall": group.first.wall,
        "offsets": [place.offset for place in group.newest],
    }
