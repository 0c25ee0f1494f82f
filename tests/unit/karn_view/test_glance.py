import gzip
import json
import os
import socket
import time
from pathlib import Path
from typing import Any

import pytest
from karn_view.describe import describe
from karn_view.formats.rows import Overrides
from karn_view.glance import END_BYTES, END_BYTES_MOST, Glance, glance_at, unread
from karn_view.run import Run
from karn_view.tail import Tail

DAY_S = 86_400


def glance(path: Path) -> dict[str, Any]:
    return glance_at("id", "name", path, Overrides()).info()


def read_whole(path: Path) -> dict[str, Any]:
    run = Run("id", "name", path, Tail(path))
    for _ in run.advance():
        pass
    return describe(run)


def steps(count: int, start: int = 0) -> bytes:
    return b"".join(
        b'{"step": %d, "loss": %f, "time": %d}\n' % (n, 1 / (n + 1), 1_700_000_000 + n)
        for n in range(start, start + count)
    )


def test_a_short_run_is_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    path.write_bytes(steps(20))
    assert glance(path) == read_whole(path)


def test_of_a_long_run_the_ends_are_read_and_what_is_between_is_not_guessed(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    path.write_bytes(steps(10_000) + b'{"torn"')
    seen, whole = glance(path), read_whole(path)
    known = ["generation", "cursor", "offset", "size_bytes", "torn_bytes", "started_at", "format"]
    known += ["last_record_at", "key_metric", "state", "source"]
    assert {name: seen[name] for name in known} == {name: whole[name] for name in known}
    unknown = ["lines", "records", "faults", "metrics", "usual_gap_s", "rate_per_s"]
    assert {seen[name] for name in unknown} == {None}
    assert (seen["partial"], whole["partial"]) == (True, False)


def test_ends_with_a_long_line_are_looked_for_further(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    long = json.dumps({"step": 0, "note": "x" * 10 * END_BYTES}).encode() + b"\n"
    path.write_bytes(long + steps(500) + long)
    seen = glance(path)
    assert (seen["offset"], seen["torn_bytes"]) == (path.stat().st_size, 0)


def test_a_last_line_without_end_leaves_the_beginning(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    path.write_bytes(steps(100) + b"x" * 2 * END_BYTES_MOST)
    seen = glance(path)
    assert seen["started_at"] == 1_700_000_000
    assert 0 < seen["offset"] <= len(steps(100))


@pytest.mark.parametrize("data", [b"", b'{"torn"'])
def test_a_run_without_a_line_waits(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "run.jsonl"
    path.write_bytes(data)
    assert glance(path)["state"] == "waiting"


def test_a_compressed_run_is_glanced_at_without_inflating_it(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl.gz"
    path.write_bytes(gzip.compress(steps(100_000)))
    assert glance(path)["started_at"] == 1_700_000_000


def test_a_file_that_cannot_be_read_says_so(tmp_path: Path) -> None:
    assert "directory" in glance(tmp_path)["trouble"]
    assert glance(tmp_path / "missing")["absent"] is True


def test_a_silence_grows_after_the_glance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "run.jsonl"
    path.write_bytes(b'{"step": 1}\n')
    seen = glance_at("id", "name", path, Overrides())
    assert seen.info()["state"] == "live"
    later = time.time() + DAY_S
    monkeypatch.setattr(time, "time", lambda: later)
    assert seen.info()["state"] == "quiet"
    assert "no line for 24 h" in seen.info()["reason"]


def test_a_process_that_ended_after_the_glance_is_noticed(tmp_path: Path) -> None:
    child = os.spawnlp(os.P_NOWAIT, "sleep", "sleep", "100")
    started = int(Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()[19])
    data = {"host": socket.gethostname(), "pid": child, "process_started": started, "run_id": "r"}
    path = tmp_path / "run.jsonl"
    path.write_text(json.dumps({"event_type": "RUN_OPENED", "data": data, "event_id": "e"}) + "\n")
    seen = glance_at("id", "name", path, Overrides())
    assert seen.info()["reason"] == "its process lives"
    os.kill(child, 9)
    os.waitpid(child, 0)
    assert seen.info()["state"] == "lost"


def test_a_run_that_was_followed_is_remembered_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    path.write_bytes(steps(1_000))
    run = Run("id", "name", path, Tail(path))
    for _ in run.advance():
        pass
    assert Glance(run).info() == describe(run)


def test_a_run_that_nobody_read_has_everything_that_a_listing_shows(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    path.write_bytes(steps(1))
    stub = unread("id", "name", path, None)
    assert stub.keys() == read_whole(path).keys()
    assert (stub["state"], stub["reason"], stub["lines"]) == ("waiting", "not read yet", None)
