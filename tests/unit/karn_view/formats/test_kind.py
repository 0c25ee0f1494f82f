"""What a record is."""

import math
from typing import Any

import pytest
from reading import read_lines

METRIC = {"step": 3, "loss": 0.5}


def kind(record: dict[str, Any]) -> str:
    return read_lines([record]).rows[0].kind


@pytest.mark.parametrize(
    "record",
    [
        METRIC,
        {"loss": 0.5},
        {"level": "info", "message": "step done", **METRIC},
        {"event": "epoch_end", "epoch": 3, "loss": 0.5, "duration_s": 7.0},
        {"type": "log", "loss": 0.5},
        {"lr": 0.1, "step": 1},
        {"acc": "37.5%"},
        {"kind": "log", "metrics": {"loss": 1}},
    ],
)
def test_a_record_with_a_measured_number_is_a_metric(record: dict[str, Any]) -> None:
    assert kind(record) == "metric"


@pytest.mark.parametrize(
    "record",
    [
        {"event": "run_end", "best": {"loss": 0.5, "step": 3}},
        {"event": "log", "level": "WARNING", "message": "spike", "step": 100},
        {"step": 1, "log_type_name": "fwd_end", "value": 7.4, "delta_ms": 0.1},
        {"type": "checkpoint", "path": "x.pt", "epoch": 3},
        {"message": "hello"},
        {"level": "error", "event": "crash", "step": 499, "exception": [{"line": 3}]},
    ],
)
def test_a_record_of_words_is_an_event(record: dict[str, Any]) -> None:
    assert kind(record) == "event"


@pytest.mark.parametrize(
    "record",
    [
        {"config": {"lr": 0.1}},
        {"lr": 0.1, "batch_size": 32, "optimizer": "adam"},
        {"lr": 0.1, "batch_size": 32, "epochs": 10},
        {"type": "hparams", "lr": 0.1},
    ],
)
def test_settings_are_configuration(record: dict[str, Any]) -> None:
    assert kind(record) == "config"
    assert read_lines([record]).reader.config["lr"] == 0.1


def test_a_row_tells_its_severity_and_type() -> None:
    reading = read_lines(
        [{"level": 40, "message": "m"}, {"type": "eval", **METRIC}, {"eval_loss": 1}, "ERROR: x"]
    )
    assert [(row.type, row.severity) for row in reading.rows] == [
        ("event", "error"),
        ("eval", ""),
        ("eval", ""),
        ("text", "error"),
    ]


def test_bookkeeping_is_not_charted() -> None:
    record = {"pid": 1, "rank": 0, "seed": 5, "env_id": 3, "done": True, "total_steps": 9, **METRIC}
    assert read_lines([record]).names == {"step", "loss"}


def test_short_lists_of_numbers_are_series_and_long_ones_are_not() -> None:
    record = {"one": [1.5], "three": [1, 2, 3], "nine": list(range(9)), "mixed": [1, "a"], "no": []}
    assert read_lines([record]).names == {"one", "three/0", "three/1", "three/2"}


def test_a_statistic_is_one_series_and_none_when_nothing_was_counted() -> None:
    lines = [{"a": {"num": 3, "mean": 1.5, "std": 0.1}}, {"a": {"num": 0, "mean": 0.0}}]
    assert read_lines(lines).values("a") == [1.5]


@pytest.mark.parametrize(
    ("told", "band"),
    [
        ({"std": 0.5}, (1.0, 2.0)),
        ({"min": 1.0, "max": 4, "std": 9.0}, (1.0, 4.0)),
        ({"num": 3, "sum": 4.5}, None),
        ({"std": math.nan}, None),
        ({"min": 1.0, "max": None}, None),
    ],
)
def test_a_mean_has_a_band_of_extremes_or_else_of_a_deviation(
    told: dict[str, Any], band: tuple[float, float] | None
) -> None:
    points = read_lines([{"step": 1, "a": {"mean": 1.5, **told}}]).rows[0].points
    assert points.bands.get("a") == band


def test_text_is_a_number_while_nine_in_ten_are() -> None:
    lines = [{"step": n, "note": "12" if n == 3 else "words"} for n in range(9)]
    assert read_lines(lines).values("note") == []


def test_a_container_without_a_name_of_its_own_is_not_named() -> None:
    assert read_lines([{"step": 1, "metrics": {"loss": 1}}]).names == {"step", "loss"}
    assert read_lines([{"loss": 1, "metrics": {"loss": 2}}]).names == {"loss", "metrics/loss"}


def test_too_many_names_are_said_and_left_out() -> None:
    reading = read_lines([{f"m{n}": n for n in range(6000)}])
    assert len(reading.names) == 5000
    assert "5,000" in reading.reader.notes[0]


def test_a_line_that_is_no_object_is_a_fault_in_a_karn_run_only() -> None:
    opened = {"event_type": "RUN_OPENED", "event_id": "1", "timestamp": 1.8e9, "data": {}}
    assert [row.kind for row in read_lines(["hello", opened, "hello"]).rows] == [
        "text",
        read_lines([opened]).rows[0].kind,
        "fault",
    ]
