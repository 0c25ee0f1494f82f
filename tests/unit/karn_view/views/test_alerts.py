import math

import pytest
from karn_view.views.alerts import GROUPS_KEPT, PLACES_KEPT
from telling import Record, epoch, event, shown


@pytest.mark.parametrize("severity", ["warning", "error", "critical", "WARNING", "warn", "fatal"])
def test_a_warning_or_worse_is_an_alert_whatever_its_type(severity: str) -> None:
    [alert] = shown(event("SOMETHING_NEW", severity=severity, message="oh"))["alerts"]
    assert (alert["type"], alert["text"]) == ("SOMETHING_NEW", "oh")


@pytest.mark.parametrize("severity", ["debug", "info", "strange"])
def test_ordinary_events_are_no_alerts(severity: str) -> None:
    assert shown(event("SEED_GATE_EVALUATED", {"passed": False}, severity=severity))["alerts"] == []


@pytest.mark.parametrize(
    ("event_type", "severity"),
    [
        ("DEGRADATION_DETECTED", "warning"),
        ("PLATEAU_DETECTED", "info"),
        ("GOVERNOR_ROLLBACK", "error"),
        ("GRADIENT_ANOMALY", "warning"),
        ("RATIO_EXPLOSION_DETECTED", "warning"),
        ("REWARD_HACKING_SUSPECTED", "warning"),
        ("EVENTS_DROPPED", "warning"),
    ],
)
def test_some_types_are_alerts_though_their_writer_called_them_info(
    event_type: str, severity: str
) -> None:
    [alert] = shown(event(event_type))["alerts"]
    assert alert["severity"] == severity


@pytest.mark.parametrize("value", [math.nan, math.inf, "NaN", "-Infinity"])
def test_a_loss_that_is_not_finite_is_an_alert(value: object) -> None:
    for record in (
        epoch(1, val_loss=value),
        event("METRICS", {"step": 1, "metrics": {"val_loss": value}}),
    ):
        [alert] = shown(record)["alerts"]
        assert (alert["type"], alert["severity"]) == ("NON_FINITE_LOSS", "error")
        assert alert["text"].startswith("val_loss is ")


def test_a_failed_run_is_an_alert_and_a_finished_one_is_not() -> None:
    error = {"type": "ValueError", "message": "no"}
    [alert] = shown(event("RUN_CLOSED", {"status": "failed", "error": error}))["alerts"]
    assert alert["text"] == "ValueError: no"
    assert shown(event("RUN_CLOSED", {"status": "finished", "error": None}))["alerts"] == []


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ({"detail": "slot entropy", "reason": "r"}, "slot entropy"),
        ({"reason": "r", "anomaly_type": "a"}, "r"),
        ({"anomaly_type": "a"}, "a"),
        ({}, "GRADIENT_ANOMALY"),
    ],
)
def test_an_alert_speaks_in_the_words_of_its_event(data: Record, text: str) -> None:
    assert shown(event("GRADIENT_ANOMALY", data))["alerts"][0]["text"] == text


@pytest.mark.parametrize(
    ("now", "text"),
    [
        (28.1, "accuracy 28.1, -4.7 against 32.8 before"),
        (32.79, "accuracy 32.8, +0.0 against 32.8 before"),
    ],
)
def test_a_drop_is_told_with_both_accuracies(now: float, text: str) -> None:
    data = {"env_id": 0, "current_acc": now, "rolling_avg_acc": 32.8}
    [alert] = shown(event("PERFORMANCE_DEGRADATION", data, severity="warning"))["alerts"]
    assert alert["text"] == text


def test_a_trend_is_told_by_its_change_where_that_is_all_there_is() -> None:
    [alert] = shown(event("PLATEAU_DETECTED", {"rolling_delta": 0.1}))["alerts"]
    assert alert["text"] == "rolling accuracy +0.1"


def test_like_alerts_are_one_with_a_count_and_their_places() -> None:
    like = [event("GRADIENT_ANOMALY", {"anomaly_type": "a", "detail": str(n)}) for n in range(3)]
    dashboard = shown(*like, event("GRADIENT_ANOMALY", {"anomaly_type": "b"}))
    newest, oldest = dashboard["alerts"]
    assert (newest["kind"], newest["count"]) == ("b", 1)
    assert (oldest["count"], oldest["text"], oldest["offsets"]) == (3, "2", [0, 100, 200])
    assert dashboard["alerts_count"] == 4


def test_alerts_stay_through_restarts_for_the_whole_run() -> None:
    trouble = event("GRADIENT_ANOMALY", {"detail": "x"})
    quiet = [epoch(n % 20 + 1) for n in range(500)]
    opened = event("RUN_OPENED", {"resumed": True})
    [alert] = shown(trouble, *quiet, opened, event("TRAINING_STARTED"))["alerts"]
    assert alert["first_offset"] == 0


def test_memory_is_bounded_and_the_forgotten_are_counted() -> None:
    kinds = [event("GRADIENT_ANOMALY", {"anomaly_type": f"a{n}"}) for n in range(GROUPS_KEPT + 5)]
    grave = event("GOVERNOR_ROLLBACK")
    dashboard = shown(grave, *kinds)
    assert len(dashboard["alerts"]) == GROUPS_KEPT
    assert dashboard["alerts_forgotten"] == 6
    assert dashboard["alerts_count"] == GROUPS_KEPT + 6
    assert dashboard["alerts"][-1]["type"] == "GOVERNOR_ROLLBACK"
    places = shown(*[grave] * 100)["alerts"][0]["offsets"]
    assert len(places) == PLACES_KEPT
