"""Events as Karn writes them, for tests that tell a story with a few."""

from collections.abc import Mapping
from typing import Any

from karn_view.formats.karn import event_of, is_karn
from karn_view.views import Dashboard

Record = dict[str, Any]


def event(event_type: str, data: Mapping[str, Any] | None = None, **envelope: Any) -> Record:
    """One record with the whole envelope; keywords replace parts of it."""
    return {
        "event_id": "64ac1aad-9acb-45e4-af9b-b87c258a6a79",
        "event_type": event_type,
        "timestamp": "2026-11-23T22:44:51.962056+00:00",
        "seed_id": None,
        "slot_id": None,
        "epoch": None,
        "group_id": "default",
        "message": "",
        "data": dict(data or {}),
        "severity": "info",
        **envelope,
    }


def started(**data: Any) -> Record:
    return event("TRAINING_STARTED", {"max_epochs": 20, "host_params": 1000, "n_envs": 1} | data)


def epoch(inner_epoch: int, accuracy: float | None = 50.0, env: int = 0, **data: Any) -> Record:
    measured = {
        "env_id": env,
        "inner_epoch": inner_epoch,
        "val_accuracy": accuracy,
        "val_loss": 1.0,
    }
    return event("EPOCH_COMPLETED", measured | data, epoch=inner_epoch)


def seed(what: str, slot: str = "r0c0", env: int = 0, **data: Any) -> Record:
    return event(f"SEED_{what}", {"slot_id": slot, "env_id": env} | data, slot_id=slot)


def snapshot(kind: str | None, **data: Any) -> Record:
    return event("ANALYTICS_SNAPSHOT", {"kind": kind} | data)


def fold(dashboard: Dashboard, offset: int, record: Record, wall: float) -> None:
    """Takes a record into a dashboard."""
    if is_karn(record):
        dashboard.apply(event_of(offset, record, wall))
    else:
        dashboard.apply_foreign(1)


def told(*records: Record) -> Dashboard:
    """The dashboard after these records, line n at offset 100 n, one a second."""
    dashboard = Dashboard()
    for number, record in enumerate(records):
        fold(dashboard, 100 * number, record, 1000.0 + number)
    return dashboard


def shown(*records: Record) -> dict[str, Any]:
    """What the dashboard shows after these records."""
    return told(*records).dashboard()
