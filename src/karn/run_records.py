"""The process and the error that a run file speaks of in its own records."""

from __future__ import annotations

import os
import platform
import sys
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any

SCHEMA_VERSION = 1

_TRACEBACK_LIMIT = 8000


def process_facts() -> dict[str, Any]:
    """Return what lets a reader on the same machine ask whether this process still lives."""
    return {
        "host": platform.node(),
        "pid": os.getpid(),
        "process_started": _process_started(),
        "boot_id": _boot_id(),
        "pid_namespace": _pid_namespace(),
        "argv0": sys.argv[0] if getattr(sys, "argv", None) else None,
        "python": platform.python_version(),
    }


def _process_started() -> int | None:
    """Return clock ticks from boot to the start of this process: field 22 of proc(5) stat."""
    try:
        stat = Path("/proc/self/stat").read_text(errors="replace")
        return int(stat.rpartition(")")[2].split()[19])
    except (OSError, ValueError, IndexError):
        return None


def _boot_id() -> str | None:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return None


def _pid_namespace() -> int | None:
    """Return what tells apart whose process ids mean something else: pid_namespaces(7)."""
    try:
        return os.stat("/proc/self/ns/pid").st_ino
    except OSError:
        return None


def describe_error(error: BaseException | str | None) -> Mapping[str, str] | None:
    """Return an error's type, message and traceback as text; None for none."""
    if error is None:
        return None
    if isinstance(error, str):
        return {"type": "", "message": error, "traceback": ""}
    return {
        "type": type(error).__qualname__,
        "message": _message(error),
        "traceback": "".join(traceback.format_exception(error))[-_TRACEBACK_LIMIT:],
    }


def _message(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # noqa: BLE001  # the error's own code failed
        return f"<unprintable {type(error).__name__}>"
