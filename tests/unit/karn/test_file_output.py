import copy
import os
import pickle
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from writing import Record, readable, records, steps, types

from karn import FileOutput, OutputBackend, TelemetryEvent, TelemetryEventType, file_output
from karn.line_file import LineFile

Wait = Callable[..., None]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "runs" / "run.jsonl"


def test_a_run_is_framed_by_its_opening_and_its_close(path: Path) -> None:
    with FileOutput(path, config={"lr": 0.1}, heartbeat_s=5) as run:
        run.emit(TelemetryEvent(TelemetryEventType.SEED_PRUNED))
        assert path.read_bytes().endswith(b',"seq":1}\n')  # not only at the close
    opened, _, closed = found = records(path)
    assert types(found) == ["RUN_OPENED", "SEED_PRUNED", "RUN_CLOSED"]
    assert [record["seq"] for record in found] == [0, 1, 2]
    assert opened["data"]["run_id"] == closed["data"]["run_id"] == run.run_id
    assert opened["data"]["config"] == {"lr": 0.1}
    assert (opened["data"]["pid"], opened["data"]["heartbeat_s"]) == (os.getpid(), 5)
    assert (opened["data"]["schema_version"], opened["data"]["resumed"]) == (1, False)
    assert (closed["data"]["status"], closed["data"]["error"]) == ("finished", None)
    assert (closed["data"]["events"], closed["data"]["dropped"]) == (1, 0)


def test_metrics_need_no_event_model(path: Path) -> None:
    with FileOutput(path) as run:
        run.log({"loss": 0.5}, step=3)
        run.log({"loss": 0.25}, step=4, lr=0.1)
        run.log(0.125)
    assert [record["data"] for record in records(path)[1:4]] == [
        {"step": 3, "metrics": {"loss": 0.5}},
        {"step": 4, "metrics": {"loss": 0.25, "lr": 0.1}},
        {"step": None, "metrics": {"value": 0.125}},
    ]


def test_a_plain_mapping_is_written_as_given(path: Path) -> None:
    with FileOutput(path) as run:
        run.emit({"loss": 0.5, "timestamp": "then"})
        run.emit({"loss": 0.25, "timestamp": "later", "seq": 99})
    assert records(path)[1:3] == [
        {"loss": 0.5, "timestamp": "then", "seq": 1},
        {"loss": 0.25, "timestamp": "later", "seq": 99},
    ]


@pytest.mark.parametrize("odd", [None, 5, "text", object(), [1, 2], TelemetryEvent])
def test_emit_never_raises_and_leaves_a_trace_of_what_it_got(path: Path, odd: Any) -> None:
    with FileOutput(path) as run:
        run.emit(odd)
    assert "unencodable" in records(path)[1]


def test_an_event_may_be_changed_after_it_was_emitted(path: Path) -> None:
    data = {"loss": 1.0}
    with FileOutput(path) as run:
        run.emit(TelemetryEvent("A", data=data))
        data["loss"] = 2.0
    assert records(path)[1]["data"] == {"loss": 1.0}


def test_an_exception_that_leaves_the_block_fails_the_run(path: Path) -> None:
    with pytest.raises(ValueError, match="diverged"), FileOutput(path):
        raise ValueError("diverged")
    closed = records(path)[-1]["data"]
    assert (closed["status"], closed["error"]["type"]) == ("failed", "ValueError")
    assert closed["error"]["message"] == "diverged"
    assert "test_file_output.py" in closed["error"]["traceback"]


@pytest.mark.parametrize(("code", "status"), [(0, "finished"), (None, "finished"), (3, "failed")])
def test_leaving_by_exit_is_judged_by_the_exit_code(
    path: Path, code: int | None, status: str
) -> None:
    with pytest.raises(SystemExit), FileOutput(path):
        sys.exit(code)
    assert records(path)[-1]["data"]["status"] == status


def test_a_run_can_be_closed_as_failed_by_hand(path: Path) -> None:
    FileOutput(path).close(error="preempted")
    assert records(path)[-1]["data"]["error"]["message"] == "preempted"


def test_closing_twice_is_closing_once_and_later_events_are_counted(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = FileOutput(path)
    run.close()
    run.close("again")
    run.log({"loss": 1})
    run.log({"loss": 1})
    assert types(records(path)) == ["RUN_OPENED", "RUN_CLOSED"]
    assert run.dropped == 2
    assert capsys.readouterr().err.count("after close()") == 1


def test_a_resumed_run_is_appended_with_an_opening_of_its_own(path: Path) -> None:
    for step in (1, 2):
        with FileOutput(path) as run:
            run.log({"loss": 1.0}, step=step)
    found = records(path)
    assert types(found) == ["RUN_OPENED", "METRICS", "RUN_CLOSED"] * 2
    assert [found[0]["data"]["resumed"], found[3]["data"]["resumed"]] == [False, True]
    assert found[0]["data"]["run_id"] != found[3]["data"]["run_id"]


def test_a_path_in_use_is_left_alone_and_a_file_beside_it_is_written(path: Path) -> None:
    with FileOutput(path) as first, FileOutput(path) as second:
        first.log({"loss": 1.0}, step=1)
        second.log({"loss": 2.0}, step=2)
    assert second.path == path.with_name(f"run.{os.getpid()}.jsonl")
    assert (steps(records(path)), steps(records(second.path))) == ([1], [2])
    assert records(second.path)[0]["data"]["asked_for"] == "run.jsonl"


def test_a_wrong_path_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(NotADirectoryError):
        FileOutput(tmp_path / "file" / "run.jsonl")
    with pytest.raises(IsADirectoryError):
        FileOutput(tmp_path)


def test_threads_get_whole_lines_and_seqs_without_gap_or_double(path: Path) -> None:
    with FileOutput(path) as run:

        def emit_many() -> None:
            for step in range(200):
                run.log({"loss": 1.0}, step=step)

        threads = [threading.Thread(target=emit_many) for _ in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    found = records(path)
    assert [record["seq"] for record in found] == list(range(16 * 200 + 2))
    assert sorted(steps(found)) == sorted(list(range(200)) * 16)


def test_a_quiet_run_writes_heartbeats(path: Path, eventually: Wait) -> None:
    with FileOutput(path, heartbeat_s=0.02) as run:
        eventually(lambda: types(records(path)).count("HEARTBEAT") >= 2)
        beat = records(path)[1]["data"]
    assert (beat["run_id"], beat["pid"], beat["dropped"]) == (run.run_id, os.getpid(), 0)
    assert beat["uptime_s"] > 0


def test_a_run_without_heartbeats_or_syncs_needs_no_thread(path: Path) -> None:
    before = threading.active_count()
    with FileOutput(path, heartbeat_s=0):
        assert threading.active_count() == before


def test_closing_ends_the_thread_and_the_descriptor(path: Path) -> None:
    threads, descriptors = threading.active_count(), len(os.listdir("/proc/self/fd"))
    for _ in range(5):
        with FileOutput(path, heartbeat_s=0.01, fsync_s=0.01):
            pass
    assert threading.active_count() == threads
    assert len(os.listdir("/proc/self/fd")) == descriptors


def test_syncing_is_off_the_training_thread(
    path: Path, monkeypatch: pytest.MonkeyPatch, eventually: Wait
) -> None:
    by: list[str] = []
    monkeypatch.setattr(os, "fsync", lambda fd: by.append(threading.current_thread().name))
    with FileOutput(path, fsync_s=0.01):
        eventually(lambda: len(by) >= 2)
        assert set(by) == {"karn-pulse"}


def test_a_file_on_a_mount_is_synced_unasked(
    path: Path, monkeypatch: pytest.MonkeyPatch, eventually: Wait
) -> None:
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", synced.append)
    monkeypatch.setattr(file_output, "is_remote", lambda device: True)
    monkeypatch.setattr(file_output, "_REMOTE_FSYNC_S", 0.01)
    with FileOutput(path):
        eventually(lambda: synced)


def test_a_failed_sync_puts_every_line_since_the_last_good_one_in_doubt(
    path: Path, monkeypatch: pytest.MonkeyPatch, eventually: Wait
) -> None:
    def fail(descriptor: int) -> None:
        raise OSError(5, "Input/output error")

    with FileOutput(path, fsync_s=0.01, heartbeat_s=0) as run:
        run.log({"loss": 1.0}, step=1)
        monkeypatch.setattr(os, "fsync", fail)
        eventually(lambda: "EVENTS_DROPPED" in types(records(path)))
        monkeypatch.undo()
    gap = next(r["data"] for r in records(path) if r["event_type"] == "EVENTS_DROPPED")
    assert gap["errno"] == 5
    assert "may be missing" in gap["reason"]
    assert steps(records(path)) == [1]


def test_what_failed_syncs_put_in_doubt_is_said_again_until_one_is_good(
    path: Path, monkeypatch: pytest.MonkeyPatch, eventually: Wait
) -> None:
    """Each may have lost what was written, and with it the word of the loss before."""

    def lose(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    def gaps() -> list[Record]:
        found = [r["data"] for r in records(path) if r["event_type"] == "EVENTS_DROPPED"]
        return [gap for gap in found if gap["errno"] == 28]

    with FileOutput(path, fsync_s=0.01, heartbeat_s=0) as run:
        monkeypatch.setattr(os, "fsync", lose)
        eventually(lambda: len(gaps()) >= 2)
        monkeypatch.undo()
    assert [gap["first_seq"] for gap in gaps()] == [gaps()[0]["first_seq"]] * len(gaps())
    assert run.dropped == gaps()[-1]["count"]


def test_a_line_after_a_failed_sync_is_not_glued_to_what_is_left(
    path: Path, monkeypatch: pytest.MonkeyPatch, eventually: Wait
) -> None:
    def cut_off(descriptor: int) -> None:
        os.truncate(path, path.stat().st_size - 5)  # as an NFS client does when the server is full
        monkeypatch.undo()
        raise OSError(28, "No space left on device")

    with FileOutput(path, fsync_s=0.01, heartbeat_s=0) as run:
        run.log({"loss": 1.0}, step=1)
        monkeypatch.setattr(os, "fsync", cut_off)
        eventually(lambda: b"EVENTS_DROPPED" in path.read_bytes())
    found, broken = readable(path)
    assert types(found)[-2:] == ["EVENTS_DROPPED", "RUN_CLOSED"]
    assert len(broken) == 1


def test_a_deleted_file_is_begun_anew_and_says_what_it_lacks(
    path: Path, eventually: Wait, capsys: pytest.CaptureFixture[str]
) -> None:
    with FileOutput(path, heartbeat_s=0.02) as run:
        run.log({"loss": 1.0}, step=1)
        path.unlink()
        path.parent.rmdir()
        eventually(lambda: path.exists() and len(records(path)) >= 2)
        run.log({"loss": 2.0}, step=2)
    found = records(path)
    assert types(found)[:2] == ["RUN_OPENED", "EVENTS_DROPPED"]
    assert found[0]["data"]["run_id"] == run.run_id
    assert found[1]["data"]["reason"] == "the run file was deleted"
    assert found[1]["data"]["ranges"][0][0] == 0
    assert steps(found) == [2]
    assert capsys.readouterr().err.count("was deleted") == 1


def test_a_stale_descriptor_is_opened_again(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = LineFile.append
    fail = [True]

    def append(file: LineFile, line: bytes) -> None:
        if fail:
            fail.pop()
            raise OSError(116, "Stale file handle")
        real(file, line)

    with FileOutput(path, heartbeat_s=0) as run:
        monkeypatch.setattr(LineFile, "append", append)
        run.log({"loss": 1.0}, step=1)
    found = records(path)
    assert types(found) == ["RUN_OPENED", "RUN_OPENED", "EVENTS_DROPPED", "RUN_CLOSED"]
    assert found[2]["data"]["ranges"] == [[1, 1]]
    assert (found[2]["data"]["reason"], found[2]["data"]["errno"]) == ("Stale file handle", 116)


def test_an_output_is_sent_to_another_process_as_an_order_for_a_file_of_its_own(
    path: Path,
) -> None:
    with FileOutput(path, config={"lr": 0.1}) as run:
        there = pickle.loads(pickle.dumps(run))
        idle = copy.copy(run)
        there.log({"loss": 1.0}, step=1)
        there.close()
        idle.close()
    assert there.path != path
    assert records(there.path)[0]["data"]["parent_run_id"] == run.run_id
    assert records(there.path)[0]["data"]["config"] == {"lr": 0.1}
    assert len(list(path.parent.iterdir())) == 2  # who never emits has no file


def test_a_signals_handler_may_emit_in_the_middle_of_an_emit(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = LineFile.append

    def append(file: LineFile, line: bytes) -> None:
        if b'"step":1,' in line:
            run.log({"loss": 2.0}, step=2)
        real(file, line)

    with FileOutput(path) as run:
        monkeypatch.setattr(LineFile, "append", append)
        run.log({"loss": 1.0}, step=1)
    assert sorted(record["seq"] for record in records(path)) == [0, 1, 2, 3]
    assert sorted(steps(records(path))) == [1, 2]


def test_it_is_an_output_for_a_hub(path: Path) -> None:
    with FileOutput(path) as run:
        run.start()
        assert isinstance(run, OutputBackend)
