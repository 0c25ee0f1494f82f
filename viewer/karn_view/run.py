"""One run: its file read as it grows, understood, and open to questions."""

import logging
import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

from karn_view import process
from karn_view.cache import Cache
from karn_view.cursor import START, UNNAMED, Cursor
from karn_view.decoding import Reading
from karn_view.formats.ahead import Ahead, Block
from karn_view.formats.rows import Batch, Overrides
from karn_view.generation import Generation
from karn_view.record import Fault
from karn_view.sketch import Sketch
from karn_view.state import Evidence, Judgement, State, duration, holds_s, judge
from karn_view.store.column import Allocate, Room, anonymous
from karn_view.tail import Committed, NewGeneration, Skipped, Tail

log = logging.getLogger(__name__)

T = TypeVar("T")

HEARTBEAT = "HEARTBEAT"
JUDGED_EVERY_S = 0.25
"""A pass over a file that grows as fast as it is read has no end, so its state is not put off."""
TOLD_AGAIN = 1.5
"""The reason of a silent run names its silence, so it is told again when that grew so much."""
FIRST_PASS_S = 8.0
"""A question about a place that is not read yet waits so long for the reading to get there."""
JUST_OPENED_S = 1.0
GENERATIONS_KNOWN = 100
"""A file that is rewritten for ever is no reason to grow; a tail holds fewer anyway."""
SKETCHED_BYTES = 32 << 20
"""A file that is larger is sampled before it is read."""
KEPT_BYTES = 16 << 20
"""A file of which less was read is read again in a moment."""
CHECKED_BYTES = 1 << 30
"""What is kept of a file is checked in a moment unless it is larger."""
KEPT_GROWTH = 8
"""It is kept again when this part of what was read is new."""
GONE_S = 1.0
"""The last lines of a process may come after its end was noticed: they are waited for so long."""
STUCK_S = 3.0
"""A file system that has not answered for so long is said to hang."""


class Run:
    """A run file and everything known of it.

    One thread at a time calls ``advance``; any thread may ask. What is asked of the numbers takes
    ``lock`` for the moment of taking views; what is asked of the lines goes to the file and may
    wait for it, so it belongs on a thread of its own.

    Attributes:
        id: Opaque, the same in every viewer that opens the same path.
        partial: Only the two ends of the file are read, so nothing is known of what is between.
        trouble: Why the file could not be read at the last pass; "" when it could.
        absent: Nothing was at the path at the last pass.
        arrived_at: When the last line that is no heartbeat came, by this viewer's clock; for lines
            that were there before the viewer, by their own clock or the file's.
        grew: A line came after everything that had been there when following began.
        version: Grows with every change that somebody could see.
    """

    def __init__(
        self,
        id: str,
        name: str,
        path: Path,
        tail: Tail,
        *,
        overrides: Overrides | None = None,
        allocate: Allocate = anonymous,
        cache: Cache | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.id = id
        self.name = name
        self.path = path
        self.tail = tail
        self.lock = threading.RLock()
        self.partial = False
        self.trouble = ""
        self.absent = False
        self.arrived_at: float | None = None
        self.beat_at: float | None = None
        self.followed_by = ("inotify", "a local file system")
        self.grew = False
        self.version = 0
        self._clock = clock
        self._room = Room(allocate)
        self.overrides = overrides or Overrides()
        self._cache = cache
        self._is_asked = cache is None
        self._kept_end = 0
        self._opened_at = time.monotonic()
        self._asked_at: float | None = None
        self._written_at: float | None = None
        self._arrived_wall: float | None = None
        self._read_on = threading.Condition(self.lock)
        self._is_read = False
        self._evidence: Evidence | None = None
        self._judged_at = self._turns_at = -math.inf
        self._told_state: State = "waiting"
        self._told_silence_s = 0.0
        self._told_stuck = False
        self.current = Generation(tail.generation, "", self.overrides, self._room)
        self.ends: dict[str, int] = {self.current.id: 0}
        self.reasons: dict[str, str] = {self.current.id: ""}

    def advance(self) -> Iterator[None]:
        """One pass over the file, yielding after each block that changed what is known.

        Never raises for what the machine says: that becomes ``trouble`` or ``absent``.
        """
        try:
            with self.asking():
                self._note_age()
            yield from self._recall_kept()
            poll = self.tail.poll()
            reading = Reading(
                lambda: self._next(poll),
                lambda: self.current.reader,
                lambda: self.tail.size - self.tail.offset,
            )
            for item, ahead in reading:
                self.trouble, self.absent = "", False
                sketch = self._sketch() if isinstance(item, NewGeneration) else None
                self._take(item, sketch, ahead)
                self._look_ahead()
                yield
            self.trouble, self.absent = "", False
            self._keep()
        except FileNotFoundError:
            self.trouble, self.absent = "", True
        except OSError as error:
            words = error.strerror or str(error)
            if words != self.trouble:
                log.warning("%s cannot be read: %s", self.name, words)
            self.trouble, self.absent = words, False
        with self._read_on:
            self._is_read = True
            self._read_on.notify_all()
            turned = self._judge_again()
        if turned:
            yield

    def give_up(self, why: str) -> None:
        """Has the state tell why nothing more is read, and nobody wait for it."""
        with self._read_on:
            self.trouble, self._is_read = why, True
            self.version += 1
            self._judge_again()
            self._read_on.notify_all()

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Around every call to the file system that belongs to following, as it may hang."""
        self._asked_at = time.monotonic()
        try:
            yield
        finally:
            self._asked_at = None

    def _next(self, poll: Iterator[T]) -> T | None:
        with self.asking():
            return next(poll, None)

    @property
    def stuck_s(self) -> float | None:
        """For how long the file system has not answered, once that is too long; else None."""
        asked_at = self._asked_at
        silence_s = 0.0 if asked_at is None else time.monotonic() - asked_at
        return silence_s if silence_s > STUCK_S else None

    @property
    def hang(self) -> str:
        """What is waited for while the file system hangs; "" while it answers."""
        stuck_s = self.stuck_s
        if stuck_s is None:
            return ""
        return f"waiting for the file system, which has not answered for {duration(stuck_s)}"

    def _note_age(self) -> None:
        """When the lines that were there before us were written, by the file's own word."""
        if not self._is_read:
            with suppress(OSError):
                self._written_at = self.path.stat().st_mtime

    def _recall_kept(self) -> Iterator[None]:
        """Begins with what an earlier viewer kept of the file; by samples while it is checked."""
        if self._cache is None or self._is_asked:
            return
        found = self._cache.find(self.path, self.overrides)
        self._is_asked = found is None
        if found is None:
            return
        with closing(found):
            with self.asking():
                fits = self.tail.resume(found.bookmark)
            self._is_asked = True
            if not fits:
                log.info("%s is read from its beginning, as it is not what was kept", self.name)
                return
            if found.size > CHECKED_BYTES:
                self._take(NewGeneration(self.tail.generation, ""), self._sketch(), None)
                yield
            known = found.known(self._room)
        if known is None:
            self.tail.start_over()
            return
        with self._read_on:
            revision = self.current.store.revision + 1
            self.current, self._arrived_wall = known
            self.current.store.revision = max(self.current.store.revision, revision)
            self._kept_end = self.current.end
            self.ends, self.reasons = {self.current.id: self.current.end}, {self.current.id: ""}
            self.beat_at = self._arrival(self.current.store.last_wall)
            if self._arrived_wall is not None:
                self.arrived_at = self._arrival(self._arrived_wall)
            self.version += 1
            self._judge_again()
            self._read_on.notify_all()
        yield
        inflating = self.tail.inflate()
        while self._next(inflating):
            yield

    def _keep(self) -> None:
        """Has what is known of a large file kept, and kept again after it grew a good deal."""
        current = self.current
        fresh = current.end - self._kept_end
        if self._cache is None or fresh < max(KEPT_BYTES, self._kept_end // KEPT_GROWTH):
            return
        with self.asking():
            bookmark = self.tail.bookmark()
        if bookmark is not None and bookmark.consumed.offset == current.end:
            with self.lock:
                known = (current, self._arrived_wall)
                self._cache.keep(self.path, self.overrides, bookmark, known)
        self._kept_end = current.end

    def _sketch(self) -> Sketch | None:
        """The whole length of the file, unless reading it takes but a moment or it tells little."""
        if self.tail.size < SKETCHED_BYTES:
            return None
        with self.asking():
            pieces = self.tail.samples()
        sketch = Sketch(self.overrides, pieces)
        return sketch if sketch.is_telling else None

    def _look_ahead(self) -> None:
        """What is written while a large file is read is seen at once, if not all before it."""
        sketch = self.current.sketch
        if sketch is None:
            return
        with self.asking():
            pieces = self.tail.newest(sketch.end)
        if pieces:
            with self.lock:
                batch = sketch.add(pieces)
                self.current.take_sketch(sketch)
                self._written_at = self._clock()
                self._note_arrival(batch, self._written_at)
                self._judge_again()

    def _take(
        self,
        item: Committed | Skipped | NewGeneration,
        sketch: Sketch | None,
        ahead: Ahead | None,
    ) -> None:
        with self.lock:
            if isinstance(item, NewGeneration):
                self._begin(item, sketch)
            elif item.generation == self.current.id:
                self._absorb(item, ahead)
            else:
                # Late lines of a replaced file are owed to its followers, not to the new charts.
                self.ends[item.generation] = item.offset + _length(item)
                self.reasons.setdefault(item.generation, "")
            self.version += 1
            if self._told_state == "waiting" or self._clock() - self._judged_at > JUDGED_EVERY_S:
                self._judge_again()
            self._read_on.notify_all()

    def locate(self, after: Cursor) -> Cursor | None:
        """Where to go on after a cursor; None when its generation is not at hand.

        A viewer that has just started waits here until it has read so far, and looks among the
        files rotated away since the cursor was given. Reads the file. Where that takes too long the
        cursor is taken on trust: nothing comes after it yet.
        """
        self.wait_until(lambda: self.can_tell(after), FIRST_PASS_S)
        with self.lock:
            if after == START:
                return Cursor(self.current.id, 0)
            if not self.can_tell(after):
                return after
        if after.generation not in self.ends:
            self._recall(after.generation)
        return after if after.offset <= self.ends.get(after.generation, -1) else None

    def wait_until(self, known: Callable[[], bool], within_s: float) -> None:
        """Waits for the reading to get somewhere, unless the file system hangs."""
        with self._read_on:
            self._read_on.wait_for(lambda: known() or self.stuck_s is not None, within_s)

    def is_read(self) -> bool:
        """Whether a pass came to its end: all that was there when following began is known."""
        return self._is_read

    @property
    def is_reading(self) -> bool:
        """Whether a large file is still being read: ``progress`` tells how far that is."""
        is_large = self.tail.whole_bytes >= SKETCHED_BYTES
        return self.current.sketch is not None or (is_large and not self._is_read)

    def wait_for_first_pass(self) -> None:
        """Lets a run that was just opened be read to its end, if that takes but a moment.

        A large one is known by its samples long before.
        """
        left_s = self._opened_at + JUST_OPENED_S - time.monotonic()
        if left_s > 0:
            self.wait_until(lambda: self._is_read or self.current.sketch is not None, left_s)

    def can_tell(self, after: Cursor) -> bool:
        """Whether the file was read far enough to tell what comes after a cursor."""
        if self._is_read or after == START:
            return True
        return self.current.id != UNNAMED and (
            self.current.id != after.generation or self.current.end >= after.offset
        )

    def _recall(self, generation: str) -> None:
        recalled = self.tail.recall(generation)
        with self.lock:
            self.ends = {**recalled, **self.ends}
            for id in recalled:
                self.reasons.setdefault(id, "")

    def _begin(self, item: NewGeneration, sketch: Sketch | None) -> None:
        if self.current.id == UNNAMED:
            del self.ends[UNNAMED], self.reasons[UNNAMED]
        revision = self.current.store.revision + 1
        self.current = Generation(item.generation, item.reason, self.overrides, self._room)
        self.current.store.revision = revision
        self._kept_end = 0
        if sketch is not None:
            self.current.sketch = sketch
            self.arrived_at = self.beat_at = self._arrival(sketch.store.last_wall)
        self.ends[item.generation] = 0
        self.reasons[item.generation] = item.reason
        for forgotten in list(self.ends)[:-GENERATIONS_KNOWN]:
            del self.ends[forgotten]
            self.reasons.pop(forgotten, None)

    def _absorb(self, item: Committed | Skipped, ahead: Ahead | None) -> None:
        end = item.offset + _length(item)
        self._room.times = self.tail.whole_bytes / end if end else 1.0
        if isinstance(item, Committed):
            batch = self.current.absorb_block(Block(item.offset, item.data), ahead)
        else:
            batch = self.current.absorb([Fault(item.offset, item.reason, item.length)], end)
        self.ends[item.generation] = end
        self.grew = self.grew or self._is_read
        if _is_more_than_a_beat(batch):
            self._arrived_wall = self.current.store.last_wall
        if self.current.sketch is None:
            self._note_arrival(batch, self._arrival(self.current.store.last_wall))
        batch.let_go()

    def _note_arrival(self, batch: Batch, at: float) -> None:
        self.beat_at = at
        if _is_more_than_a_beat(batch):
            self.arrived_at = at

    def _arrival(self, wall: float) -> float:
        """When lines that are read now came: now, but for those that were there before us."""
        now = self._clock()
        if self._is_read:
            return now
        if math.isfinite(wall) and wall <= now:
            return wall
        return now if self._written_at is None else min(self._written_at, now)

    def _judge_again(self) -> bool:
        now, evidence = self._clock(), self.evidence()
        judged, silence_s = judge(evidence), evidence.silence_s or 0.0
        grows = judged.state in ("quiet", "lost")
        changed = judged.state != self._told_state or (
            grows and silence_s > TOLD_AGAIN * self._told_silence_s
        )
        if changed:
            self._told_silence_s = silence_s
        told_again_s = TOLD_AGAIN * self._told_silence_s - silence_s if grows else math.inf
        self._turns_at = now + (
            0.0 if self._may_end(evidence) else min(holds_s(evidence), told_again_s)
        )
        self._judged_at, self._evidence, self._told_state = now, evidence, judged.state
        self.version += changed
        return changed

    def _may_end(self, evidence: Evidence) -> bool:
        """Whether a process writes it whose end turns the state at any moment."""
        is_known = self.current.evidence.pid is not None
        return is_known and not evidence.closed and evidence.process_alive is not False

    @property
    def judgement(self) -> Judgement:
        """State and reason by what was known at the last pass, or that the file system hangs."""
        if (known := self._evidence) is None:
            return Judgement("waiting", "")
        judged, hang = judge(known.aged(self._clock() - self._judged_at)), self.hang
        if not hang or judged.state not in ("waiting", "live", "quiet"):
            return judged
        return Judgement("waiting" if judged.state == "waiting" else "quiet", hang)

    def look_at_the_clock(self) -> bool:
        """Whether there is something to tell though nothing came: silence, or a file system's.

        A state turns by time alone, as when a process ends; a file system begins to hang, still
        does, or answers again. For another thread than the one that reads and may be held up.
        """
        stuck = self.stuck_s is not None
        if not (stuck or self._told_stuck) and self._clock() < self._turns_at:
            return False
        with self._read_on:
            told, self._told_stuck = self._told_stuck, stuck
            self.version += stuck or told
            self._read_on.notify_all()
            turned = self._is_read and self._judge_again()
            return stuck or told or turned

    def evidence(self) -> Evidence:
        """What the state is judged from, now."""
        now, known = self._clock(), self.current.evidence
        progress = self.current.progress
        alive = self.is_process_alive()
        if alive is False and not (self._is_read and self.silence_s >= GONE_S):
            alive = None
        return Evidence(
            trouble=self.trouble,
            absent=self.absent,
            lines=len((self.current.sketch or self.current).store),
            silence_s=None if self.arrived_at is None else now - self.arrived_at,
            heartbeat_silence_s=None if self.beat_at is None else now - self.beat_at,
            heartbeat_s=known.heartbeat_s,
            usual_gap_s=self.usual_gap_s(),
            closed=known.closed or "",
            error=known.error or "",
            process_alive=alive,
            goal_reached=bool(progress and progress.total and progress.position >= progress.total),
        )

    def usual_gap_s(self) -> float | None:
        """Typical longest time between two lines; None where lines are missing or have no clock."""
        return None if self.partial else self.current.usual_gap_s()

    def is_process_alive(self) -> bool | None:
        """Whether the writing process lives; None when it is not of this machine."""
        return process.is_alive(*self.current.evidence.process)

    @property
    def silence_s(self) -> float:
        """For how long no line came that is no heartbeat; infinite while none ever did."""
        return math.inf if self.arrived_at is None else self._clock() - self.arrived_at

    @property
    def cursor(self) -> Cursor:
        """Everything before this is in."""
        return Cursor(self.current.id, self.current.end)

    def progress(self) -> dict[str, Any]:
        """How far reading is, and how far training is by its own counter."""
        own = self.current.progress
        return {
            "read_bytes": self.current.end,
            "size_bytes": self.tail.whole_bytes,
            "position": own.position if own else None,
            "total": own.total if own else None,
            "unit": own.unit if own else None,
            "fraction": own.position / own.total if own and own.total else None,
            "eta_s": self.current.eta_s(),
        }

    def close(self) -> None:
        self.tail.close()


def _is_more_than_a_beat(batch: Batch) -> bool:
    return bool(batch.sheets) or any(row.type != HEARTBEAT for row in batch.rows)


def _length(item: Committed | Skipped) -> int:
    return len(item.data) if isinstance(item, Committed) else item.length
