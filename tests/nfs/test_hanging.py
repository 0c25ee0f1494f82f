"""A server that is gone: its runs say so, others are answered for, and nothing is lost."""

import json
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from viewing import Viewer, received_records

from .conftest import EXPORT, VERSIONS, Eventually, Measured, Serve, mounted, unplugged

SOFT = ("soft", "timeo=5", "retrans=1")
HARD = ("hard",)
ANSWERED_WITHIN_S = 1.0
SAID_WITHIN_S = 60.0
BACK_WITHIN_S = 90.0
PF_EXITING = 0x4
"""In the flags of proc_pid_stat(5): the task is on its way out, and runs nothing any more."""


def append(path: Path, step: int) -> None:
    with path.open("a") as file:
        file.write(json.dumps({"step": step}) + "\n")


def steps(items: list[dict[str, Any]]) -> list[int]:
    return [item["record"]["step"] for item in items]


@dataclass
class Two:
    """A viewer of a run on a mount and of one on a local disk."""

    viewer: Viewer
    mounted: Path
    served: Path
    local: Path

    def run(self, path: Path) -> dict[str, Any]:
        runs = self.viewer.get("api/runs")["runs"]
        return next(run for run in runs if run["source"] == str(path))


@pytest.fixture(params=VERSIONS, ids=lambda version: f"v{version}")
def mount(request: pytest.FixtureRequest) -> Callable[..., Any]:
    return lambda *options: mounted(request.param, "here", "nolock", *options)


@pytest.fixture(params=[SOFT, HARD], ids=["soft", "hard"])
def two(
    request: pytest.FixtureRequest, mount: Callable[..., Any], serve: Serve, tmp_path: Path
) -> Iterator[Two]:
    served = Path(tempfile.mkdtemp(dir=EXPORT)) / "run.jsonl"
    local = tmp_path / "local.jsonl"
    append(served, 0)
    append(local, 0)
    with mount(*request.param) as point:
        there = point / served.parent.name / served.name
        yield Two(serve(there, local), there, served, local)


def test_a_server_that_is_gone_holds_up_no_other_run(
    two: Two, eventually: Eventually, measured: Measured, request: pytest.FixtureRequest
) -> None:
    viewer, local = two.viewer, two.run(two.local)["id"]
    eventually(lambda: two.run(two.mounted)["lines"] == 1)
    longest_s = 0.0

    def timed(ask: Callable[[], Any]) -> Any:
        nonlocal longest_s
        begin = time.monotonic()
        answer = ask()
        longest_s = max(longest_s, time.monotonic() - begin)
        return answer

    def says_so() -> bool:
        run = timed(lambda: two.run(two.mounted))
        return bool(run["hang"] or run["trouble"])

    with viewer.connected(wants=["events"]) as socket:
        assert steps(received_records(socket, 2)) == [0, 0]
        with unplugged("here"):
            eventually(says_so, within_s=SAID_WITHIN_S)
            said = two.run(two.mounted)
            for step in range(1, 6):
                append(two.local, step)
                assert steps(timed(lambda: received_records(socket, 1))) == [step]
                assert steps(timed(lambda: viewer.events(local))) == list(range(step + 1))
        append(two.served, 1)
        eventually(lambda: two.run(two.mounted)["lines"] == 2, within_s=BACK_WITHIN_S)
        back = two.run(two.mounted)
        assert (back["hang"], back["trouble"]) == ("", "")
        assert steps(received_records(socket, 1)) == [1]
        assert steps(viewer.events(back["id"])) == [0, 1]
    measured(
        f"{request.node.callspec.id}: {said['state']}, {said['hang'] or said['trouble']!r};"
        f" other runs answered within {longest_s:.2f} s"
    )
    assert longest_s < ANSWERED_WITHIN_S


def has_ended(process: "subprocess.Popen[str]") -> bool:
    """Whether nothing of a process is left but what Linux itself still has to close for it.

    That is a file of NFS 4 on a hard mount: it waits for the server, and no signal ends the wait.
    """
    if process.poll() is not None:
        return True
    stats = []
    for stat in Path(f"/proc/{process.pid}/task").glob("*/stat"):
        with suppress(FileNotFoundError, ProcessLookupError):  # that thread has just ended
            stats.append(stat.read_text())
    return all(int(stat.rpartition(")")[2].split()[6]) & PF_EXITING for stat in stats)


def test_a_viewer_ends_though_a_server_is_gone(two: Two, eventually: Eventually) -> None:
    with unplugged("here"):
        eventually(
            lambda: (run := two.run(two.mounted))["hang"] or run["trouble"], within_s=SAID_WITHIN_S
        )
        two.viewer.process.terminate()
        eventually(lambda: has_ended(two.viewer.process), within_s=5)
    two.viewer.process.wait(timeout=BACK_WITHIN_S)


def test_a_viewer_starts_though_a_server_is_gone(
    mount: Callable[..., Any], serve: Serve, tmp_path: Path, eventually: Eventually
) -> None:
    served = Path(tempfile.mkdtemp(dir=EXPORT)) / "run.jsonl"
    local = tmp_path / "local.jsonl"
    append(served, 0)
    append(local, 0)
    with mount(*HARD) as point:
        there = point / served.parent.name / served.name
        with unplugged("here"):
            two = Two(serve(there, local), there, served, local)
            eventually(lambda: two.run(local)["lines"] == 1)
        eventually(lambda: two.run(there)["lines"] == 1, within_s=BACK_WITHIN_S)
