"""Whether the process that writes a run still lives on this machine. Reads /proc."""

import os
import socket
from pathlib import Path

PROC = Path("/proc")
START_FIELD = 22
"""Position of ``starttime`` in ``/proc/PID/stat``, counted from 1 as proc(5) does."""
FIRST_AFTER_STATE = 4


def is_alive(
    host: str | None,
    pid: int | None,
    started: int | None,
    boot_id: str | None,
    pid_namespace: int | None = None,
) -> bool | None:
    """True or False for a process of this machine; None when that cannot be known from here.

    A process id is used again after its process ended, so "alive" needs the start time to agree.

    Args:
        host: Name of the machine that the run was started on.
        pid: Its process id there.
        started: Clock ticks from boot to the start of the process, as proc(5) counts them.
        boot_id: ``/proc/sys/kernel/random/boot_id`` of then.
        pid_namespace: Where the process has this id: containers of one pod share all else.
    """
    if pid is None or host != socket.gethostname():
        return None
    boot_now = _read(PROC / "sys/kernel/random/boot_id")
    if boot_id and boot_now and boot_id != boot_now:
        return False
    if pid_namespace not in (None, _own_namespace()):
        return None
    stat = _read(PROC / str(pid) / "stat")
    if not stat:
        return False if (PROC / str(os.getpid())).exists() and not _is_there(pid) else None
    if started is None:
        return None
    state, *fields = stat.rpartition(")")[2].split()
    if state in "ZX":
        return False
    return fields[START_FIELD - FIRST_AFTER_STATE] == str(started)


def _own_namespace() -> int | None:
    """The inode that stands for it, by pid_namespaces(7)."""
    try:
        return (PROC / "self/ns/pid").stat().st_ino
    except OSError:
        return None


def _is_there(pid: int) -> bool:
    """Whether a process has this id, though /proc may not show those of other users.

    https://docs.kernel.org/filesystems/proc.html#mount-options (hidepid)
    """
    try:
        os.kill(pid, 0)  # 0 asks and is no signal: kill(2)
    except PermissionError:
        return True
    except (ProcessLookupError, OverflowError):
        return False
    return True


def _read(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError:
        return ""
