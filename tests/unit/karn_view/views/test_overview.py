from typing import Any

from karn_view.views import Evidence
from telling import Record, epoch, event, snapshot, told


def opened(**data: Any) -> Record:
    said = {"run_id": "r1", "host": "node", "pid": 7, "process_started": 5, "boot_id": "b"}
    more = {"pid_namespace": 9, "heartbeat_s": 30.0, "resumed": False}
    return event("RUN_OPENED", said | more | data)


def closed(status: str, **data: Any) -> Record:
    return event("RUN_CLOSED", {"run_id": "r1", "status": status, **data})


def evidence(*records: Record) -> Evidence:
    return told(*records).evidence


def test_a_file_without_a_frame_gives_no_evidence() -> None:
    assert evidence(epoch(1), {"step": 1, "loss": 0.2}) == Evidence()


def test_an_opened_run_says_who_writes_it_and_where() -> None:
    known = evidence(opened(started_at="1970-01-01T00:01:00+00:00"))
    assert (known.run_id, known.host, known.pid, known.process_started) == ("r1", "node", 7, 5)
    assert (known.boot_id, known.pid_namespace) == ("b", 9)
    assert (known.heartbeat_s, known.started_at) == (30.0, 60.0)
    assert (known.openings, known.resumed, known.closed) == (1, False, None)


def test_without_its_own_start_the_time_of_the_record_counts() -> None:
    assert evidence(opened(started_at="soon")).started_at == 1000.0


def test_a_heartbeat_is_a_sign_of_life_at_its_own_time() -> None:
    assert evidence(opened(), event("HEARTBEAT", {"uptime_s": 1})).last_heartbeat == 1001.0


def test_dropped_events_add_up_over_openings() -> None:
    dropped = event("EVENTS_DROPPED", {"count": 3})
    assert evidence(opened(), dropped, opened(resumed=True), dropped).dropped == 6


def test_a_closed_run_says_how_it_ended() -> None:
    assert evidence(opened(), closed("finished")).closed == "finished"
    error = {"type": "ValueError", "message": "no", "traceback": "line 1"}
    failed = evidence(opened(), closed("failed", error=error))
    assert (failed.closed, failed.error, failed.traceback) == ("failed", "ValueError: no", "line 1")


def test_a_run_that_goes_on_after_its_end_is_not_closed() -> None:
    assert evidence(closed("failed", error={"type": "E"}), epoch(1)).closed is None
    reopened = evidence(opened(), closed("finished"), opened(run_id="r2", resumed=True))
    assert (reopened.closed, reopened.run_id, reopened.openings) == (None, "r2", 2)


def test_training_that_did_all_it_set_out_to_do_says_so() -> None:
    last = event("BATCH_EPOCH_COMPLETED", {"episodes_completed": 20, "total_episodes": 20})
    early = event("BATCH_EPOCH_COMPLETED", {"episodes_completed": 4, "total_episodes": 20})
    assert evidence(early).complete is None
    assert evidence(last).complete == "all 20 episodes are done"
    assert evidence(snapshot("heuristic_episode", episode=3, episodes_total=3)).complete
    assert evidence(last, event("TRAINING_STARTED")).complete is None


def test_records_are_counted_by_type_whatever_they_are() -> None:
    dashboard = told(epoch(1), epoch(2), {"loss": 1.0}).dashboard()
    assert dashboard["records"] == 3
    assert dashboard["event_types"] == {"EPOCH_COMPLETED": 2}


def test_only_events_of_training_make_a_karn_dashboard() -> None:
    metrics = event("METRICS", {"step": 1, "metrics": {"loss": 0.1}})
    assert not told(opened(), metrics, {"event_type": "click", "page": 3}, closed("x")).karn
    assert told(epoch(1)).karn
    assert told(epoch(1)).dashboard()["karn"] is True


def test_a_foreign_run_has_an_empty_dashboard() -> None:
    shown = told({"step": 1, "loss": 0.1}, {"event_type": None}).dashboard()
    assert shown["karn"] is False
    assert shown["environments"] == shown["seeds"] == shown["alerts"] == []
    assert shown["outlook"]["status"] == "unknown"


def test_a_resumed_run_keeps_its_alerts_and_values_and_starts_with_empty_slots() -> None:
    germinated = event("SEED_GERMINATED", {"env_id": 0, "slot_id": "r0c0"})
    trouble = event("GRADIENT_ANOMALY", {"detail": "x"})
    resumed = [opened(resumed=True), event("CHECKPOINT_LOADED"), event("TRAINING_STARTED")]
    shown = told(opened(), epoch(5, 40.0), germinated, trouble, *resumed).dashboard()
    assert (shown["accuracy"], shown["alerts_count"]) == (40.0, 1)
    assert [seed["alive"] for seed in shown["seeds"]] == [False]
    assert [life["ended"] for life in shown["lanes"]["lives"]] == ["EPISODE"]
    assert (shown["trainings"], shown["evidence"]["openings"]) == (1, 2)
    after = told(opened(), epoch(5), *resumed, epoch(1)).dashboard()
    assert (after["x"], after["epoch"]) == (6.0, 1)
