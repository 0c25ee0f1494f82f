"""What `FileOutput` writes has the form that the clauses show."""

import errno
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from karn import FileOutput, TelemetryEvent, TelemetryEventType

Record = dict[str, Any]

SAME_VALUE = {"event_type", "schema_version", "status", "resumed", "group_id", "severity"}
"""Keys whose values are the specification's own; of all others the kind of value is compared."""


def records(path: Path) -> list[Record]:
    committed = path.read_bytes().rpartition(b"\n")[0].split(b"\n")
    found = [json.loads(line) for line in committed if line.startswith(b"{") and line[-1:] == b"}"]
    return [record for record in found if isinstance(record, dict)]


def form(value: object, key: str = "") -> object:
    """Returns a record's keys in order and the kinds of its values."""
    if isinstance(value, dict) and key not in {"config", "metrics"}:
        return [(name, form(inner, name)) for name, inner in value.items()]
    return value if key in SAME_VALUE else kind(value)


def kind(value: object) -> str:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return "number" if number else type(value).__name__


@pytest.fixture
def clause(sample_runs: Path) -> Callable[[str], list[Record]]:
    return lambda name: records(sample_runs / "clauses" / f"{name}.jsonl")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "run.jsonl"


Clause = Callable[[str], list[Record]]


def assert_same_form(written: Path, expected: list[Record]) -> None:
    assert [form(record) for record in records(written)] == [form(record) for record in expected]


def test_a_run_that_finishes(path: Path, clause: Clause) -> None:
    with FileOutput(path, config={"lr": 0.02, "seed": 7}) as run:
        run.log({"loss": 0.9}, step=1)
        run.log({"loss": 0.7}, step=2)
    assert_same_form(path, clause("run-finished"))


def test_a_run_that_fails(path: Path, clause: Clause) -> None:
    run = FileOutput(path, config={})
    run.log({"loss": 0.9}, step=1)
    run.close(error=ZeroDivisionError("division by zero"))
    assert_same_form(path, clause("run-failed"))


def test_an_event_has_the_envelope(path: Path, clause: Clause) -> None:
    opened, germinated, anomaly, closed = clause("envelope")
    with FileOutput(path, config={}) as run:
        for event in (germinated, anomaly):
            named = {k: v for k, v in event.items() if k not in {"event_id", "timestamp", "seq"}}
            kind = TelemetryEventType[named.pop("event_type")]
            run.emit(TelemetryEvent(kind, **named))
    assert_same_form(path, [opened, germinated, anomaly, closed])
    assert [record["data"] for record in records(path)[1:3]] == [
        germinated["data"],
        anomaly["data"],
    ]


def test_metrics_of_any_depth_with_a_step_or_without(path: Path, clause: Clause) -> None:
    with FileOutput(path, config={}) as run:
        run.log({"loss": 0.9, "eval": {"accuracy": 61.2, "top5": 88.0}}, step=1)
        run.log({"loss": 0.7}, step=2)
        run.log(3)
    expected = clause("metrics")
    assert_same_form(path, expected)
    assert [r["data"] for r in records(path)[1:4]] == [r["data"] for r in expected[1:4]]


def test_a_plain_mapping_is_written_as_it_is(path: Path, clause: Clause) -> None:
    with FileOutput(path, config={}) as run:
        run.emit({"step": 1, "loss": 0.9})
        run.emit({"step": 2, "loss": 0.7})
    assert_same_form(path, clause("plain-mappings"))


def test_text_non_finite_numbers_and_great_integers(path: Path, clause: Clause) -> None:
    with FileOutput(path) as run:
        for name in ("line", "nan-strings", "big-integers"):
            for record in clause(name):
                if record["event_type"] == "METRICS":
                    numbers = {
                        key: float(value) if isinstance(value, str) else value
                        for key, value in record["data"]["metrics"].items()
                    }
                    data = {"step": record["data"]["step"], "metrics": numbers}
                    run.emit(TelemetryEvent("METRICS", message=record["message"], data=data))
    lines = path.read_text(encoding="utf-8").split("\n")[1:-2]
    originals = [
        record
        for name in ("line", "nan-strings", "big-integers")
        for record in clause(name)
        if record["event_type"] == "METRICS"
    ]
    for line, original in zip(lines, originals, strict=True):
        written = json.loads(line)
        assert (written["message"], written["data"]) == (original["message"], original["data"])


def test_a_run_that_lives_and_says_nothing(
    path: Path, clause: Clause, eventually: Callable[..., None]
) -> None:
    with FileOutput(path, config={}, heartbeat_s=0.02) as run:
        eventually(lambda: len(records(path)) >= 4)
        assert run.dropped == 0
    expected = clause("heartbeat-only")
    assert [form(record) for record in records(path)[:4]] == [form(record) for record in expected]


def test_a_torn_end_is_closed_off_and_the_run_goes_on(path: Path, clause: Clause) -> None:
    with FileOutput(path, config={}) as run:
        run.log({"loss": 0.9}, step=1)
    whole = path.read_bytes()
    kept = whole.split(b"\n")[:2]
    path.write_bytes(b"\n".join([*kept, b'{"event_id":"torn']))
    with FileOutput(path, config={}) as run:
        run.log({"loss": 0.8}, step=2)
    assert_same_form(path, clause("torn-then-resumed"))
    assert path.read_bytes().split(b"\n")[2] == b'{"event_id":"torn'


def test_lines_that_could_not_be_written_are_accounted_for(
    path: Path,
    clause: Clause,
    monkeypatch: pytest.MonkeyPatch,
    eventually: Callable[..., None],
) -> None:
    def full(descriptor: int, data: bytes) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with FileOutput(path, config={}, heartbeat_s=0.1) as run:
        run.log({"loss": 0.9}, step=1)
        with monkeypatch.context() as patched:
            patched.setattr(os, "write", full)
            for step in (2, 3, 4):
                run.log({"loss": 0.8}, step=step)
        eventually(lambda: any(r["event_type"] == "EVENTS_DROPPED" for r in records(path)))
        run.log({"loss": 0.5}, step=5)
    expected = clause("events-dropped")
    written = [record for record in records(path) if record["event_type"] != "HEARTBEAT"]
    gaps = [record["data"] for record in (*written, *expected) if "ranges" in record["data"]]
    assert [form(record) for record in written] == [form(record) for record in expected]
    assert all(gap["ranges"] == [[2, 4]] and gap["errno"] == errno.ENOSPC for gap in gaps)


def test_a_record_beyond_the_limit_keeps_its_small_fields(path: Path, clause: Clause) -> None:
    with FileOutput(path, config={}) as run:
        run.emit(TelemetryEvent("ANALYTICS_SNAPSHOT", data={"text": "x" * (20 * 2**20)}))
        run.log({"loss": 0.9}, step=1)
    assert_same_form(path, clause("cut-record"))
