"""A training's events as lines of its run file."""

from __future__ import annotations

import atexit
import os
import sys
import threading
import time
import weakref
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from karn.encode import encode
from karn.event import TelemetryEvent, TelemetryEventType, as_record, now
from karn.line_file import claim
from karn.mount import is_remote
from karn.plain import iso, plain
from karn.pulse import Pulse
from karn.run_writer import RunWriter

_REMOTE_FSYNC_S = 5.0


class FileOutput:
    """Appends every event to a run file as one line of JSON.

    A line is with the operating system when `emit` returns: it outlives a crash, `kill -9` and
    `os._exit` of this process. Whatever goes wrong later, `emit` neither raises nor waits: the
    loss is counted, said once on standard error, and written into the file as EVENTS_DROPPED
    when writing works again.

    The file opens with RUN_OPENED and ends with RUN_CLOSED. A path that exists is appended to. When
    another process writes to it, or this process is forked, the lines go to a file beside it,
    named after the process: `run.jsonl`, `run.4711.jsonl`. Any number of threads may emit.

    Used as a context manager, an exception that leaves the block closes the run as failed.
    Otherwise the run is closed when the interpreter exits, and as failed when an exception ends it.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        config: object = None,
        heartbeat_s: float = 10.0,
        fsync_s: float | None = None,
    ) -> None:
        """Open the run file and write its first line.

        Args:
            path: The run file, `runs/2024-06-01.jsonl`. Missing folders are made.
            config: What the run was started with; any value, shown by the viewer.
            heartbeat_s: Write a HEARTBEAT after this many seconds without a line; 0 for never.
            fsync_s: Have the system put the file on the disk this often, from another thread, so
                that it outlives a power loss, and is seen by other machines; 0 for never. When
                None, every 5 seconds on a network mount and never elsewhere.

        Raises:
            OSError: If the file cannot be opened or its first line cannot be written.
        """
        self._set_up(Path(path), plain(config), heartbeat_s, fsync_s or 0.0, parent=None)
        self._writer.open()
        if fsync_s is None and is_remote(os.stat(self.path).st_dev):
            self._fsync_s = _REMOTE_FSYNC_S
        self._wake()

    def _set_up(
        self, asked: Path, config: object, heartbeat_s: float, fsync_s: float, parent: str | None
    ) -> None:
        """Get ready, as far as it needs no file and no thread."""
        self._config = config
        self._heartbeat_s = heartbeat_s
        self._fsync_s = fsync_s
        self._sync_due = time.monotonic() + fsync_s
        # Reentrant, because a signal's Python handler may emit in the middle of an emit.
        self._lock = threading.RLock()
        self._writer: RunWriter = RunWriter(asked, config, heartbeat_s, parent)
        self._pulse: Pulse | None = None
        self._awake = False
        _outputs.add(self)

    @property
    def path(self) -> Path:
        """The file that is written, which may not be the one that was asked for."""
        return self._writer.path

    @property
    def run_id(self) -> str:
        """What tells this run from every other."""
        return self._writer.run_id

    @property
    def dropped(self) -> int:
        """How many lines are missing from the file."""
        return self._writer.dropped

    def start(self) -> None:
        """Do nothing: the file is open since construction, where a wrong path could be told."""

    def emit(self, event: TelemetryEvent | Mapping[str, Any]) -> None:
        """Append one event, or any mapping, as one line. Never raises, never waits for a viewer.

        The event is encoded before this returns; it may be changed afterwards.
        """
        try:
            record = as_record(event)
        except Exception:  # noqa: BLE001  # no event, no mapping, or its own code fails
            record = {"timestamp": iso(now()), "unencodable": plain(event)}
        body = encode(record)
        with self._lock:
            if not self._awake:
                self._wake()
            self._writer.put(body, "seq" in record)

    def log(self, metrics: Mapping[str, Any] | float, step: object = None, **more: object) -> None:
        """Append named numbers as one METRICS event. Never raises.

        Args:
            metrics: Names and values; nested mappings become names joined by `/` in the viewer.
                A bare number is named `value`.
            step: The position of training that they belong to.
            **more: More metrics, by keyword.
        """
        named = metrics if isinstance(metrics, Mapping) else {"value": metrics}
        data = {"step": step, "metrics": {**named, **more} if more else named}
        self.emit(TelemetryEvent(TelemetryEventType.METRICS, data=data))

    def close(self, error: BaseException | str | None = None) -> None:
        """Write RUN_CLOSED, put the file on the disk and close it. Never raises; once is enough.

        Args:
            error: What made the run fail; None when it finished.
        """
        with self._lock:
            if self._writer.closed:
                return
            self._writer.close(error)
        if self._pulse:
            self._pulse.stop()
        self._sync()
        with self._lock:
            self._writer.release()
        atexit.unregister(self._close_at_exit)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close(_failure(error))

    def _wake(self) -> None:
        """Start what this process needs while the run is open: its pulse, a close at its end."""
        self._awake = True
        atexit.register(self._close_at_exit)
        multiprocessing = sys.modules.get("multiprocessing")
        if multiprocessing and multiprocessing.parent_process():  # its workers skip atexit
            multiprocessing.util.Finalize(None, self._close_at_exit, exitpriority=0)
        periods = [s for s in (self._heartbeat_s / 2, self._fsync_s) if s > 0]
        try:
            self._pulse = Pulse(self._beat, min(periods)) if periods else None
        except RuntimeError:  # no thread to be had: the lines are written all the same
            pass

    def _beat(self) -> None:
        with self._lock:
            self._writer.beat()
        if self._fsync_s and time.monotonic() >= self._sync_due:
            self._sync_due = time.monotonic() + self._fsync_s
            self._sync()

    def _sync(self) -> None:
        """Have the system put the file on the disk; others may emit while it takes its time."""
        with self._lock:
            target = self._writer.to_sync()
        if target is None:
            return
        descriptor, seq = target
        error = _fsync(descriptor)
        with self._lock:
            self._writer.synced(seq, error)

    def _close_at_exit(self) -> None:
        self.close(_failure(_fatal_error()))

    def _become_child(self) -> None:
        """After a fork: leave the parent's file alone; the first emit makes one of our own."""
        self._lock = threading.RLock()  # a thread that does not exist here may have held the old
        if not self._writer.closed:
            state = self.__getstate__()
            self._writer.release()
            self._set_up(**state)

    def __getstate__(self) -> dict[str, Any]:
        """Pickle as what a spawned process needs to write a file of its own beside this one."""
        return {
            "asked": self._writer.asked,
            "config": self._config,
            "heartbeat_s": self._heartbeat_s,
            "fsync_s": self._fsync_s,
            "parent": self.run_id,
        }

    def __setstate__(self, state: dict[str, Any]) -> None:
        self._set_up(**state)


def _fsync(descriptor: int) -> OSError | None:
    """Sync and close a descriptor; return the error if there is one.

    Its claim is renewed here and not in the beat, as both wait for the server.
    """
    try:
        os.fsync(descriptor)
        claim(descriptor)
    except OSError as error:
        return error
    finally:
        os.close(descriptor)
    return None


def _failure(error: BaseException | None) -> BaseException | None:
    """Return the error unless it is the exit of a program that went well."""
    return None if isinstance(error, SystemExit) and not error.code else error


def _fatal_error() -> BaseException | None:
    """Return the exception this process is dying of, if it is.

    At the top of a program the interpreter leaves it in `sys.last_exc` (before 3.12 `last_value`)
    ahead of the exit functions; up to 3.12 multiprocessing runs its own while the exception still
    passes. At an interactive prompt the last exception is an old one and not fatal.
    """
    if hasattr(sys, "ps1"):
        return None
    return sys.exception() or getattr(sys, "last_exc", None) or getattr(sys, "last_value", None)


_outputs: weakref.WeakSet[FileOutput] = weakref.WeakSet()


def _after_fork_in_child() -> None:
    for output in list(_outputs):
        output._become_child()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork_in_child)
