"""One run's records, numbered and framed, put into its file in spite of faults."""

from __future__ import annotations

import errno
import os
import time
from pathlib import Path
from typing import Any

from karn.encode import encode
from karn.event import TelemetryEvent, TelemetryEventType, envelope, new_id, now
from karn.gap import Gap
from karn.line_file import LineFile
from karn.notice import notice
from karn.plain import iso
from karn.run_records import SCHEMA_VERSION, describe_error, process_facts

_SHORTEST_WAIT_S = 0.1
_LONGEST_WAIT_S = 10.0
_REOPENED_AFTER = frozenset(
    {errno.EBADF, errno.EIO, errno.ENODEV, errno.ENOTCONN, errno.ENXIO, errno.ESTALE}
)


class RunWriter:
    """Numbers records and appends them; what cannot be written is counted and said later.

    It is healthy or waits. Healthy, each record is one write. After a fault records are only
    counted until the back-off is over; then the gap is written down first and the next record
    follows. Not safe from threads: the caller holds a lock.

    Args:
        asked: The path the user asked for.
        config: Plain values, for RUN_OPENED.
        heartbeat_s: After how many quiet seconds `beat` writes; 0 for never.
        parent: The run this process was forked from. Its file is in use, so another is made.
    """

    def __init__(self, asked: Path, config: object, heartbeat_s: float, parent: str | None) -> None:
        self.asked = self.path = asked
        self.run_id = new_id()
        self.closed = False
        self._config = config
        self._heartbeat_s = heartbeat_s
        self._parent = parent
        self._file: LineFile | None = None
        self._healthy = False
        self._wait_s, self._due = _SHORTEST_WAIT_S, 0.0
        self._gap = Gap()
        self._lost = Gap()
        self._refused = 0
        self._seq = self._events = self._synced = self._seen = 0
        self._opened_at = self._quiet_since = time.monotonic()
        self._warned: set[str] = set()

    @property
    def dropped(self) -> int:
        """How many lines are missing from the file, or may be."""
        return self._lost.count + self._refused

    def open(self) -> None:
        """Open the file and write RUN_OPENED.

        Raises:
            OSError: If either fails.
        """
        first_of_child = self._parent is not None and self.path == self.asked
        self._file = (LineFile.open_beside if first_of_child else LineFile.open)(self.path)
        self.path = self._file.path
        if self._seq and not self._file.resumed:
            self._lose(0, self._seq - 1)  # what was written before was deleted with its file
        try:
            self._append_own(TelemetryEventType.RUN_OPENED, self._opening(self._file.resumed))
        except OSError:
            self.release()
            raise
        self._healthy = True

    def put(self, body: bytes, numbered: bool = False) -> None:
        """Write one encoded record, or count it as dropped. Never raises.

        Args:
            body: A JSON object, not empty, as bytes.
            numbered: Whether it has a seq of its own already.
        """
        if self.closed:
            self._refuse()
            return
        ready = self._healthy or self._heal()
        seq = self._seq
        self._seq = seq + 1
        line = body + b"\n" if numbered else b'%b,"seq":%d}\n' % (body[:-1], seq)
        if ready and self._append(line):
            self._events += 1
        else:
            self._lose(seq, seq)

    def beat(self) -> None:
        """Look after the file between records: heal it, see that it exists, say HEARTBEAT."""
        if self.closed:
            return
        self._look_for_deletion()
        quiet_s = time.monotonic() - self._quiet_since
        if self._seq != self._seen:
            self._seen, self._quiet_since = self._seq, time.monotonic()
        elif self._heartbeat_s and quiet_s >= self._heartbeat_s / 2:
            self._beat_once()
        if not self._healthy:
            self._heal()

    def close(self, error: BaseException | str | None) -> None:
        """Write RUN_CLOSED. Never raises; the file stays open for a last sync."""
        self.closed = True
        if self._file is None and not self._seq:
            return  # a forked process that never emitted has no file
        self._due = 0.0
        if self._healthy or self._heal():
            self._own(TelemetryEventType.RUN_CLOSED, self._closing(error))
        self._healthy = False
        if self._gap:
            notice(f"{self.path}: {self._gap.count} lines were lost, and the file does not say so")

    def _refuse(self) -> None:
        """Count an event that came after the close."""
        self._refused += 1
        self._warn("closed", "an event came after close() and was not written")

    def to_sync(self) -> tuple[int, int] | None:
        """Return a descriptor for the caller to sync and close, and the seq that this covers.

        A loss that the file does not tell of yet is covered by no sync.
        """
        covered = self._gap.first if self._gap else self._seq
        try:
            return (self._file.duplicate(), covered) if self._file else None
        except OSError as error:  # no descriptor to be had
            self._warn("sync", str(error))
            return None

    def synced(self, seq: int, error: OSError | None) -> None:
        """Take note of a sync. One that failed puts in doubt every line since the last good one.

        Also those that an earlier failure put in doubt: the line that said so may be lost, too.
        """
        if error is None:
            self._synced = max(seq, self._synced)
        elif seq > self._synced:
            reason = f"{error.strerror} when synced to the disk: these lines may be missing there"
            self._gap.explain(reason, error.errno)
            self._lose_unsynced()
            self._healthy, self._due = False, 0.0  # say so before the next line
            if self._file:
                self._file.doubt()
            self._warn(reason, reason)

    def release(self) -> None:
        """Close the descriptor and write nothing."""
        file, self._file = self._file, None
        self._healthy = False
        if file:
            try:
                file.close()
            except OSError as error:
                self._warn("close", str(error))

    def _heal(self) -> bool:
        """Open the file again if needed and write the gap down; tell whether writing works."""
        if time.monotonic() < self._due:
            return False
        try:
            if self._file is None:
                self.open()
            if self._gap:
                data = {"run_id": self.run_id, **self._gap.data()}
                self._append_own(TelemetryEventType.EVENTS_DROPPED, data)
        except OSError as error:
            self._fault(error)
            return False
        self._gap = Gap()
        self._wait_s, self._healthy = _SHORTEST_WAIT_S, True
        return True

    def _append(self, line: bytes) -> bool:
        try:
            self._file.append(line)  # type: ignore[union-attr]  # healthy means open
        except OSError as error:
            self._fault(error)
            return False
        return True

    def _append_own(self, kind: TelemetryEventType, data: dict[str, Any]) -> None:
        """Append a record of the writer's own; it takes a seq only when it is in the file.

        Raises:
            OSError: If it is not.
        """
        body = encode(envelope(TelemetryEvent(kind, data=data)))
        assert self._file is not None
        self._file.append(b'%b,"seq":%d}\n' % (body[:-1], self._seq))
        self._seq += 1

    def _own(self, kind: TelemetryEventType, data: dict[str, Any]) -> None:
        try:
            self._append_own(kind, data)
        except OSError as error:
            self._fault(error)

    def _fault(self, error: OSError) -> None:
        reason = error.strerror or str(error)
        self._healthy = False
        self._gap.explain(reason, error.errno)
        self._due = time.monotonic() + self._wait_s
        self._wait_s = min(2 * self._wait_s, _LONGEST_WAIT_S)
        if self._file and self._file.written_behind:
            self._lose_unsynced()  # it may tell of earlier lines, and does so only once
        if error.errno in _REOPENED_AFTER:
            self.release()
        self._warn(reason, f"{reason}; training goes on, lost lines are counted")

    def _lose(self, first: int, last: int) -> None:
        self._gap.add(first, last)
        self._lost.add(first, last)

    def _lose_unsynced(self) -> None:
        if self._seq > self._synced:
            self._lose(self._synced, self._seq - 1)

    def _look_for_deletion(self) -> None:
        try:
            if self._file is None or not self._file.vanished():
                return
        except OSError as error:
            self._fault(error)
            return
        self.release()
        self._gap.explain("the run file was deleted", errno.ENOENT)
        self._due = 0.0
        self._warn("deleted", "the run file was deleted; it is begun anew")

    def _beat_once(self) -> None:
        if self._healthy:
            self._own(TelemetryEventType.HEARTBEAT, self._pulse())
            self._seen, self._quiet_since = self._seq, time.monotonic()

    def _warn(self, key: str, text: str) -> None:
        if key not in self._warned:
            self._warned.add(key)
            notice(f"{self.path}: {text}")

    def _opening(self, resumed: bool) -> dict[str, Any]:
        return {
            "run_id": self.run_id,
            "schema_version": SCHEMA_VERSION,
            "started_at": iso(now()),
            **process_facts(),
            "config": self._config,
            "heartbeat_s": self._heartbeat_s,
            "resumed": resumed,
            "asked_for": None if self.path == self.asked else self.asked.name,
            "parent_run_id": self._parent,
        }

    def _pulse(self) -> dict[str, Any]:
        return {
            "run_id": self.run_id,
            "pid": os.getpid(),
            "uptime_s": self._age_s(),
            "dropped": self.dropped,
        }

    def _closing(self, error: BaseException | str | None) -> dict[str, Any]:
        return {
            "run_id": self.run_id,
            "status": "finished" if error is None else "failed",
            "error": describe_error(error),
            "events": self._events,
            "dropped": self.dropped,
            "duration_s": self._age_s(),
        }

    def _age_s(self) -> float:
        return round(time.monotonic() - self._opened_at, 3)
