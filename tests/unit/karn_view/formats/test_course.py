"""Resumes, restarts, evaluations that lag, and other units under the same name."""

from typing import Any

from reading import Reading, read_lines


def marks(reading: Reading) -> list[tuple[str, float, int]]:
    return [(mark.kind, mark.x, mark.row) for mark in reading.marks]


def steps(*found: int) -> list[dict[str, Any]]:
    return [{"step": n, "loss": 1.0} for n in found]


def test_a_fall_is_a_resume() -> None:
    assert marks(read_lines(steps(*range(10, 60), *range(40, 90)))) == [("resume", 40, 50)]


def test_a_fall_to_the_beginning_is_another_run() -> None:
    assert marks(read_lines(steps(*range(5, 60), *range(5, 60)))) == [("run", 5, 55)]
    assert marks(read_lines(steps(*range(60), *range(1, 60)))) == [("run", 1, 60)]


def test_a_short_run_again_is_another_run() -> None:
    assert marks(read_lines(steps(0, 1, 2, 0, 1, 2))) == [("run", 0, 3)]


def test_an_evaluation_that_lags_is_no_resume() -> None:
    lines: list[dict[str, float]] = []
    for n in range(10, 100):
        lines.append({"step": n, "loss": 1.0})
        if n % 20 == 0:
            lines.append({"step": n - 3, "eval_loss": 1.0})
    reading = read_lines(lines)
    assert reading.marks == []
    assert [x for x, _ in reading.series("eval_loss")] == [17, 37, 57, 77]


def test_key_sets_that_fall_together_are_one_resume() -> None:
    lines: list[dict[str, float]] = []
    for n in [*range(50), *range(30, 60)]:
        lines.append({"step": n, "loss": 1.0})
        if n % 10 == 0:
            lines.append({"step": n, "eval_loss": 1.0})
    assert [kind for kind, _, _ in marks(read_lines(lines))] == ["resume"]


def test_an_epoch_under_the_name_of_the_step_is_carried() -> None:
    lines: list[dict[str, float]] = []
    for epoch in range(1, 5):
        lines += [{"step": epoch * 100 + n, "epoch": epoch, "loss": 1.0} for n in range(100)]
        lines.append({"step": epoch, "acc": 0.5})
    reading = read_lines(lines)
    assert reading.marks == []
    assert [x for x, _ in reading.series("acc")] == [199, 299, 399, 499]


def test_a_resume_with_other_keys_is_found_after_some_rows() -> None:
    lines = [
        *steps(*range(100, 200)),
        *({"step": n, "loss": 1.0, "new": 1.0} for n in range(20, 60)),
    ]
    reading = read_lines(lines)
    assert [kind for kind, _, _ in marks(reading)] == ["run"]
    assert reading.x[-1] == 59


def test_a_new_run_id_is_another_run() -> None:
    lines = [{"step": n, "loss": 1.0, "run_id": run} for run in "ab" for n in range(5)]
    assert marks(read_lines(lines)) == [("run", 0, 5)]
    assert read_lines(lines).marks[0].label == "run b"


def test_an_announced_run_begins_with_its_first_position() -> None:
    start: dict[str, Any] = {"event": "run_start"}
    lines = [start, *steps(0, 1, 2), start, {"note": "x"}, *steps(0, 1)]
    reading = read_lines(lines)
    assert marks(reading) == [("run", 0, 6)]


def test_events_between_records_share_the_axis() -> None:
    lines: list[dict[str, Any]] = [
        *steps(1, 2),
        {"event": "checkpoint saved", "level": "info"},
        *steps(3),
    ]
    reading = read_lines(lines)
    assert [(row.kind, row.x) for row in reading.rows][2] == ("event", 2)
