"""However a training ends, what `emit` returned from is in the file."""

import signal
from pathlib import Path

import pytest
from writing import died_of, records, run_python, steps, types

LINES = 100

EMIT = """
import atexit, ctypes, os, signal, sys
from karn import FileOutput
run = FileOutput(sys.argv[1], heartbeat_s=0.005, fsync_s=0.005)
for step in range(int(sys.argv[2])):
    run.log({"loss": 1 / (step + 1)}, step=step)
"""

ABRUPT = {
    "os._exit": ("os._exit(3)", 3),
    "kill -9": ("os.kill(os.getpid(), signal.SIGKILL)", signal.SIGKILL),
    "SIGTERM": ("os.kill(os.getpid(), signal.SIGTERM)", signal.SIGTERM),
    "SIGHUP": ("os.kill(os.getpid(), signal.SIGHUP)", signal.SIGHUP),
    "SIGSEGV": ("ctypes.string_at(0)", signal.SIGSEGV),
    "SIGABRT": ("os.abort()", signal.SIGABRT),
}

ORDERLY = {
    "the last line": ("", "finished", None),
    "sys.exit(0)": ("sys.exit(0)", "finished", None),
    "an exception": ("raise ValueError('diverged')", "failed", "ValueError"),
    "SIGINT": ("os.kill(os.getpid(), signal.SIGINT)", "failed", "KeyboardInterrupt"),
    "an exit function that emits": (
        "atexit.register(lambda: run.log({'late': 1}, step=100))",
        "finished",
        None,
    ),
}


@pytest.mark.parametrize("end", ABRUPT)
def test_an_abrupt_end_loses_no_line_and_leaves_the_run_open(end: str, tmp_path: Path) -> None:
    code, expected = ABRUPT[end]
    path = tmp_path / "run.jsonl"
    done = run_python(EMIT + code, path, LINES)
    assert died_of(done) == expected, done.stderr
    assert steps(records(path)) == list(range(LINES))
    assert "RUN_CLOSED" not in types(records(path))
    assert path.read_bytes().endswith(b"\n")


@pytest.mark.parametrize("end", ORDERLY)
def test_an_orderly_end_closes_the_run_and_says_how(end: str, tmp_path: Path) -> None:
    code, status, error = ORDERLY[end]
    path = tmp_path / "run.jsonl"
    done = run_python(EMIT + code, path, LINES)
    found = records(path)
    assert steps(found)[:LINES] == list(range(LINES)), done.stderr
    closed = found[-1]
    assert closed["event_type"] == "RUN_CLOSED"
    assert closed["data"]["status"] == status
    assert (closed["data"]["error"] or {}).get("type") == error


def test_a_resume_after_a_torn_end_loses_only_the_torn_line(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    quiet = EMIT.replace("heartbeat_s=0.005", "heartbeat_s=0")
    run_python(quiet + "os._exit(1)", path, 3)
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size - 10)
    run_python(quiet, path, 2)
    lines = [line for line in path.read_bytes().split(b"\n") if line]
    assert not lines[3].endswith(b"}")
    path.write_bytes(b"\n".join(lines[:3] + lines[4:]) + b"\n")
    found = records(path)
    assert steps(found) == [0, 1, 0, 1]
    assert found[3]["data"]["resumed"] is True
