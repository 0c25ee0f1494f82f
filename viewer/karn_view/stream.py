"""The committed bytes of one generation: taken as they come, and read again for whoever asks."""

import threading
from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from karn_view.lines import LF, NUL, holes, whole
from karn_view.prefix import HEAD_BYTES, TAIL_BYTES, Prefix
from karn_view.scan import Found, Scan
from karn_view.sources import Source
from karn_view.spool import Spool

MIB = 1 << 20
UNNAMED = "0"


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is read, held and waited for.

    Attributes:
        line_bytes: A longer line, its LF included, is skipped. Never less than `block_bytes`.
        block_bytes: What is read at a time.
        spool_bytes: Committed bytes of a generation kept in memory, in case the file loses them.
        generations: How many older generations stay readable.
        drain_s: How long a file that lost its name is read on for late lines.
        hole_wait_s: How long a hole on a mount may take to fill before it counts as one.
    """

    line_bytes: int = 16 * MIB
    block_bytes: int = MIB
    spool_bytes: int = 8 * MIB
    generations: int = 4
    drain_s: float = 5.0
    hole_wait_s: float = 60.0


class Committed(NamedTuple):
    """Whole lines, the last LF included: about a block of them, or one longer line."""

    generation: str
    offset: int
    data: bytes


class Skipped(NamedTuple):
    """Bytes that are no line: a run of NUL, or a line over the limit. A fault with its size."""

    generation: str
    offset: int
    length: int
    reason: str


class Stream:
    """Takes the lines of one generation from whichever source holds them at the moment.

    One thread moves and advances it; `again` and `bytes_before` may be called from any.

    Attributes:
        id: The generation's name, `"0"` until its first line is committed.
        reason: Why this generation began, "" for the first of a path.
        source: Where its bytes are, None when no file has them any longer.
        consumed: What was committed so far; its `offset` is 0 or stands after an LF.
        release_at: When to let go of a source that lost its name, by the tail's clock.
    """

    def __init__(self, reason: str, limits: Limits, naming: Callable[[bytes], str]) -> None:
        self.id = UNNAMED
        self.reason = reason
        self.source: Source | None = None
        self.consumed = Prefix()
        self.release_at: float | None = None
        self._limits = limits
        self._naming = naming
        self._lock = threading.Lock()
        self._scan = Scan(limits.block_bytes, limits.line_bytes)
        self._spool = Spool(limits.spool_bytes)
        self._skips: list[Skipped] = []
        self._hole_since: float | None = None

    # ---- its source ------------------------------------------------------------------------

    def reads(self, source: Source) -> bool:
        """Tells whether `source` is opened on the file that it reads already."""
        return self.source is not None and self.source.identity == source.identity

    def continues_in(self, source: Source) -> bool:
        """Tells whether another file holds what was consumed, and so may be gone on with.

        A file that is still held and had no line yet has nothing to be recognized by.
        """
        return bool(self.consumed.offset or not self.source) and self.consumed.begins(source)

    def is_rewritten(self) -> bool:
        """Tells whether its file no longer begins with what was consumed of it."""
        return self.source is not None and not self.consumed.begins(self.source)

    def size(self) -> int:
        """Returns the size of its file; what was consumed when there is none."""
        return self.source.size() if self.source else self.consumed.offset

    def take(self, source: Source | None) -> None:
        """Goes on with `source`, and closes it in the end."""
        with self._lock:
            self.source = source

    def give(self) -> Source | None:
        """Parts with its source, which stays open."""
        with self._lock:
            source, self.source = self.source, None
            return source

    def renew(self, fresh: Source) -> None:
        """Goes on with one of two sources on the same file."""
        with self._lock:
            self.source = self.source.renewed(fresh) if self.source else fresh

    def close(self) -> None:
        """Gives the descriptor back; what memory holds stays readable."""
        source = self.give()
        if source is not None:
            source.close()

    # ---- forward ---------------------------------------------------------------------------

    def advance(self, now: float, patient: bool) -> Iterator[Committed | Skipped]:
        """Commits and yields what is whole by now; what was yielded does not come again.

        Args:
            now: The time by the tail's clock.
            patient: Whether a hole may still be filled, as on a mount.
        """
        while self.source and (found := self._scan.find(self.source, self.consumed.offset)):
            if patient:
                found = self._settled(found, now)
            if not found or not (items := self._commit(self.source, found)):
                return
            yield from items

    def _settled(self, found: Found, now: float) -> Found | None:
        """Returns the part that no hole can change any more; None while there is none."""
        begin, _, data = found
        at_hole = begin > self.consumed.offset
        if data is None or not (at_hole or NUL in data):
            return found
        clear = b"" if at_hole else whole(data[: data.index(NUL)])
        if not clear:
            self._hole_since = now if self._hole_since is None else self._hole_since
            if now - self._hole_since < self._limits.hole_wait_s:
                return None
            clear = data[: data.index(LF) + 1]
        return Found(begin, begin + len(clear), clear)

    def _commit(self, source: Source, found: Found) -> list[Committed | Skipped]:
        """Takes `found` as consumed, unless the file was rewritten since it was looked at."""
        begin, end, data = found
        before = self.consumed if begin == self.consumed.offset else Prefix.of(source, begin)
        grown = Prefix.of(source, end) if data is None else before.grown(data)
        head = source.read(begin, HEAD_BYTES)
        if not (self.consumed.begins(source) and grown.begins(source)):
            return []
        with self._lock:
            if self.id == UNNAMED:
                self.id = self._naming(head)
            items = list(self._items(found))
            self._remember(items)
            self.consumed = grown
            self._hole_since = None
        return items

    def _items(self, found: Found) -> Iterator[Committed | Skipped]:
        begin, end, data = found
        if begin > self.consumed.offset:
            yield self._hole(self.consumed.offset, begin)
        if data is None:
            limit = self._limits.line_bytes
            reason = f"a line of {end - begin} bytes, over the limit of {limit}"
            yield Skipped(self.id, begin, end - begin, reason)
            return
        start = 0
        for hole, stop in holes(data):
            if hole > start:
                yield Committed(self.id, begin + start, data[start:hole])
            yield self._hole(begin + hole, begin + stop)
            start = stop
        yield Committed(self.id, begin + start, data[start:])

    def _hole(self, start: int, stop: int) -> Skipped:
        return Skipped(self.id, start, stop - start, f"{stop - start} NUL bytes before a line")

    def _remember(self, items: list[Committed | Skipped]) -> None:
        for item in items:
            if isinstance(item, Committed):
                self._spool.add(item.offset, item.data)
            else:
                self._skips.append(item)

    # ---- back ------------------------------------------------------------------------------

    def again(self, offset: int, limit: int) -> bytes | Skipped | None:
        """Reads committed lines again; see `Tail.read`."""
        with self._lock:
            place = bisect_left(self._skips, offset, key=lambda skip: skip.offset)
            skip = self._skips[place] if place < len(self._skips) else None
            if skip and skip.offset == offset:
                return skip
            end = skip.offset if skip else self.consumed.offset
            lines_follow = offset <= end and self._is_line_start(offset)
            return self._lines(offset, limit, end) if lines_follow else None

    def _lines(self, offset: int, limit: int, end: int) -> bytes | None:
        """Whole lines, about `limit` bytes; as much more as it takes for one."""
        if offset == end:
            return b""
        length = min(max(limit, 1), end - offset)
        while (data := self._bytes(offset, length)) and not (lines := whole(data)):
            if length == end - offset:
                return None
            length = min(2 * length, end - offset)
        return lines if data else None

    def _is_line_start(self, offset: int) -> bool:
        """A cursor of other content may stand anywhere; what memory begins with is a line."""
        return offset == 0 or self._bytes(offset - 1, 1) in (LF, NUL, b"")

    def bytes_before(self, offset: int) -> bytes | None:
        """Returns the last committed bytes before `offset`, None when they cannot be told."""
        with self._lock:
            if offset == self.consumed.offset:
                return self.consumed.tail
            start = max(0, offset - TAIL_BYTES)
            return self._bytes(start, offset - start) if offset < self.consumed.offset else None

    def _bytes(self, offset: int, length: int) -> bytes:
        """Committed bytes from the file while it still has them, else from memory."""
        return self._from_file(offset, length) or self._spool.read(offset, length)

    def _from_file(self, offset: int, length: int) -> bytes:
        try:
            if self.source and self.consumed.begins(self.source):
                data = self.source.read(offset, length)
                if self.consumed.begins(self.source):
                    return data
        except OSError:
            pass  # the mount went away; memory may know
        return b""
