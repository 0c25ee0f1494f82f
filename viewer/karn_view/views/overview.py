"""What any run file says about the run itself: who wrote it, where, and how it ended. Pure.

Written by `FileOutput` as records of its own; a file without them gives no evidence, and everything
else works.
"""

import math
from typing import Any, NamedTuple

import msgspec

from karn_view.formats.karn.event import Event, wall_of
from karn_view.formats.karn.fields import flag, mapping, number, text, whole

_TYPES_KEPT = 100
_LONGEST_TRACEBACK = 20_000


class Evidence(NamedTuple):
    """What the file itself tells about the state of its run; None where it says nothing.

    Attributes:
        run_id: The writer's unique id of this run.
        host: The machine it runs on.
        pid: Its process there.
        process_started: Clock ticks after boot at which it began: a reused pid has others.
        boot_id: Which boot of the machine those ticks belong to.
        pid_namespace: Where the process has its id.
        started_at: When the run was opened, seconds since 1970.
        resumed: Whether it was opened again in a file that had begun earlier.
        asked_for: Name of the file that the writer was to write, when it got one beside it.
        parent_run_id: The run whose process this one's process was forked from.
        openings: How often the file was opened by a writer.
        heartbeat_s: How often the writer promised a sign of life.
        last_heartbeat: When the last one was given, seconds since 1970.
        dropped: Events the writer had to drop, over all openings.
        closed: `finished` or `failed`, once the writer closed the run and nothing came after.
        error: One line saying why it failed.
        traceback: The traceback that came with it.
        complete: Why training itself says that it has done all it set out to do.
    """

    run_id: str | None = None
    host: str | None = None
    pid: int | None = None
    process_started: int | None = None
    boot_id: str | None = None
    pid_namespace: int | None = None
    started_at: float | None = None
    resumed: bool | None = None
    asked_for: str | None = None
    parent_run_id: str | None = None
    openings: int = 0
    heartbeat_s: float | None = None
    last_heartbeat: float | None = None
    dropped: int = 0
    closed: str | None = None
    error: str | None = None
    traceback: str | None = None
    complete: str | None = None

    @property
    def process(self) -> tuple[str | None, int | None, int | None, str | None, int | None]:
        """Which process wrote the run, as `process.is_alive` asks for it."""
        return self.host, self.pid, self.process_started, self.boot_id, self.pid_namespace


class OverviewFold(msgspec.Struct):
    """Counts records by type and gathers the evidence of a run's beginning, life and end."""

    records: int = 0
    types: dict[str, int] = {}
    evidence: Evidence = Evidence()

    def apply_foreign(self, count: int) -> None:
        """Counts records that are no Karn events."""
        self.records += count

    def apply(self, event: Event) -> None:
        """Counts this event and keeps what it says about the run."""
        self.records += 1
        if event.type in self.types or len(self.types) < _TYPES_KEPT:
            self.types[event.type] = self.types.get(event.type, 0) + 1
        if self.evidence.closed is not None:
            self.evidence = self.evidence._replace(closed=None, error=None, traceback=None)
        self._read(event)

    def dashboard(self) -> dict[str, Any]:
        """Counts and evidence as plain data."""
        return {
            "records": self.records,
            "event_types": dict(self.types),
            "evidence": self.evidence._asdict(),
        }

    def _read(self, event: Event) -> None:
        match event.type:
            case "RUN_OPENED":
                self._read_opened(event)
            case "HEARTBEAT":
                wall = None if math.isnan(event.wall) else event.wall
                self.evidence = self.evidence._replace(last_heartbeat=wall)
            case "EVENTS_DROPPED":
                count = max(0, whole(event.data.get("count")) or 0)
                self.evidence = self.evidence._replace(dropped=self.evidence.dropped + count)
            case "RUN_CLOSED":
                self._read_closed(event)
            case "TRAINING_STARTED":
                self.evidence = self.evidence._replace(complete=None)
            case "BATCH_EPOCH_COMPLETED":
                self._read_end(event, "episodes_completed", "total_episodes")
            case "ANALYTICS_SNAPSHOT" if event.source == "heuristic_episode":
                self._read_end(event, "episode", "episodes_total")

    def _read_opened(self, event: Event) -> None:
        data = event.data
        started_at = wall_of(data.get("started_at"))
        started_at = event.wall if math.isnan(started_at) else started_at
        self.evidence = Evidence(
            run_id=text(data.get("run_id")),
            host=text(data.get("host")),
            pid=whole(data.get("pid")),
            process_started=whole(data.get("process_started")),
            boot_id=text(data.get("boot_id")),
            pid_namespace=whole(data.get("pid_namespace")),
            started_at=None if math.isnan(started_at) else started_at,
            resumed=flag(data.get("resumed")),
            asked_for=text(data.get("asked_for")),
            parent_run_id=text(data.get("parent_run_id")),
            openings=self.evidence.openings + 1,
            heartbeat_s=number(data.get("heartbeat_s")),
            dropped=self.evidence.dropped,
        )

    def _read_closed(self, event: Event) -> None:
        error = mapping(event.data.get("error"))
        what = ": ".join(filter(None, (text(error.get("type")), text(error.get("message")))))
        failed = event.data.get("status") == "failed" or bool(error)
        self.evidence = self.evidence._replace(
            closed="failed" if failed else "finished",
            error=what or None,
            traceback=text(error.get("traceback"), _LONGEST_TRACEBACK),
        )

    def _read_end(self, event: Event, done_key: str, total_key: str) -> None:
        done, total = whole(event.data.get(done_key)), whole(event.data.get(total_key))
        if done is not None and total is not None and 0 < total <= done:
            self.evidence = self.evidence._replace(complete=f"all {total} episodes are done")
