"""A disk that is full, a limit that is reached: for real."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from writing import Record, readable, run_python, seqs_said_lost, steps

EMITTED = 200

LIMITED = """
import resource, sys
from karn import FileOutput, run_writer
run_writer._SHORTEST_WAIT_S = 0.0  # look every time
run = FileOutput(sys.argv[1], heartbeat_s=0)
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, resource.RLIM_INFINITY))
for step in range(100):
    run.log({"loss": 1.0}, step=step)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
for step in range(100, 200):
    run.log({"loss": 1.0}, step=step)
run.close()
"""

FULL = """
import os, sys
from karn import FileOutput, run_writer
run_writer._SHORTEST_WAIT_S = 0.0  # look every time
path, ballast = sys.argv[1:]
run = FileOutput(path, heartbeat_s=0)
for step in range(100):
    run.log({"loss": 1.0}, step=step)
os.unlink(ballast)
for step in range(100, 200):
    run.log({"loss": 1.0}, step=step)
run.close()
"""

NO_INODE_LEFT = """
import itertools, os, sys
from karn import FileOutput, run_writer
run_writer._SHORTEST_WAIT_S = 0.0  # look every time
path, ballast = sys.argv[1:]
run = FileOutput(path, heartbeat_s=0)
try:
    for number in itertools.count():
        os.close(os.open(f"{path}.{number}", os.O_CREAT | os.O_WRONLY))
except OSError:
    pass
child = os.fork()
for step in range(10):
    run.log({"loss": 1.0}, step=step)
if child:
    sys.exit(os.waitpid(child, 0)[1])
os.unlink(ballast)
for step in range(10, 20):
    run.log({"loss": 1.0}, step=step)
run.close()
os._exit(0)
"""


def assert_all_accounted_for(path: Path) -> tuple[list[Record], list[bytes]]:
    found, broken = readable(path)
    seqs = [record["seq"] for record in found]
    assert sorted(seqs + seqs_said_lost(found)) == list(range(seqs[-1] + 1))
    assert len(steps(found)) + len(seqs_said_lost(found)) == EMITTED
    assert len(steps(found)) < EMITTED, "nothing was lost: the fault did not happen"
    assert found[-1]["event_type"] == "RUN_CLOSED"
    return found, broken


def test_a_file_size_limit_costs_what_the_file_says_it_cost(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    done = run_python(LIMITED, path)
    assert done.returncode == 0, done.stderr
    _, broken = assert_all_accounted_for(path)
    assert len(broken) <= 1
    assert done.stderr.count("File too large") == 1


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of 64 KiB and a few files."""
    if os.geteuid() != 0 or not shutil.which("mount"):
        pytest.skip("mounting a small tmpfs needs root")
    disk = tmp_path / "disk"
    disk.mkdir()
    options = ["mount", "-t", "tmpfs", "-o", "size=64k,nr_inodes=8", "karn-test", str(disk)]
    mounted = subprocess.run(options, capture_output=True, text=True, check=False)
    if mounted.returncode:
        pytest.skip(f"no tmpfs can be mounted here: {mounted.stderr.strip()}")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def test_a_full_disk_costs_what_the_file_says_it_cost(small_disk: Path) -> None:
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(40_000))
    path = small_disk / "run.jsonl"
    done = run_python(FULL, path, ballast)
    assert done.returncode == 0, done.stderr
    _, broken = assert_all_accounted_for(path)
    assert len(broken) <= 1
    assert done.stderr.count("No space left on device") == 1


def test_a_disk_that_stays_full_is_said_at_the_end_and_stops_nobody(small_disk: Path) -> None:
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(40_000))
    path = small_disk / "run.jsonl"
    done = run_python(FULL.replace("os.unlink(ballast)", ""), path, ballast)
    assert done.returncode == 0, done.stderr
    assert "lines were lost, and the file does not say so" in done.stderr
    found, _ = readable(path)
    assert steps(found) == list(range(len(steps(found))))


def test_a_disk_that_is_full_at_the_start_stops_the_training_at_minute_zero(
    small_disk: Path,
) -> None:
    with pytest.raises(OSError, match="No space left"):
        (small_disk / "ballast").write_bytes(bytes(100_000))
    done = run_python(FULL, small_disk / "run.jsonl", "-")
    assert done.returncode == 1
    assert "No space left on device" in done.stderr


def test_a_child_for_whose_file_no_inode_is_left_has_it_when_there_is_one_again(
    small_disk: Path,
) -> None:
    (ballast := small_disk / "ballast").touch()
    done = run_python(NO_INODE_LEFT, small_disk / "run.jsonl", ballast)
    assert done.returncode == 0, done.stderr
    assert steps(readable(small_disk / "run.jsonl")[0]) == list(range(10))
    (beside,) = small_disk.glob("run.*.jsonl")
    found, _ = readable(beside)
    assert steps(found) == list(range(10, 20))
    assert len(seqs_said_lost(found)) == found[-1]["data"]["dropped"] == 10
    assert done.stderr.count("No space left on device") == 1
