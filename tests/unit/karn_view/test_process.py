import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from karn_view import process
from karn_view.process import is_alive

HOST = socket.gethostname()
STAT = "7 ({name}) {state} 1 7 7 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 1 0 {started} 9 9\n"


def started(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])


def boot_id() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()


@pytest.fixture
def proc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A made-up /proc that shows this process and no other."""
    (tmp_path / str(os.getpid())).mkdir()
    monkeypatch.setattr(process, "PROC", tmp_path)
    return tmp_path


def show(proc: Path, name: str, state: str = "S", started: int = 500) -> None:
    (proc / "7").mkdir()
    (proc / "7/stat").write_text(STAT.format(name=name, state=state, started=started))


def test_this_process_lives() -> None:
    assert is_alive(HOST, os.getpid(), started(os.getpid()), boot_id()) is True
    assert is_alive(HOST, os.getpid(), started(os.getpid()), None) is True


def test_an_id_that_was_used_again_is_another_process() -> None:
    assert is_alive(HOST, os.getpid(), started(os.getpid()) + 1, boot_id()) is False


def test_nothing_survives_a_reboot() -> None:
    assert is_alive(HOST, os.getpid(), started(os.getpid()), "another boot") is False


def test_an_id_of_another_container_tells_nothing(gone: int) -> None:
    ours = os.stat("/proc/self/ns/pid").st_ino
    assert is_alive(HOST, gone, 500, boot_id(), ours) is False
    assert is_alive(HOST, gone, 500, boot_id(), ours + 1) is None
    assert is_alive(HOST, gone, 500, "another boot", ours + 1) is False


def test_a_living_id_without_its_start_tells_nothing() -> None:
    assert is_alive(HOST, os.getpid(), None, boot_id()) is None


@pytest.mark.parametrize("host", [None, "", f"not-{HOST}"])
def test_nothing_is_known_of_another_machine(host: str | None) -> None:
    assert is_alive(host, os.getpid(), started(os.getpid()), boot_id()) is None


def test_nothing_is_known_without_an_id() -> None:
    assert is_alive(HOST, None, 1, boot_id()) is None


def test_a_process_is_dead_from_its_end_on_even_before_its_parent_asks() -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    assert child.stdin
    began = started(child.pid)
    assert is_alive(HOST, child.pid, began, boot_id()) is True
    child.stdin.write(b"\n")
    child.stdin.close()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert is_alive(HOST, child.pid, began, boot_id()) is False
    child.wait()
    assert is_alive(HOST, child.pid, began, boot_id()) is False


@pytest.mark.parametrize("name", ["python", "a b", "a) Z 1 (b", ") ) )", "(("])
def test_a_name_with_spaces_and_brackets_shifts_no_field(proc: Path, name: str) -> None:
    show(proc, name)
    assert is_alive(HOST, 7, 500, None) is True
    assert is_alive(HOST, 7, 501, None) is False


@pytest.mark.parametrize(("state", "alive"), [("R", True), ("D", True), ("Z", False), ("X", False)])
def test_a_zombie_writes_no_more(proc: Path, state: str, alive: bool) -> None:
    show(proc, "python", state)
    assert is_alive(HOST, 7, 500, None) is alive


@pytest.fixture
def gone() -> int:
    """The id of a process that has ended."""
    with subprocess.Popen([sys.executable, "-c", ""]) as child:
        pass
    return child.pid


@pytest.mark.usefixtures("proc")
def test_an_id_that_nobody_has_is_gone(gone: int) -> None:
    assert is_alive(HOST, gone, 500, None) is False
    assert is_alive(HOST, 1 << 60, 500, None) is False


@pytest.mark.usefixtures("proc")
def test_a_process_that_proc_does_not_show_may_live() -> None:
    assert is_alive(HOST, os.getppid(), 500, None) is None


def test_nothing_is_known_where_proc_does_not_even_show_ourselves(proc: Path, gone: int) -> None:
    (proc / str(os.getpid())).rmdir()
    assert is_alive(HOST, gone, 500, None) is None
