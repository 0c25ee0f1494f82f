"""One x for a file, by what its numbers do."""

import math

from reading import read_lines


def test_a_number_that_falls_often_is_no_axis() -> None:
    lines: list[dict[str, float]] = []
    for epoch in range(1, 6):
        lines += [
            {"step": epoch * 8 - 8 + n, "iter": epoch * 8 - 8 + n, "loss": 1} for n in range(8)
        ]
        lines.append({"step": epoch, "acc": 0.5})
    reading = read_lines(lines)
    assert reading.reader.axis.name == "iter"
    assert [c.name for c in reading.reader.axis.candidates] == ["step"]
    assert "falls" in reading.reader.axis.candidates[0].reason


def test_coverage_comes_before_class() -> None:
    lines = [{"epoch": n, "loss": 1.0, **({"step": n} if n % 4 == 0 else {})} for n in range(20)]
    assert read_lines(lines).reader.axis.name == "epoch"


def test_a_fractional_step_is_no_step() -> None:
    lines = [{"step": n / 3, "iter": n, "loss": 1.0} for n in range(9)]
    assert read_lines(lines).reader.axis.name == "iter"


def test_a_number_that_never_moves_is_no_axis() -> None:
    lines = [{"step": 0, "epoch": n, "loss": 1.0} for n in range(60)]
    assert read_lines(lines).reader.axis.name == "epoch"


def test_without_a_position_x_is_wall_time() -> None:
    reading = read_lines([{"loss": 1.0, "timestamp": 1.8e9 + n} for n in range(3)])
    assert reading.reader.axis.name == "wall"
    assert reading.x == [1.8e9, 1.8e9 + 1, 1.8e9 + 2]


def test_without_a_clock_either_x_is_the_line() -> None:
    reading = read_lines([{"loss": 1.0}, {"loss": 2.0}])
    assert (reading.reader.axis.name, reading.x) == ("line", [1, 2])
    assert "no clock" in reading.reader.axis.reason


def test_a_row_without_a_position_carries_the_last_one() -> None:
    reading = read_lines([{"step": 1, "loss": 1}, {"acc": 2}, {"step": 5, "loss": 1}, {"acc": 3}])
    assert reading.series("acc") == [(1, 2), (5, 3)]
    assert [row.own_x for row in reading.rows] == [True, False, True, False]


def test_before_the_first_position_x_is_unknown() -> None:
    reading = read_lines(["Loading", {"step": 4, "loss": 1.0}])
    assert math.isnan(reading.rows[0].x)


def test_the_user_may_choose_any_key() -> None:
    lines = [{"step": n, "tokens/seen": n * 512.5, "loss": 1.0} for n in range(4)]
    reading = read_lines(lines, x="tokens/seen")
    assert reading.x == [n * 512.5 for n in range(4)]
    assert "chosen by you" in reading.reader.axis.reason
    assert read_lines(lines, x="line").x == [1, 2, 3, 4]


def test_the_user_may_choose_the_clock() -> None:
    lines = [{"step": 1, "loss": 1.0, "timestamp": 1.8e9, "saved": 1.7e9}]
    assert read_lines(lines).rows[0].wall == 1.8e9
    assert read_lines(lines, time="saved").rows[0].wall == 1.7e9


def test_positions_are_points_so_that_a_page_can_offer_them() -> None:
    assert read_lines([{"step": 1, "epoch": 0.5, "loss": 1}]).names == {"step", "epoch", "loss"}


def test_names_that_count_in_one_file_and_measure_in_another_are_told_by_what_they_do() -> None:
    played = [{"episode": n, "steps": 20 + n % 3, "reward": 1.0} for n in range(30)]
    reading = read_lines(played)
    assert reading.reader.axis.name == "episode"
    assert reading.reader.positions == {"episode"}
    assert read_lines([{"tokens": 9 - n % 2, "loss": 1.0} for n in range(9)]).x[-1] == 9
    assert read_lines([{"env_step": n, "trial": n, "loss": 1.0} for n in range(9)]).own_x == [
        *range(9)
    ]


def test_a_revised_axis_moves_the_rows_before_it() -> None:
    lines = [{"step": 8 * n, "epoch": n, "loss": 1.0} for n in range(1, 4)]
    lines += [{"step": 9 - n, "epoch": n, "loss": 1.0} for n in range(4, 9)]
    assert read_lines(lines).x == [1, 2, 3, 4, 5, 6, 7, 8]


def test_a_count_without_a_known_name_is_the_axis_when_it_grows() -> None:
    lines: list[dict[str, object]] = [
        {"name": f"Train/Samples/{name}", "value": n / 2, "global_samples": n * 64}
        for n in range(1, 20)
        for name in ("train_loss", "lr")
    ]
    reading = read_lines(lines)
    assert reading.reader.axis.name == "global_samples"
    assert reading.series("Train/Samples/lr") == [(n * 64, n / 2) for n in range(1, 20)]


def test_a_count_of_batches_is_finer_than_the_epoch() -> None:
    def lines(first: int) -> list[dict[str, object]]:
        return [
            {
                "epoch": epoch,
                "batch_step": epoch * first + batch,
                "global_sample_step": 32 * (epoch * 12 + batch),
                "hparams": {"lr": 0.1},
                "loss": 1.0,
            }
            for epoch in range(1, 7)
            for batch in range(12)
        ]

    for first, axis in ((12, "batch_step"), (0, "epoch and batch_step")):
        reading = read_lines(lines(first))
        assert reading.reader.axis.name == axis
        assert len(set(reading.x)) == 72
        assert reading.reader.config == {"lr": 0.1}
        assert reading.names == {"epoch", "batch_step", "global_sample_step", "loss"}


def test_a_count_that_does_not_grow_is_measured() -> None:
    lines = [
        {"epoch": n, "warmup_steps": 100, "decoder_steps": 20 + n % 3, "loss": 1.0}
        for n in range(20)
    ]
    reading = read_lines(lines)
    assert reading.reader.axis.name == "epoch"
    assert reading.reader.axis.candidates == []
    assert reading.reader.positions == {"epoch"}
    assert reading.names == {"epoch", "warmup_steps", "decoder_steps", "loss"}


def test_a_plan_that_is_told_among_settings_is_no_place() -> None:
    settings = {"event": "config", "lr": 0.1, "warmup_steps": 100, "save_steps": 50}
    reading = read_lines([settings, {"step": 1, "loss": 0.5}])
    assert [row.kind for row in reading.rows] == ["config", "metric"]
    assert reading.reader.config["warmup_steps"] == 100
    assert reading.reader.axis.name == "step"


def test_a_record_of_two_splits_stands_where_its_first_one_does() -> None:
    lines = [
        {"train/global_step": n, "train/loss": 1.0, "eval/global_step": n // 5, "eval/acc": 0.5}
        for n in range(1, 30)
    ]
    assert read_lines(lines).x == list(range(1, 30))
