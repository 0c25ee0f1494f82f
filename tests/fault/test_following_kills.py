"""kill -9 of the training and of the viewer: nothing emitted is missed, and the state says why."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from viewing import Viewer, received, received_records, start_viewer

TRAINING = """
import sys
from karn import FileOutput
output = FileOutput(sys.argv[1], heartbeat_s=0.5)
for step in range(1_000_000):
    output.log({"loss": 1 / (step + 1)}, step=step)
    print(step, flush=True)
    if step >= int(sys.argv[2]):
        sys.stdin.read(1)
"""


@pytest.fixture
def train(tmp_path: Path) -> Iterator[Callable[[int], "subprocess.Popen[str]"]]:
    """Start a training that emits up to a step, and from there one more for each letter."""
    started: list[subprocess.Popen[str]] = []

    def start(pause_at: int) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            [sys.executable, "-c", TRAINING, str(tmp_path / "run.jsonl"), str(pause_at)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def emitted(process: "subprocess.Popen[str]") -> int:
    """The last step whose `log` returned before the process died."""
    assert process.stdout
    return max((int(line) for line in process.stdout if line.endswith("\n")), default=-1)


def logged(items: list[dict[str, Any]]) -> list[int]:
    records = [item["record"] for item in items if "record" in item]
    return [record["data"]["step"] for record in records if record.get("event_type") == "METRICS"]


@pytest.fixture
def viewer(tmp_path: Path) -> Iterator[Viewer]:
    """A viewer that waits for the run."""
    started = start_viewer(tmp_path / "run.jsonl")
    yield started
    started.close()


def test_a_killed_training_shows_every_event_and_is_lost_with_the_reason(
    train: Callable[[int], "subprocess.Popen[str]"],
    viewer: Viewer,
    eventually: Callable[..., None],
) -> None:
    process = train(1_000_000)
    eventually(lambda: viewer.run()["lines"] > 200)
    assert viewer.run()["state"] == "live"
    process.send_signal(signal.SIGKILL)
    last = emitted(process)
    process.wait()
    eventually(lambda: viewer.run()["state"] == "lost")
    run = viewer.run()
    assert "its process is gone without a last record" in run["reason"]
    steps = logged(viewer.events(run["id"]))
    assert steps == list(range(len(steps)))
    assert len(steps) - 1 >= last
    assert run["faults"] == 0


def test_a_killed_viewer_is_not_noticed_and_the_next_goes_on_without_gap_or_repetition(
    train: Callable[[int], "subprocess.Popen[str]"], viewer: Viewer, tmp_path: Path
) -> None:
    process = train(50)
    with viewer.connected(wants=["events"]) as socket:
        seen = received_records(socket, 52)  # 51 steps and the frame's first record
        id = viewer.run()["id"]
        cursor = viewer.run()["cursor"]
    os.kill(viewer.process.pid, signal.SIGKILL)
    assert process.stdin
    process.stdin.write("x" * 30)
    process.stdin.flush()
    again = start_viewer(tmp_path / "run.jsonl")
    try:
        with again.connected(cursors={id: cursor}, wants=["events"]) as socket:
            assert received(socket, "snapshot")["reset"] is False
            while len(logged(seen)) < 81:
                seen += received(socket, "append")["records"]
        assert logged(seen) == list(range(81))
        assert process.poll() is None
    finally:
        again.close()
