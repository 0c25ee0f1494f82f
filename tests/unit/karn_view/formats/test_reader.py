"""What a reader says of a file as a whole."""

import json
import sys
from typing import Any

import pytest
from karn_view.formats.ahead import Block
from karn_view.formats.reader import Reader
from karn_view.record import Fault
from reading import Reading, read_lines, read_portions


def karn(type: str, **data: Any) -> dict[str, Any]:
    return {
        "event_id": "1",
        "event_type": type,
        "timestamp": 1.8e9,
        "severity": "info",
        "data": data,
    }


def logged(*steps: int) -> list[dict[str, Any]]:
    return [karn("METRICS", step=step, metrics={"loss": 1.0}) for step in steps]


def marks(reading: Reading) -> list[tuple[str, float]]:
    return [(mark.kind, mark.x) for mark in reading.marks]


def test_a_run_opened_again_is_a_resume_where_its_steps_go_on() -> None:
    opened = karn("RUN_OPENED")
    assert marks(read_lines([opened, *logged(0, 1, 2, 3), opened, *logged(2, 3)])) == [
        ("resume", 2)
    ]
    assert marks(read_lines([opened, *logged(0, 1, 2), opened, *logged(3, 4)])) == [("resume", 3)]


def test_a_run_opened_again_is_another_run_where_they_begin_again() -> None:
    opened = karn("RUN_OPENED")
    assert marks(read_lines([opened, *logged(0, 1, 2), opened, *logged(0, 1)])) == [("run", 0)]


def test_plain_records_in_a_karn_run_have_an_axis_too() -> None:
    reading = read_lines([karn("RUN_OPENED"), {"step": 4, "loss": 1.0, "seq": 1}])
    assert reading.series("loss") == [(4, 1.0)]
    assert reading.reader.format == "Karn telemetry"


def test_the_karn_axis_is_taken_whenever_it_appears() -> None:
    lines = [{"loss": 1.0, "value": n} for n in range(80)]
    reading = read_lines([*lines, *logged(7, 8)])
    assert reading.reader.axis.name == "step"
    assert reading.x[-2:] == [7, 8]


def test_a_fault_of_the_tail_is_a_row() -> None:
    (row,) = read_portions([[Fault(5, "too long", 99)]]).rows
    assert (row.offset, row.kind, row.text) == (5, "fault", "too long")


def test_a_file_of_text_is_called_so() -> None:
    assert read_lines(["a", "b", "c", {"loss": 1}]).reader.format == "text"
    mixed = read_lines(["a", {"loss": 1}]).reader
    assert (mixed.format, mixed.format_reason) == ("JSON lines", "its lines are JSON objects")


@pytest.mark.parametrize("values", [({}, "2.5"), ("2.5", {}), ([1], "2.5"), ("2.5", {"mean": 1})])
def test_a_key_may_hold_an_object_here_and_text_there(values: tuple[Any, Any]) -> None:
    reading = read_lines([{"loss": value} for value in values])
    assert 2.5 in reading.values("loss")


def test_a_library_is_named_with_its_sign() -> None:
    reader = read_lines([{"time/total_timesteps": 5, "rollout/ep_rew_mean": 1.0}]).reader
    assert reader.format == "Stable-Baselines3"
    assert "time/total_timesteps" in reader.format_reason


def test_progress_is_the_newest_word_on_it() -> None:
    lines = [{"step": n, "total_steps": 9, "epoch": n / 3, "num_epochs": 3} for n in (1, 2)]
    assert read_lines(lines).reader.progress == (2, 9, "step")
    assert read_lines([{"loss": 1, "percentage": 12.5}]).reader.progress == (12.5, 100, "%")


def test_a_total_that_keeps_moving_is_none() -> None:
    lines = [{"episode": n, "steps": 20, "total_steps": 20 * n, "reward": 1} for n in range(1, 9)]
    progress = read_lines(lines).reader.progress
    assert progress is None or progress.position < progress.total


def test_nobody_keeps_the_rows_that_a_batch_lets_go() -> None:
    data = "".join(json.dumps(record) + "\n" for record in logged(*range(500))).encode()
    batch = Reader().take_over(Block(0, data), None)
    rows = batch.rows.copy()
    batch.let_go()
    kept = [row for row in rows if sys.getrefcount(row) > 3]  # the list, the name, the argument
    assert (len(rows), batch.rows, kept) == (500, [], [])
