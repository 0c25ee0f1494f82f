"""Training and viewer side by side: whichever is killed, the other goes on."""

import json
import os
import signal
import subprocess
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from writing import python, records, said, steps, tell

pytest.importorskip("uvicorn", reason="the viewer is not installed")

TRAINING = """
import sys
from karn import FileOutput, start_dashboard
with FileOutput(sys.argv[1]) as run:
    dashboard = start_dashboard(sys.argv[1], port=0)
    print(dashboard.url, dashboard.process.pid, flush=True)
    step = 0
    while input():
        run.log({"loss": 1.0}, step=step)
        step += 1
        print(step, flush=True)
"""


def is_healthy(url: str) -> bool:
    parts = urlsplit(url)
    address = f"{parts.scheme}://{parts.netloc}/api/health?{parts.query}"
    with urllib.request.urlopen(address, timeout=10) as answer:
        return bool(json.load(answer)["status"] == "ok")


def is_gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"


@dataclass
class Watched:
    """A training that started its own viewer."""

    training: subprocess.Popen[str]
    url: str
    viewer: int


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "runs" / "run.jsonl"


@pytest.fixture
def watched(path: Path) -> Iterator[Watched]:
    with python(TRAINING, path) as training:
        assert said(training).startswith("dashboard: http://"), training.communicate()[1]
        url, pid = said(training).split()
        yield Watched(training, url, int(pid))
        if not is_gone(int(pid)):
            os.kill(int(pid), signal.SIGKILL)


def test_the_viewer_outlives_the_training(watched: Watched) -> None:
    assert is_healthy(watched.url)
    assert os.getsid(watched.viewer) != os.getsid(watched.training.pid)
    watched.training.kill()
    watched.training.communicate()
    assert is_healthy(watched.url)


def test_training_does_not_notice_that_its_viewer_stops_or_dies(
    watched: Watched, path: Path
) -> None:
    for step, blow in enumerate((signal.SIGSTOP, signal.SIGCONT, signal.SIGKILL)):
        os.kill(watched.viewer, blow)
        tell(watched.training, "go on")
        assert said(watched.training) == f"{step + 1}\n"
    watched.training.communicate("\n", timeout=60)
    assert watched.training.returncode == 0
    assert steps(records(path)) == [0, 1, 2]
