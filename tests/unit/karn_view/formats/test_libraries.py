"""Shapes of libraries of which no real file is at hand, by a few lines of each."""

import json
import math
from typing import Any

import pytest
from karn_view.formats.rows import Progress
from reading import read_lines


def test_mmcv_lays_the_iterations_of_epochs_end_to_end() -> None:
    lines: list[dict[str, Any]] = [
        {"env_info": "sys", "seed": 0, "exp_name": "r50.py", "mmcv_version": "1"}
    ]
    for epoch in (1, 2, 3):
        for step in (50, 100):
            lines.append({"mode": "train", "epoch": epoch, "iter": step, "lr": 0.1, "loss": 1.0})
        lines.append({"mode": "val", "epoch": epoch, "iter": 80, "lr": 0.1, "bbox_mAP": 0.3})
    reading = read_lines(lines)
    assert reading.kinds == {"config": 1, "metric": 9}
    assert reading.own_x == [50, 100, 150, 200, 250, 300]
    assert reading.x == [50, 100, 100, 150, 200, 200, 250, 300, 300]
    assert reading.marks == []
    assert [x for x, _ in reading.series("bbox_mAP")] == [100, 200, 300]
    assert reading.values("val/lr") == [0.1] * 3


def test_mmcv_with_iterations_of_the_whole_run_keeps_them() -> None:
    lines = []
    for step in range(50, 500, 50):
        lines.append({"mode": "train", "epoch": 1 + step // 200, "iter": step, "loss": 1.0})
        if step % 200 == 0:
            lines.append({"mode": "val", "epoch": 1 + step // 200, "iter": 30, "mIoU": 0.3})
    reading = read_lines(lines)
    assert reading.own_x == list(range(50, 500, 50))
    assert reading.marks == []


def test_mmcv_learning_rates_may_be_an_object() -> None:
    reading = read_lines([{"mode": "train", "epoch": 1, "iter": 5, "lr": {"head": 0.1, "neck": 1}}])
    assert reading.names >= {"lr/head", "lr/neck"}


def test_batches_that_begin_again_with_each_epoch_are_laid_end_to_end() -> None:
    reading = read_lines(
        [{"epoch": e, "batch": b, "loss": 1 / (1 + b)} for e in range(3) for b in range(40)]
    )
    assert reading.x == list(range(120))
    assert reading.marks == []
    assert reading.reader.axis.name == "epoch and batch"


def test_epochs_longer_than_what_is_looked_at_are_laid_end_to_end_all_the_same() -> None:
    reading = read_lines(
        [{"epoch": e, "batch": b, "loss": 1.0} for e in range(1, 4) for b in range(1200)]
    )
    assert reading.x == list(range(3600))
    assert reading.marks == []


def test_ms_swift_tells_its_step_as_a_share() -> None:
    reading = read_lines(
        [
            {
                "loss": 2.0 - n / 400,
                "epoch": n / 100,
                "global_step/max_steps": f"{n}/400",
                "percentage": f"{n / 4:.2f}%",
                "elapsed_time": "1h 2m 3s",
                "remaining_time": "11s",
                "train_speed(s/it)": 0.5,
            }
            for n in range(5, 55, 5)
        ]
    )
    assert reading.reader.axis.name == "global_step/max_steps"
    assert reading.own_x == list(range(5, 55, 5))
    assert reading.reader.progress is not None
    assert reading.reader.progress[:2] == (50, 400)
    assert reading.values("elapsed_time")[0] == 3723
    assert "percentage" not in reading.names
    assert "train_speed(s/it)" in reading.names


def test_megatron_in_ms_swift_tells_its_iteration_as_a_share() -> None:
    reading = read_lines([{"iteration": f"{n}/40", "loss": 1.0} for n in (5, 10)])
    assert (reading.reader.axis.name, reading.own_x) == ("iteration", [5, 10])


def exported(*metrics: dict[str, object]) -> dict[str, object]:
    return {"resourceMetrics": [{"scopeMetrics": [{"metrics": list(metrics)}]}]}


def metric(name: str, kind: str, *points: dict[str, object]) -> dict[str, object]:
    return {"name": name, kind: {"dataPoints": list(points)}}


def test_open_telemetry_gives_a_point_for_each_data_point() -> None:
    reading = read_lines(
        [
            exported(
                metric("loss", "gauge", {"timeUnixNano": "1700000001500000000", "asDouble": 0.5}),
                metric("steps", "sum", {"timeUnixNano": "1700000000000000000", "asInt": "7"}),
                metric(
                    "latency",
                    "histogram",
                    {"timeUnixNano": "1700000002000000000", "sum": 6.0, "count": "3"},
                ),
            )
        ]
    )
    assert reading.reader.format == "OpenTelemetry metrics"
    assert reading.reader.axis.name == "wall"
    assert [(row.x, list(row.points)) for row in reading.rows] == [
        (1700000000.0, [("steps", 7.0)]),
        (1700000001.5, [("loss", 0.5)]),
        (1700000002.0, [("latency", 2.0)]),
    ]


def test_open_telemetry_tells_points_apart_by_their_attributes() -> None:
    def point(value: float, **attributes: dict[str, str]) -> dict[str, object]:
        told = [{"key": key, "value": value} for key, value in attributes.items()]
        return {"asDouble": value, "attributes": told}

    train, val, gpu = ({"stringValue": word} for word in ("train", "val", "0"))
    reading = read_lines(
        [
            exported(
                metric(
                    "acc",
                    "gauge",
                    point(0.5, split=train, step={"intValue": str(step)}),
                    point(0.4, split=val, step={"intValue": str(step)}),
                    point(0.3, device=gpu, step={"intValue": str(step)}),
                )
            )
            for step in range(5)
        ]
    )
    assert reading.reader.axis.name == "step"
    assert reading.series("acc") == [(step, 0.5) for step in range(5)]
    assert reading.series("val/acc") == [(step, 0.4) for step in range(5)]
    assert reading.series("acc/device=0") == [(step, 0.3) for step in range(5)]


def test_open_telemetry_logs_are_records_of_their_own() -> None:
    def log(body: dict[str, object], **told: object) -> dict[str, object]:
        records = [{"timeUnixNano": "1700000000500000000", "body": body, **told}]
        return {"resourceLogs": [{"scopeLogs": [{"logRecords": records}]}]}

    loss = {"key": "loss", "value": {"doubleValue": 0.5}}
    step = {"key": "step", "value": {"intValue": "3"}}
    reading = read_lines(
        [
            log({"stringValue": "spike"}, severityText="WARN"),
            log({"stringValue": "step done"}, attributes=[loss, step]),
            log({"stringValue": '{"step": 4, "loss": 0.25}'}),
        ]
    )
    assert [(row.kind, row.severity) for row in reading.rows] == [
        ("event", "warning"),
        ("metric", ""),
        ("metric", ""),
    ]
    assert reading.series("loss") == [(3, 0.5), (4, 0.25)]
    assert {row.wall for row in reading.rows} == {1700000000.5}


def test_an_empty_export_of_metrics_is_still_a_row() -> None:
    assert len(read_lines([{"resourceMetrics": []}]).rows) == 1


def test_python_json_logger_has_local_times_with_a_comma() -> None:
    reading = read_lines(
        [
            {
                "asctime": "2026-11-23 23:05:00,505",
                "levelname": "WARNING",
                "name": "t",
                "message": "m",
            },
            {
                "asctime": "2026-11-23 23:05:01,505",
                "levelname": "INFO",
                "message": "s",
                "step": 1,
                "loss": 2,
            },
        ]
    )
    assert [row.kind for row in reading.rows] == ["event", "metric"]
    assert reading.rows[0].severity == "warning"
    assert reading.rows[1].wall - reading.rows[0].wall == 1


def test_verl_and_its_durations_named_step() -> None:
    lines = [
        {
            "step": n,
            "data": {"timing_s/step": 9.5, "training/global_step": n, "actor/kl": n / 7, "x": None},
        }
        for n in range(1, 6)
    ]
    reading = read_lines(lines)
    assert reading.reader.axis.name == "step"
    assert reading.own_x == [1, 2, 3, 4, 5]
    assert "actor/kl" in reading.names
    assert "x" not in reading.names


def test_trackio_fragments() -> None:
    lines: list[dict[str, Any]] = [
        {"kind": "start", "run": "r1", "config": {"lr": 0.1}, "timestamp": "2026-01-01T00:00:00Z"}
    ]
    lines += [
        {"kind": "log", "run": "r1", "metrics": {"loss": n / 3}, "step": n, "timestamp": 1.8e9 + n}
        for n in range(4)
    ]
    reading = read_lines(lines)
    assert [row.kind for row in reading.rows] == ["event"] + ["metric"] * 4
    assert reading.series("loss") == [(n, n / 3) for n in range(4)]
    assert reading.reader.config == {"lr": 0.1}


def test_prime_rl_has_several_writers_at_one_step() -> None:
    lines = []
    for step in range(6):
        lines.append({"loss/mean": 1.0, "step": step, "time": 1.8e9 + step})
        lines.append({"reward/mean": 2.0, "step": step, "time": 1.8e9 + step})
    reading = read_lines(lines)
    assert reading.reader.axis.name == "step"
    assert reading.marks == []
    assert all(math.isfinite(row.wall) for row in reading.rows)
    assert len(reading.values("reward/mean")) == 6


def test_fairseq2_has_names_in_title_case() -> None:
    reading = read_lines(
        [
            {"Time": f"2026-01-01T00:00:0{n}", "Step": n, "Gradient Norm": 1.5, "Loss": n}
            for n in range(5)
        ]
    )
    assert reading.reader.axis.name == "Step"
    assert reading.names >= {"Gradient Norm", "Loss"}
    assert all(math.isfinite(row.wall) for row in reading.rows)


def test_tinker_cookbook_ends_with_a_row_without_a_step() -> None:
    lines: list[dict[str, object]] = [{"step": n, "time/step": 3.5, "loss": 1.0} for n in range(5)]
    reading = read_lines([*lines, {"final/accuracy": 0.9}])
    assert reading.reader.axis.name == "step"
    assert [row.kind for row in reading.rows[-2:]] == ["metric", "summary"]
    assert reading.rows[-1].x == 4
    assert reading.reader.summaries == {"final/accuracy"}


def test_fairseq_on_the_terminal_wears_a_prefix() -> None:
    lines = [
        '2026-01-01 10:00:00 | INFO | train_inner | {"num_updates": "10", "loss": "2.5"}',
        '2026-01-01 10:00:09 | INFO | valid | {"valid_num_updates": "10", "valid_loss": "2.25"}',
        "2026-01-01 10:00:10 | INFO | fairseq.trainer | begin training epoch 2",
    ]
    reading = read_lines(lines)
    assert [(row.kind, row.type) for row in reading.rows] == [
        ("metric", "train"),
        ("metric", "val"),
        ("text", "text"),
    ]
    assert reading.own_x == [10, 10]
    assert reading.rows[1].wall - reading.rows[0].wall == 9
    assert reading.rows[2].wall - reading.rows[1].wall == 1


def test_kubernetes_splits_long_lines() -> None:
    whole = json.dumps({"step": 3, "loss": 0.5, "note": "x" * 40})
    reading = read_lines(
        [
            f"2026-01-01T00:00:00.25Z stdout P {whole[:20]}",
            f"2026-01-01T00:00:00.50Z stdout P {whole[20:30]}",
            f"2026-01-01T00:00:00.75Z stdout F {whole[30:]}",
            "2026-01-01T00:00:01Z stderr F a warning",
        ]
    )
    assert [row.kind for row in reading.rows] == ["text", "text", "metric", "text"]
    assert (reading.rows[2].x, reading.rows[2].wall % 1) == (3, 0.75)
    assert reading.rows[3].text == "a warning"


def test_mace_tells_training_and_evaluation_by_mode() -> None:
    lines = []
    for epoch in range(5):
        lines.append({"loss": 2.0, "time": 0.5, "mode": "opt", "epoch": epoch})
        lines.append({"loss": 1.0, "mode": "eval", "epoch": epoch})
    reading = read_lines(lines)
    assert reading.reader.axis.name == "epoch"
    assert reading.values("loss") == [2.0] * 5
    assert reading.values("eval/loss") == [1.0] * 5
    assert "time" in reading.names


def test_lightning_and_weights_and_biases_steps() -> None:
    lightning = read_lines(
        [{"trainer/global_step": n, "epoch": 0, "train_loss": 1.0} for n in (9, 19)]
    )
    assert (lightning.reader.axis.name, lightning.own_x) == ("trainer/global_step", [9, 19])
    wandb = read_lines(
        [{"_step": n, "_timestamp": 1.8e9 + n, "_runtime": n, "loss": 1} for n in (0, 1)]
    )
    assert (wandb.reader.axis.name, wandb.own_x) == ("_step", [0, 1])
    assert wandb.rows[1].wall == 1.8e9 + 1


def test_a_long_format_with_one_metric_a_line() -> None:
    lines = []
    for step in range(3):
        lines.append({"tag": "loss", "step": step, "value": step / 2, "wall_time": 1.8e9})
        lines.append({"tag": "lr", "step": step, "value": 0.1, "wall_time": 1.8e9})
    reading = read_lines(lines)
    assert reading.series("loss") == [(0, 0.0), (1, 0.5), (2, 1.0)]
    assert reading.names == {"loss", "lr"}


def test_a_long_format_may_spell_its_numbers_and_tell_its_split() -> None:
    lines: list[dict[str, object]] = [
        {"metric": "loss", "split": split, "iteration": n, "value": f"{n / 2}"}
        for n in range(3)
        for split in ("train", "val")
    ]
    reading = read_lines(lines)
    assert reading.series("loss") == reading.series("val/loss") == [(0, 0), (1, 0.5), (2, 1)]


def test_a_list_of_named_values_is_a_series_each() -> None:
    told = [{"name": "loss", "value": 0.5}, {"name": "acc", "value": 1}]
    assert dict(read_lines([{"step": 3, "metrics": told}]).rows[0].points) == {
        "step": 3,
        "loss": 0.5,
        "acc": 1,
    }
    assert read_lines([{"step": 3, "parts": told}]).names == {"step", "parts/loss", "parts/acc"}


def test_a_study_of_trials_has_its_clock_under_a_name_of_its_own() -> None:
    reading = read_lines(
        [
            {
                "number": n,
                "value": 0.5,
                "params": {"lr": n},
                "datetime_start": f"2026-01-01T00:0{n}",
            }
            for n in range(5)
        ]
    )
    assert reading.reader.axis.name == "number"
    assert reading.rows[4].wall - reading.rows[0].wall == 240


def test_an_export_of_one_metric_after_another_is_no_resume() -> None:
    steps = [*range(20), *range(15, 30)]
    lines = [
        {"key": name, "step": n, "value": n / 2, "timestamp": 1767225600123 + n}
        for name in ("loss", "acc", "lr")
        for n in (steps if name == "loss" else range(30))
    ]
    reading = read_lines(lines)
    assert [(mark.kind, mark.x, mark.row) for mark in reading.marks] == [("resume", 15, 20)]
    assert reading.series("acc") == reading.series("lr") == [(n, n / 2) for n in range(30)]


def test_the_context_of_a_value_tells_its_split() -> None:
    lines = [
        {"name": "loss", "context": {"subset": split}, "step": n, "value": n / 2}
        for split in ("train", "val")
        for n in range(3)
    ]
    reading = read_lines(lines)
    assert reading.series("loss") == reading.series("val/loss") == [(0, 0), (1, 0.5), (2, 1)]


def test_the_levels_of_pino_are_one_step_above_pythons() -> None:
    pino = {"level": 30, "time": 1767225600000, "pid": 1, "hostname": "h", "msg": "m"}
    assert read_lines([pino]).rows[0].severity == "info"
    assert read_lines([{"level": 30, "message": "m"}]).rows[0].severity == "warning"


def test_a_value_among_results_is_one_of_them() -> None:
    record = {"name": "first try", "step": 1, "loss": 0.5, "value": 3.0}
    assert read_lines([record]).names == {"step", "loss", "value"}


def test_media_and_histograms_have_no_series() -> None:
    record = {
        "_step": 1,
        "loss": 0.5,
        "weights": {"_type": "histogram", "values": [1, 2], "bins": [0, 1, 2]},
        "grads": {"counts": [3, 4], "bin_edges": [0, 1, 2], "max": 7.0},
    }
    assert read_lines([record]).names == {"_step", "loss", "grads/max"}


def test_ranks_that_write_in_turns_are_told_apart() -> None:
    order = [(n + lag, rank) for n in range(0, 40, 4) for rank in range(3) for lag in range(4)]
    reading = read_lines([{"rank": r, "step": n, "loss": 1 / (n + 1 + r)} for n, r in order])
    assert reading.reader.axis.name == "step"
    assert reading.marks == []
    for rank, name in enumerate(("loss", "loss/rank1", "loss/rank2")):
        assert reading.series(name) == [(n, 1 / (n + 1 + rank)) for n in range(40)]


def test_a_resume_of_ranks_is_one() -> None:
    steps = [*range(30), *range(20, 40)]
    reading = read_lines([{"rank": r, "step": n, "loss": 1.0} for n in steps for r in range(2)])
    assert [(mark.kind, mark.x, mark.row) for mark in reading.marks] == [("resume", 20, 60)]


def test_runs_that_write_in_turns_are_told_apart_from_the_first_turn_on() -> None:
    reading = read_lines(
        [{"run": run, "step": n, "loss": 1.0 + (run == "b")} for n in range(9) for run in "ab"]
    )
    assert reading.series("loss") == [(0, 1.0), (0, 2.0)]
    assert reading.series("loss/run=a") == [(n, 1.0) for n in range(1, 9)]
    assert reading.series("loss/run=b") == [(n, 2.0) for n in range(1, 9)]
    assert [mark.label for mark in reading.marks] == ["run b"]


def test_records_of_no_run_make_no_turns_of_those_of_one() -> None:
    turns = [
        {**whose, "step": n, "loss": 1.0} for n in range(4) for whose in ({"run": "a"}, {"rank": 1})
    ]
    assert "loss" in read_lines(turns).names
    assert "loss/run=a" not in read_lines(turns).names
    apart = [{"run": run, "step": 4, "loss": 1.0} for run in "ba"]
    assert not any("None" in name for name in read_lines([*turns, *apart, *turns]).names)


def test_spacy_keeps_losses_and_scores_apart() -> None:
    reading = read_lines(
        [{"step": n, "losses": {"ner": 1.5}, "scores": {"ents_f": n}} for n in (0, 200)]
    )
    assert reading.names >= {"losses/ner", "scores/ents_f"}
    assert reading.own_x == [0, 200]


def test_the_tuner_of_ultralytics_has_hyperparameters_on_each_line() -> None:
    lines = [
        {"iteration": n, "fitness": n / 9, "hyperparameters": {"lr0": n / 100}} for n in (1, 2)
    ]
    reading = read_lines(lines)
    assert reading.reader.config == {"lr0": 0.02}
    assert reading.names == {"iteration", "fitness"}


@pytest.mark.parametrize("spelling", ["NaN", '"NaN"', '"nan"', "Infinity", '"-inf"', "1e999"])
def test_a_value_that_is_no_number_is_a_point_in_any_spelling(spelling: str) -> None:
    reading = read_lines(['{"step": 1, "loss": 2.0}', f'{{"step": 2, "loss": {spelling}}}'])
    assert not math.isfinite(reading.values("loss")[1])


@pytest.mark.parametrize("spelling", ["null", '"null"', '"None"', '""'])
def test_a_value_that_is_not_there_is_no_point(spelling: str) -> None:
    reading = read_lines(['{"step": 1, "loss": 2.0}', f'{{"step": 2, "loss": {spelling}}}'])
    assert reading.values("loss") == [2.0]


def test_brax_counts_its_environment_steps_under_a_name_of_totals() -> None:
    reading = read_lines([{"num_steps": n * 1000, "eval/episode_reward": n} for n in range(5)])
    assert reading.reader.axis.name == "num_steps"
    assert reading.x == [0, 1000, 2000, 3000, 4000]


def test_a_study_of_numbered_trials_is_one_run() -> None:
    reading = read_lines(
        [{"number": n, "trial_id": n + 1, "values": [n / 2, n]} for n in range(5)],
    )
    assert reading.marks == []
    assert reading.series("values/1") == [(n, n) for n in range(5)]


def test_lightgbm_counts_its_validation_sets() -> None:
    sets = ("training", "valid_0", "valid_1")
    reading = read_lines(
        [
            {"iteration": n, "dataset": name, "metric": "auc", "value": n + number / 10}
            for n in range(5)
            for number, name in enumerate(sets)
        ]
    )
    for number, name in enumerate(("auc", "val/auc", "val/auc/1")):
        assert reading.series(name) == [(n, n + number / 10) for n in range(5)]
    assert reading.marks == []


def test_settings_of_a_part_keep_its_name() -> None:
    lines = [
        {"epoch": n, "model_config": {"layers": 3}, "trainer_args": {"n": 1}, "loss": 0.5}
        for n in range(3)
    ]
    reading = read_lines(lines)
    assert reading.names == {"epoch", "loss"}
    assert reading.reader.config == {"model_config": {"layers": 3}, "trainer_args": {"n": 1}}


def test_flower_tells_its_round_in_both_phases() -> None:
    lines = [
        {"server_round": n, "phase": phase, "loss": n / 2}
        for n in range(1, 6)
        for phase in ("train", "evaluate")
    ]
    reading = read_lines(lines)
    assert reading.reader.axis.name == "server_round"
    assert reading.series("loss") == reading.series("eval/loss")
    assert reading.marks == []


def test_what_is_called_a_total_and_grows_is_the_axis() -> None:
    reading = read_lines([{"total_steps": 2048 * n, "loss": 1 / (n + 1)} for n in range(30)])
    assert reading.reader.axis.name == "total_steps"
    assert reading.x == [2048 * n for n in range(30)]
    assert reading.reader.progress is None


def test_what_is_called_a_total_and_grows_beside_a_step_is_no_total() -> None:
    reading = read_lines([{"step": n, "total_steps": 8 * n, "loss": 1.0} for n in range(30)])
    assert reading.reader.axis.name == "step"
    assert [found.name for found in reading.reader.axis.candidates] == ["total_steps"]
    assert reading.reader.progress is None


def test_a_total_that_stays_is_no_axis() -> None:
    reading = read_lines([{"total_steps": 400, "step": n, "loss": 1.0} for n in range(30)])
    assert reading.reader.progress == Progress(29.0, 400.0, "step")
    assert reading.names == {"step", "loss"}
    assert reading.reader.axis.candidates == []


def test_clients_of_a_round_are_told_apart() -> None:
    lines: list[dict[str, Any]] = []
    for n in range(1, 6):
        lines += [{"round": n, "client": name, "loss": n + at} for at, name in enumerate("ab")]
        lines.append({"round": n, "loss": n / 2})
    reading = read_lines(lines)
    assert reading.series("loss") == [(n, n / 2) for n in range(1, 6)]
    assert reading.series("loss/client=a") == [(n, n) for n in range(1, 6)]
    assert reading.series("loss/client=b") == [(n, n + 1) for n in range(1, 6)]
    assert reading.marks == []


def test_the_only_worker_of_a_run_leaves_metrics_their_names() -> None:
    reading = read_lines([{"step": n, "worker": "w0", "loss": 1.0} for n in range(5)])
    assert reading.names == {"step", "loss"}


def test_pairs_of_a_name_and_a_value_are_a_series_each() -> None:
    pairs, of_sets = [["auc", 0.9], ["logloss", 0.3]], [["valid_1", "auc", 0.5, True]]
    reading = read_lines([{"iteration": n, "evals": pairs, "sets": of_sets} for n in range(5)])
    assert reading.names == {"iteration", "evals/auc", "evals/logloss", "sets/valid_1/auc"}
    assert reading.values("evals/logloss") == [0.3] * 5


def test_of_pairs_of_a_position_and_a_value_the_last_counts() -> None:
    reading = read_lines(
        [{"step": n, "history": [[k, k / 2] for k in range(n + 1)]} for n in range(5)]
    )
    assert reading.series("history") == [(n, n / 2) for n in range(5)]


def test_other_lists_of_lists_are_no_metrics() -> None:
    lists = {"box": [[2, 1], [1, 2]], "said": [["a", "b"]], "ragged": [[1], [2, 3]], "none": [[]]}
    assert read_lines([{"step": n, **lists} for n in range(5)]).names == set()


def test_folds_are_told_apart() -> None:
    reading = read_lines(
        [{"fold": f, "epoch": n, "val_loss": n + f / 10} for f in range(3) for n in range(9)]
    )
    assert reading.names == {"epoch", "val_loss", "val_loss/fold=1", "val_loss/fold=2"}
    assert reading.series("val_loss/fold=2") == [(n, n + 0.2) for n in range(9)]
    assert reading.marks == []


def test_comet_names_its_metrics_in_camel_case() -> None:
    lines = [{"metricName": "loss", "metricValue": "0.5", "step": n, "offset": n} for n in range(5)]
    assert read_lines(lines).series("loss") == [(n, 0.5) for n in range(5)]


def test_clearml_has_a_variant_of_each_metric() -> None:
    lines = [
        {"metric": "loss", "variant": name, "iter": n, "value": n + at}
        for n in range(5)
        for at, name in enumerate(("train", "validation"))
    ]
    reading = read_lines(lines)
    assert reading.series("loss/train") == [(n, n) for n in range(5)]
    assert reading.series("loss/validation") == [(n, n + 1) for n in range(5)]


def test_what_is_named_a_step_and_is_none_keeps_its_chart() -> None:
    lines = [
        {"epoch_num": n, "rewards/step": n / 2, "info/epochs": n, "losses/a_loss": 0.5}
        for n in range(30)
    ]
    reading = read_lines(lines)
    assert reading.reader.axis.name == "epoch_num"
    assert "rewards/step" not in reading.reader.positions


def test_fluent_bit_leaves_the_stream_out_where_it_likes() -> None:
    lines = [
        {"date": 1.7e9 + n, "log": json.dumps({"step": n, "loss": 0.5}), "kubernetes": {"pod": "a"}}
        for n in range(5)
    ]
    reading = read_lines(lines)
    assert reading.series("loss") == [(n, 0.5) for n in range(5)]
    assert [row.wall for row in reading.rows] == [1.7e9 + n for n in range(5)]


def test_names_of_long_records_are_compared_as_all_names_are() -> None:
    lines = [
        {"MetricName": name, "Value": n / 2, "IterationNumber": n}
        for n in range(5)
        for name in ("loss", "acc")
    ]
    reading = read_lines(lines)
    assert reading.series("loss") == reading.series("acc") == [(n, n / 2) for n in range(5)]


def test_tasks_of_an_evaluation_are_told_apart() -> None:
    lines = [
        {"step": n, "task": name, "acc": n + at}
        for n in range(5)
        for at, name in enumerate(("mmlu", "arc"))
    ]
    reading = read_lines(lines)
    assert reading.series("acc") == [(n, n) for n in range(5)]
    assert reading.series("acc/task=arc") == [(n, n + 1) for n in range(5)]
