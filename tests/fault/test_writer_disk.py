"""A disk that refuses, fails, lies or is slow: training goes on, the file says what is missing."""

import errno
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from faulty import Disk, mounted, why_not
from writing import Record, python, readable, said, seqs_said_lost, steps, tell, types

Eventually = Callable[..., None]

needs_fuse = pytest.mark.skipif(bool(why_not()), reason=f"no file system of our own: {why_not()}")

TRAINING = """
import sys
from karn import FileOutput, run_writer
run_writer._SHORTEST_WAIT_S = 0.0  # look every time
path, beat_s, fsync_s = sys.argv[1:]
with FileOutput(path, heartbeat_s=float(beat_s), fsync_s=float(fsync_s)) as run:
    step = 0
    for count in sys.stdin:
        for step in range(step, step + int(count)):
            run.log({"loss": 1.0}, step=step)
        step += 1
        print(step, flush=True)
"""


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    with mounted(tmp_path) as disk:
        yield disk


class Training:
    """A training that logs so many steps whenever it is told to."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process
        self.emitted = 0

    def logs(self, count: int) -> None:
        tell(self.process, str(count))
        self.emitted += count
        assert said(self.process) == f"{self.emitted}\n", self.process.communicate()[1]

    def ends(self) -> str:
        """Closes the run; returns what was said on standard error."""
        _, complaints = self.process.communicate(timeout=60)
        assert self.process.returncode == 0, complaints
        return complaints


def assert_all_accounted_for(path: Path, emitted: int) -> list[Record]:
    """Every line is in the file or in a gap that the file tells of; one line at most is broken."""
    found, broken = readable(path)
    seqs, lost = [record["seq"] for record in found], seqs_said_lost(found)
    assert sorted(seqs + lost) == list(range(max(seqs) + 1))
    assert len(steps(found)) + len(lost) == emitted
    assert lost, "nothing was lost: the fault did not happen"
    assert len(broken) <= 1
    return found


@needs_fuse
@pytest.mark.parametrize(
    "number",
    [errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS, errno.ESTALE, errno.ENODEV],
    ids=errno.errorcode.get,
)
def test_what_a_disk_refuses_is_counted_and_said_in_the_file_once_it_heals(
    disk: Disk, number: int
) -> None:
    path = disk.mount / "run.jsonl"
    with python(TRAINING, path, 0, 0) as process:
        training = Training(process)
        training.logs(50)
        disk.fails("write", number=number)
        training.logs(50)
        disk.heals()
        training.logs(50)
        complaints = training.ends()
    found = assert_all_accounted_for(path, 150)
    assert steps(found) == [*range(50), *range(100, 150)]
    assert types(found)[-1] == "RUN_CLOSED"
    assert found[-1]["data"]["dropped"] == 50
    assert complaints.count(os.strerror(number)) == 1


@needs_fuse
def test_writes_that_are_cut_short_cost_what_the_file_says_they_cost(disk: Disk) -> None:
    path = disk.mount / "run.jsonl"
    with python(TRAINING, path, 0, 0) as process:
        training = Training(process)
        training.logs(20)
        disk.cuts_writes(70)
        training.logs(20)
        disk.heals()
        training.logs(20)
        training.ends()
    found, _ = readable(path)
    seqs, lost = [record["seq"] for record in found], seqs_said_lost(found)
    assert sorted(seqs + lost) == list(range(max(seqs) + 1))
    assert steps(found)[:20] + steps(found)[-20:] == [*range(20), *range(40, 60)]


@needs_fuse
def test_a_write_cut_short_once_is_finished_and_loses_nothing(disk: Disk) -> None:
    path = disk.mount / "run.jsonl"
    with python(TRAINING, path, 0, 0) as process:
        training = Training(process)
        training.logs(1)
        disk.cuts_writes(250)  # bytes: more than half a line
        training.logs(19)
        disk.heals()
        assert training.ends() == ""
    found, broken = readable(path)
    assert (steps(found), broken, seqs_said_lost(found)) == (list(range(20)), [], [])


@needs_fuse
def test_a_fault_that_comes_again_is_not_warned_of_again(disk: Disk) -> None:
    path = disk.mount / "run.jsonl"
    with python(TRAINING, path, 0, 0) as process:
        training = Training(process)
        for _ in range(3):
            training.logs(10)
            disk.fails("write", number=errno.EDQUOT)
            training.logs(10)
            disk.heals()
        training.logs(10)
        complaints = training.ends()
    found = assert_all_accounted_for(path, 70)
    assert types(found).count("EVENTS_DROPPED") == 3
    assert complaints.count("\n") == complaints.count(os.strerror(errno.EDQUOT)) == 1


@needs_fuse
def test_a_disk_that_cannot_be_opened_again_is_tried_until_it_can(disk: Disk) -> None:
    path = disk.mount / "run.jsonl"
    with python(TRAINING, path, 0, 0) as process:
        training = Training(process)
        training.logs(10)
        disk.fails("write", "open", number=errno.ESTALE)
        training.logs(10)
        disk.fails("open", number=errno.EACCES)
        training.logs(10)
        disk.heals()
        training.logs(10)
        complaints = training.ends()
    found = assert_all_accounted_for(path, 40)
    assert steps(found) == [*range(10), *range(30, 40)]
    assert types(found).count("RUN_OPENED") == 2
    assert complaints.count(os.strerror(errno.ESTALE)) == 1
    assert complaints.count(os.strerror(errno.EACCES)) == 1


def test_training_goes_on_while_the_disk_is_synced(tmp_path: Path) -> None:
    """The kernel is told to be slow with every sync; lines are written before one has ended."""
    path, told = tmp_path / "run.jsonl", tmp_path / "strace"
    slow = ["strace", "-f", "-qq", "-o", str(told), "-e", "trace=fsync,write"]
    slow += ["-e", "inject=fsync:delay_enter=300000"]  # us
    if not shutil.which("strace"):
        pytest.skip("no strace, by which a sync is made slow")
    if subprocess.run([*slow, "true"], check=False).returncode:
        pytest.skip("strace may not trace here")
    with python(TRAINING, path, 0, 0.01, prefix=slow) as process:
        training = Training(process)
        for _ in range(30):
            training.logs(10)
        training.ends()
    found, broken = readable(path)
    assert (steps(found), broken) == (list(range(300)), [])
    calls = told.read_text()
    syncing = re.findall(r"fsync\(\d+ <unfinished(.*?)<... fsync resumed>", calls, re.DOTALL)
    assert any('"{' in meanwhile for meanwhile in syncing), "no line was written during a sync"


@needs_fuse
def test_lines_that_only_the_sync_found_missing_are_said_to_be_in_doubt(
    disk: Disk, eventually: Eventually
) -> None:
    path = disk.mount / "run.jsonl"
    with python(TRAINING, path, 0, 0.02) as process:
        training = Training(process)
        disk.fails("fsync", number=errno.EIO)
        training.logs(20)
        eventually(lambda: is_said_after_one_more(training, path))
        disk.heals()
        complaints = training.ends()
    found, _ = readable(path)
    assert set(seqs_said_lost(found)) >= set(range(20))
    assert "when synced to the disk" in next(
        record["data"]["reason"] for record in found if record["event_type"] == "EVENTS_DROPPED"
    )
    assert complaints.count("when synced to the disk") == 1


def is_said_after_one_more(training: Training, path: Path) -> bool:
    training.logs(1)
    return bool(seqs_said_lost(readable(path)[0]))


@pytest.mark.parametrize("what", ["file", "folder"])
def test_a_file_or_folder_that_was_deleted_is_begun_anew_and_says_what_is_missing(
    tmp_path: Path, eventually: Eventually, what: str
) -> None:
    path = tmp_path / "runs" / "run.jsonl"
    with python(TRAINING, path, 0.04, 0) as process:
        training = Training(process)
        training.logs(20)
        if what == "file":
            path.unlink()
        else:
            shutil.rmtree(path.parent)
        eventually(path.exists)
        training.logs(20)
        complaints = training.ends()
    found, broken = readable(path)
    assert (types(found)[0], types(found)[-1], broken) == ("RUN_OPENED", "RUN_CLOSED", [])
    assert steps(found) == list(range(20, 40))
    seqs, lost = [record["seq"] for record in found], seqs_said_lost(found)
    assert sorted(seqs + lost) == list(range(max(seqs) + 1))
    assert complaints.count("was deleted") == 1


RANDOM = """
import ctypes, sys
from karn import FileOutput, run_writer
run_writer._SHORTEST_WAIT_S = run_writer._LONGEST_WAIT_S = 0.0
path, steps = sys.argv[1], int(sys.argv[2])
while True:
    try:
        run = FileOutput(path, heartbeat_s=0)
        break
    except OSError:
        pass  # a wrong start is told at once; this training tries again
for step in range(steps):
    run.log({"loss": 1.0}, step=step)
ctypes.CDLL("libfiu.so.0").fiu_disable(b"posix/io/rw/write")
run.close()
"""


def test_of_writes_that_fail_at_random_every_line_is_in_the_file_or_in_its_gaps(
    tmp_path: Path,
) -> None:
    if not shutil.which("fiu-run"):
        pytest.skip("no fiu-run: install the package fiu-utils")
    path, emitted = tmp_path / "run.jsonl", 1_000
    fault = "enable_random name=posix/io/rw/write,probability=0.5,failinfo=28"
    command = ["fiu-run", "-x", "-c", fault, sys.executable, "-c", RANDOM, str(path), str(emitted)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr
    found = assert_all_accounted_for(path, emitted)
    lost = len(seqs_said_lost(found))
    assert 0.3 * emitted < lost < 0.7 * emitted
    print(f"{emitted} emitted: {len(steps(found))} in the file, {lost} in its gaps")
