import errno
import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from karn_view.decoding import ahead as reading_ahead
from karn_view.decoding.ahead import Item, Reading
from karn_view.decoding.decoders import AT_A_TIME, Decoder, Decoders
from karn_view.describe import describe
from karn_view.formats.ahead import Block
from karn_view.formats.reader import Reader
from karn_view.run import Run
from karn_view.tail import Committed, Limits, Tail

LIMITS = Limits(block_bytes=32 << 10)


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every file is worth other processes, which are waited for until they have begun."""
    monkeypatch.setattr(reading_ahead, "WORTH_BYTES", 0)
    answers = Decoder._answers

    def answers_in_time(self: Decoder) -> bool:
        return answers(self) or (self._channel.poll(20) and answers(self))

    monkeypatch.setattr(Decoder, "_answers", answers_in_time)


def flat(n: int) -> dict[str, Any]:
    return {"step": n, "time": 1.7e9 + n, "loss": 1 / (n + 1), "acc": n / 7}


def mixed(n: int) -> dict[str, Any]:
    if n % 10 == 9:
        return {"type": "eval", "step": n, "eval": {"loss": 0.5, "acc": n / 3}}
    if n % 97 == 5:
        return {"event": "checkpoint saved", "level": "warning", "path": f"{n}.pt"}
    late = {"late": 2 * n} if n > 4_000 else {}
    return {"type": "train", "step": n % 5_000, "loss": float("nan") if n == 77 else 1.5, **late}


def events(n: int) -> dict[str, Any]:
    return {
        "event_id": f"{n:032x}",
        "event_type": "EPOCH_COMPLETED",
        "timestamp": "2026-11-23T22:57:00.859028+00:00",
        "seed_id": None,
        "slot_id": None,
        "epoch": n + 1,
        "group_id": "default",
        "message": "",
        "data": {"env_id": 0, "val_loss": 2.3, "val_accuracy": n / 100},
        "severity": "info",
    }


def in_turns(n: int) -> dict[str, Any]:
    return {"run_id": "ab"[n // 50 % 2], "step": n, "loss": n / 3}


def write(path: Path, kind: Any, lines: int = 8_000) -> None:
    with path.open("w") as file:
        for n in range(lines):
            file.write(json.dumps(kind(n)) + "\n")
            if n % 501 == 0:
                file.write('{"torn": \n\nEpoch 3\n')


def read(path: Path) -> Run:
    run = Run("id", "name", path, Tail(path, limits=LIMITS))
    for _ in run.advance():
        pass
    return run


def known(run: Run) -> dict[str, Any]:
    """Everything that is known of a run, but for when it was asked."""
    store = run.current.store
    passing = {"revision", "reason", "state"}
    columns = (store.offsets, store.walls, store.x, store.types, store.severities)
    return {
        "columns": [np.nan_to_num(column.view, nan=-1.5).tolist() for column in columns],
        "series": {
            name: (series.rows.tolist(), np.nan_to_num(series.values, nan=-1.5).tolist())
            for name, series in store.series.items()
        },
        "types": store.type_names,
        "marks": store.marks,
        "faults": [row.offset for row in store.faults],
        "dashboard": run.current.dashboard.dashboard(),
        "info": {name: value for name, value in describe(run).items() if name not in passing},
    }


@pytest.mark.usefixtures("patient")
@pytest.mark.parametrize("kind", [flat, mixed, events, in_turns])
def test_several_processes_read_what_one_does(
    tmp_path: Path, kind: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, taken = tmp_path / "run.jsonl", 0
    write(path, kind)
    result = Decoders.result

    def counted(self: Decoders, ticket: Any) -> Any:
        nonlocal taken
        found = result(self, ticket)
        taken += found is not None
        return found

    monkeypatch.setattr(Decoders, "result", counted)
    together = read(path)
    assert taken > 3 or kind is events  # whose lines are looked at one by one
    monkeypatch.setattr(reading_ahead, "WORTH_BYTES", 1 << 60)
    alone = read(path)
    assert known(together) == known(alone)
    together.close()
    alone.close()


@pytest.mark.usefixtures("patient")
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP])
def test_a_process_that_fails_costs_nothing_and_is_told_of_once(
    tmp_path: Path,
    how: signal.Signals,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    path = tmp_path / "run.jsonl"
    write(path, flat)
    monkeypatch.setattr("karn_view.decoding.decoders.ANSWER_S", 0.5)
    run = Run("id", "name", path, Tail(path, limits=LIMITS))
    struck = False
    submit = Decoder.submit

    def submit_and_strike(self: Decoder, *given: Any) -> Any:
        nonlocal struck
        ticket = submit(self, *given)
        if ticket and self._process and not struck:
            struck = True
            os.kill(self._process, how)
        return ticket

    monkeypatch.setattr(Decoder, "submit", submit_and_strike)
    for _ in run.advance():
        pass
    assert struck
    monkeypatch.setattr(reading_ahead, "WORTH_BYTES", 1 << 60)
    alone = read(path)
    assert known(run) == known(alone)
    assert [record.message for record in caplog.records if "one process" in record.message]
    assert len(caplog.records) == 1
    run.close()
    alone.close()


@pytest.mark.usefixtures("patient")
def test_where_no_process_is_granted_one_reads_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "run.jsonl"
    write(path, flat)
    monkeypatch.setattr("karn_view.forerunners.sys.executable", "/nowhere/python")
    run = read(path)
    assert len(run.current.store.series["loss"]) == 8_000
    assert len(caplog.records) == 1
    run.close()


@pytest.mark.usefixtures("patient")
def test_where_there_is_no_room_for_columns_one_reads_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    path = tmp_path / "run.jsonl"
    write(path, flat)
    monkeypatch.setattr(os, "posix_fallocate", refuse)
    run = read(path)
    assert len(run.current.store.series["loss"]) == 8_000
    assert [record.message for record in caplog.records if "No space left" in record.message]
    run.close()


@pytest.mark.usefixtures("patient")
def test_no_process_takes_modules_from_where_the_viewer_was_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    path, ran = tmp_path / "run.jsonl", tmp_path / "ran"
    write(path, flat)
    (tmp_path / "msgspec.py").write_text(f"open({str(ran)!r}, 'w').close()\n")
    monkeypatch.chdir(tmp_path)
    read(path).close()
    assert not ran.exists()
    assert caplog.messages == []


def test_few_readings_have_processes_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    held = [Decoders.begin() for _ in range(AT_A_TIME)]
    try:
        assert all(held)
        assert Decoders.begin() is None
    finally:
        for each in held:
            assert each
            each.close()
            each.close()
    monkeypatch.setattr("karn_view.forerunners.sys.executable", "/nowhere/python")
    for _ in range(2 * AT_A_TIME):
        assert Decoders.begin()  # which gave up, and holds up nobody


@pytest.mark.usefixtures("patient")
def test_what_was_committed_before_a_failure_comes_before_it(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    write(path, flat)
    tail, reader = Tail(path, limits=LIMITS), Reader()
    ends, taken = [0], 0

    def failing() -> Iterator[Item]:
        yield from tail.poll()
        raise PermissionError(13, "Permission denied")

    def take_all() -> None:
        nonlocal taken
        poll = failing()
        for item, ahead in Reading(lambda: next(poll, None), lambda: reader, lambda: tail.size):
            if isinstance(item, Committed):
                reader.take_over(Block(item.offset, item.data), ahead)
                assert item.offset == ends[-1]
                ends.append(item.offset + len(item.data))
                taken += ahead is not None

    with pytest.raises(PermissionError):
        take_all()
    assert ends[-1] == path.stat().st_size and taken > 3
    assert reader.counts.lines == 8_000 + 3 * 16
    tail.close()
