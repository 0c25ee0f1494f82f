import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path

import pytest
from karn_view import forerunners
from karn_view.forerunners import Begun, begin_for, most, take

Eventually = Callable[..., None]

WITHIN_S = 20.0


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forerunners, "WORTH_BYTES", 10)
    monkeypatch.setattr(forerunners, "KEPT_S", WITHIN_S)


CHANNELS: list[Connection] = []


@pytest.fixture
def taken() -> Iterator[list[Begun]]:
    found: list[Begun] = []
    yield found
    while CHANNELS:
        CHANNELS.pop().close()
    for begun in found:
        begun.end()


def is_alive(process: int) -> bool:
    """Whether it runs; one that ended may wait for whoever takes orphans in to notice."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def wait_for_one(taken: list[Begun]) -> None:
    until = time.monotonic() + WITHIN_S
    while not taken and time.monotonic() < until:
        if begun := take():
            taken.append(begun)
        else:
            time.sleep(0.01)


def processes(begun: Begun) -> list[int]:
    """All of them, once each has said that it is ready."""
    found = []
    for end in begun.ends:
        channel = Connection(end.channel.detach())
        assert channel.poll(WITHIN_S)
        found.append(channel.recv())
        CHANNELS.append(channel)
    return found


def test_a_large_file_has_as_many_begun_as_are_of_use(tmp_path: Path, taken: list[Begun]) -> None:
    path = tmp_path / "run.jsonl"
    path.write_bytes(b"x" * 11)
    begin_for([None, tmp_path, path])
    wait_for_one(taken)
    assert len({*processes(taken[0])}) == most()
    assert take() is None


def test_a_small_file_a_folder_and_nothing_have_none_begun(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    path.write_bytes(b"x" * 10)
    begin_for([None, tmp_path, path, tmp_path / "missing"]).join(WITHIN_S)
    assert take() is None


def test_those_that_nobody_takes_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[Begun] = []
    begin = forerunners.begin

    def noted() -> Begun:
        begun.append(begin())
        return begun[-1]

    monkeypatch.setattr(forerunners, "begin", noted)
    monkeypatch.setattr(forerunners, "KEPT_S", 0.0)
    path = tmp_path / "run.jsonl"
    path.write_bytes(b"x" * 11)
    begin_for([path]).join(WITHIN_S)
    assert [each.process.returncode is not None for each in begun] == [True]


@pytest.mark.parametrize("which", [0, -1, None])
def test_they_end_even_when_they_are_stopped(taken: list[Begun], which: int | None) -> None:
    begun = forerunners.begin()
    found = processes(begun)
    for process in found if which is None else [found[which]]:
        os.kill(process, signal.SIGSTOP)
    while CHANNELS:
        CHANNELS.pop().close()
    begun.end()
    until = time.monotonic() + WITHIN_S
    while any(map(is_alive, found)):  # a signal takes a moment
        assert time.monotonic() < until
        time.sleep(0.01)


BEGINS = """
from multiprocessing.connection import Connection
from karn_view import forerunners
forerunners.most = lambda: 3
begun = forerunners.begin()
channels = [Connection(end.channel.detach()) for end in begun.ends]
found = [channel.recv() for channel in channels]
print(*found, flush=True)
"""
KILLED = f"{BEGINS}\ninput()"
PROCESS_1 = f"""
import ctypes, os, sys
PR_SET_CHILD_SUBREAPER = 36  # gets orphans as process 1 does: prctl(2)
ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
{BEGINS}
os.kill(found[0], int(sys.argv[1]))
for channel in channels:
    channel.close()
begun.end()
try:
    os.waitpid(-1, os.WNOHANG)
except ChildProcessError:
    print("none is left")
"""


def test_they_end_when_the_viewer_is_killed(eventually: Eventually) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", KILLED], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as viewer:
        assert viewer.stdout
        found = [*map(int, viewer.stdout.readline().split())]
        viewer.kill()
    assert len(found) == 3
    eventually(lambda: not any(map(is_alive, found)))


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP])
def test_none_is_left_a_zombie_where_the_viewer_is_process_1(how: signal.Signals) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROCESS_1, str(int(how))],
        stdout=subprocess.PIPE,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout.splitlines()[1:] == ["none is left"]


def test_whoever_serves_comes_before_them(taken: list[Begun]) -> None:
    taken.append(forerunners.begin())
    ours = os.getpriority(os.PRIO_PROCESS, 0)
    assert all(os.getpriority(os.PRIO_PROCESS, each) > ours for each in processes(taken[0]))


def test_whoever_serves_comes_before_them_though_it_stands_back_itself() -> None:
    program = f"import os; os.nice(12)\n{BEGINS}\nprint(*map(os.nice, [0]))\n"
    program += "print(*(os.getpriority(os.PRIO_PROCESS, each) for each in found))"
    done = subprocess.run(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, timeout=60, check=True
    )
    _, ours, theirs = done.stdout.splitlines()
    assert all(int(each) > int(ours) for each in theirs.split())


def test_an_interrupt_of_the_viewer_is_not_theirs(taken: list[Begun]) -> None:
    taken.append(forerunners.begin())
    assert os.getpgid(0) not in {os.getpgid(each) for each in processes(taken[0])}
