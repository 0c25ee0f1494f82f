import gzip
import json
import os
import random
from pathlib import Path

import numpy as np
import pytest
from karn_view import run as runs
from karn_view.describe import curve, describe, metrics
from karn_view.errors import UnknownMetric
from karn_view.run import Run
from karn_view.tail import Limits, Tail

LINES = 20_000
CLAUSES = Path(__file__).parents[3] / "sample_runs" / "clauses"


@pytest.fixture(autouse=True)
def _small_files_are_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "SKETCHED_BYTES", 1 << 20)


def write(path: Path, *, stepped: bool = True, first: int = 0, lines: int = LINES) -> None:
    with path.open("a") as file:
        for n in range(first, first + lines):
            step = {"step": n} if stepped else {}
            file.write(json.dumps({**step, "loss": 1 / (n + 1), "note": "x" * 40}) + "\n")


def opened(path: Path) -> Run:
    return Run("id", "name", path, Tail(path, limits=Limits(block_bytes=64 << 10)))


def read_all(run: Run) -> None:
    for _ in run.advance():
        pass


def test_the_whole_length_is_there_before_the_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    write(path)
    run = opened(path)
    reading = run.advance()
    next(reading)
    shown = curve(run, "loss", points=200)
    assert (shown["approximate"], shown["exact"], describe(run)["approximate"]) == (
        True,
        False,
        True,
    )
    assert run.current.end < path.stat().st_size / 10
    assert 100 < len(shown["curve"].x) <= 200
    assert shown["curve"].x[-1] == LINES - 1
    assert np.diff(shown["curve"].x).max() < LINES / 50
    for x, y in zip(shown["curve"].x, shown["curve"].y, strict=True):
        assert y == 1 / (x + 1)
    run.close()


def test_what_is_read_is_exact_and_in_the_end_all_of_it_is(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    write(path)
    run = opened(path)
    revision = -1
    for _ in run.advance():
        if run.current.sketch is not None:
            revision = run.current.store.revision
            shown, rows = curve(run, "loss", points=10**6)["curve"], len(run.current.store)
            assert shown.x[:rows].tolist() == [*range(rows)]
            assert (np.diff(shown.x) > 0).all() and shown.x[-1] == LINES - 1
    shown = curve(run, "loss", points=10**6)
    assert shown["exact"] and not shown["approximate"] and not describe(run)["approximate"]
    assert shown["curve"].x.tolist() == [*range(LINES)]
    assert run.current.store.revision > revision, "who has samples is told to ask again"
    run.close()


def test_offsets_of_samples_lead_to_their_lines(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    write(path)
    run = opened(path)
    next(run.advance())
    shown, data = curve(run, "loss", points=100), path.read_bytes()
    for x, offset in zip(shown["curve"].x, shown["offsets"].tolist(), strict=True):
        assert json.loads(data[offset : data.index(b"\n", offset)])["step"] == x
    run.close()


def test_lines_without_a_step_stand_about_where_they_will_be(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    write(path, stepped=False)
    run = opened(path)
    next(run.advance())
    shown = curve(run, "loss", points=100)["curve"]
    assert shown.x[-1] == pytest.approx(LINES, rel=0.02)
    for x, y in zip(shown.x[10:], shown.y[10:], strict=True):
        assert 1 / y == pytest.approx(x, rel=0.05)
    [loss] = metrics(run)
    assert loss["last_step"] == pytest.approx(LINES, rel=0.05)
    run.close()


def test_metrics_of_which_nothing_was_read_yet_are_known(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    write(path)
    with path.open("a") as file:
        for n in range(LINES, LINES + 2_000):
            file.write(json.dumps({"step": n, "late": 0.5 * n, "loss": 0.25}) + "\n")
    run = opened(path)
    reading = run.advance()
    next(reading)
    found = {metric["name"]: metric for metric in metrics(run)}
    assert (found["late"]["points"], found["late"]["last_step"]) == (0, LINES + 1_999)
    assert (found["loss"]["last"], found["loss"]["max"]) == (0.25, 1.0)
    assert len(curve(run, "late")["curve"].x) > 10
    assert len(curve(run, "loss", axis="by:late")["curve"].x) > 10
    with pytest.raises(UnknownMetric):
        curve(run, "never")
    assert [*reading]
    found = {metric["name"]: metric for metric in metrics(run)}
    assert (found["loss"]["points"], found["late"]["points"]) == (LINES + 2_000, 2_000)
    run.close()


def test_a_line_that_is_written_while_the_file_is_read_is_seen_at_once(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    write(path)
    run = opened(path)
    reading = run.advance()
    next(reading)
    revision = run.current.store.revision
    write(path, first=LINES, lines=1)
    next(reading)
    assert curve(run, "loss")["curve"].x[-1] == LINES
    assert run.current.store.revision > revision
    assert run.current.end < path.stat().st_size / 2
    assert [*reading] and curve(run, "loss", points=10**6)["curve"].x.tolist() == [
        *range(LINES + 1)
    ]
    run.close()


def test_a_small_file_is_read_without_samples(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    write(path, lines=100)
    run = opened(path)
    next(run.advance())
    assert run.current.sketch is None
    run.close()


def test_a_document_over_many_lines_is_not_sampled(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    entries = [{"step": n, "loss": 1 / (n + 1)} for n in range(LINES)]
    path.write_text(json.dumps(entries, indent=1))
    run = opened(path)
    read_all(run)
    assert run.current.sketch is None
    run.close()


def test_another_large_file_at_the_path_gets_samples_of_its_own(tmp_path: Path) -> None:
    path, other = tmp_path / "run.jsonl", tmp_path / "other.jsonl"
    write(path)
    run = opened(path)
    read_all(run)
    write(other, first=7)
    other.rename(path)
    reading = run.advance()
    next(reading)
    assert run.current.sketch is not None
    assert curve(run, "loss")["curve"].x[-1] == LINES + 6
    run.close()


def timed(n: int, wall: float) -> str:
    return json.dumps({"step": n, "time": wall, "loss": 0.5, "note": "x" * 40}) + "\n"


def test_how_long_a_file_is_silent_is_told_by_its_end_while_it_is_read(tmp_path: Path) -> None:
    path, now = tmp_path / "run.jsonl", 1_760_000_000.0
    path.write_text("".join(timed(n, now - (LINES - n)) for n in range(LINES)))
    run = Run(
        "id", "name", path, Tail(path, limits=Limits(block_bytes=64 << 10)), clock=lambda: now
    )
    reading = run.advance()
    next(reading)
    told = describe(run)
    assert (told["approximate"], told["state"]) == (True, "live")
    assert told["last_record_at"] == told["arrived_at"] == now - 1
    now += 3600
    next(reading)
    next(reading)
    told = describe(run)
    assert (told["approximate"], told["state"]) == (True, "quiet")
    assert told["reason"].startswith("no line for 1 h;")
    with path.open("a") as file:
        file.write(timed(LINES, now))
    next(reading)
    next(reading)
    told = describe(run)
    assert (told["approximate"], told["state"], told["arrived_at"]) == (True, "live", now)
    assert told["last_record_at"] == now
    run.close()


def test_lines_without_a_clock_came_when_they_were_seen_also_if_read_later(tmp_path: Path) -> None:
    path, now = tmp_path / "run.jsonl", 1_760_000_000.0
    write(path)
    os.utime(path, (now - 60, now - 60))
    run = Run(
        "id", "name", path, Tail(path, limits=Limits(block_bytes=64 << 10)), clock=lambda: now
    )
    reading = run.advance()
    next(reading)
    assert describe(run)["arrived_at"] == now - 60
    write(path, first=LINES, lines=1)
    next(reading)
    assert describe(run)["arrived_at"] == now
    assert [*reading]
    assert not describe(run)["approximate"] and describe(run)["arrived_at"] == now
    run.close()


def test_a_finished_run_is_finished_before_it_is_read(tmp_path: Path) -> None:
    path, clause = tmp_path / "run.jsonl", CLAUSES / "run-finished.jsonl"
    opened_, *events, closed = clause.read_text().splitlines(keepends=True)
    path.write_text(opened_ + "".join(events) * 3_000 + closed)
    run = opened(path)
    reading = run.advance()
    next(reading)
    told = describe(run)
    assert (told["approximate"], told["state"]) == (True, "finished")
    assert told["run_id"] == json.loads(opened_)["data"]["run_id"]
    with path.open("a") as file:
        file.write(events[-1])
    next(reading)
    next(reading)
    assert describe(run)["approximate"] and describe(run)["state"] != "finished"
    run.close()


def test_training_is_as_far_as_the_end_of_the_file_says(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    with path.open("w") as file:
        for n in range(LINES):
            line = {"step": n, "total_steps": 2 * LINES, "loss": 0.5, "note": "x" * 40}
            file.write(json.dumps(line) + "\n")
    run = opened(path)
    next(run.advance())
    progress = describe(run)["progress"]
    assert (progress["position"], progress["total"]) == (LINES - 1, 2 * LINES)
    assert progress["read_bytes"] < path.stat().st_size / 10
    run.close()


def test_how_far_reading_is_is_told_of_a_large_file_that_has_no_samples(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    with gzip.open(path, "wt") as file:
        file.writelines(timed(n, random.random()) for n in range(4 * LINES))
    run = opened(path)
    assert not describe(run)["reading"]
    reading = run.advance()
    for _ in range(20):
        next(reading)
    told = describe(run)
    assert (told["reading"], told["approximate"]) == (True, False)
    progress = told["progress"]
    assert told["offset"] == progress["read_bytes"] < progress["size_bytes"] / 2
    assert [*reading]
    told = describe(run)
    assert not told["reading"]
    assert told["size_bytes"] == told["progress"]["size_bytes"] == told["offset"]
    run.close()


def test_epochs_that_add_up_over_episodes_stand_about_where_they_will_be(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    epochs = [(epoch, env) for _ in range(900) for epoch in range(1, 13) for env in range(2)]
    with path.open("w") as file:
        for number, (epoch, env) in enumerate(epochs):
            data = {"env_id": env, "inner_epoch": epoch, "val_loss": number // 2}
            event = {"event_type": "EPOCH_COMPLETED", "epoch": epoch, "data": data, "seq": number}
            envelope = dict.fromkeys(("seed_id", "slot_id", "message"), "")
            file.write(json.dumps({**envelope, **event, "timestamp": number}) + "\n")
    run, name = opened(path), "val_loss/env1"
    for _ in run.advance():
        if run.current.sketch is None:
            continue
        [loss] = [metric for metric in metrics(run) if metric["name"] == name]
        assert loss["last_step"] == pytest.approx(len(epochs) / 2, rel=0.1)
        shown = curve(run, name, points=200)["curve"]
        assert len(shown.x) > 150
        assert (np.diff(shown.x) > 0).all() and (np.diff(shown.y) > 0).all()
        assert shown.x == pytest.approx(shown.y + 1, rel=0.1, abs=2)
        assert len(curve(run, name, axis="relative", points=200)["curve"].x) > 150
    assert run.current.sketch is None
    run.close()
