"""The lines of one generation, committed as they come."""

import threading
from collections.abc import Callable, Iterator
from contextlib import closing, nullcontext

from karn_view.cursor import UNNAMED
from karn_view.lines import LF, NUL, holes, whole
from karn_view.sources import Compressed, File, Source
from karn_view.tail.bookmark import Bookmark
from karn_view.tail.chunks import Committed, Skipped
from karn_view.tail.ledger import Ledger
from karn_view.tail.limits import Limits
from karn_view.tail.prefix import HEAD_BYTES, Prefix
from karn_view.tail.scan import Found, Scan


class Stream:
    """Takes the lines of one generation from whichever source holds them at the moment.

    One thread moves and advances it; `read` and `before` may be called from any.

    Attributes:
        id: The generation's name, `"0"` until its first line is committed.
        reason: Why this generation began, "" for the first of a path.
        source: Where its bytes are, None when no file has them any longer.
        release_at: When to let go of a source that lost its name, by the tail's clock.
    """

    def __init__(self, reason: str, limits: Limits, naming: Callable[[bytes], str]) -> None:
        self.id = UNNAMED
        self.reason = reason
        self.source: Source | None = None
        self.release_at: float | None = None
        self._limits = limits
        self._naming = naming
        self._ledger = Ledger(limits.spool_bytes)
        self._scan = Scan(limits.block_bytes, limits.line_bytes)
        self._waited_for = (0.0, 0)
        """Since when holes are waited for, and the offset before which they were seen then."""
        self._lock = threading.Lock()

    @property
    def consumed(self) -> Prefix:
        """What was committed so far; its `offset` is 0 or stands after an LF."""
        return self._ledger.consumed

    def bookmark(self) -> Bookmark | None:
        """Where it stands, for a later viewer; None where that has no file of its own."""
        if self.id == UNNAMED or not isinstance(self.source, File | Compressed):
            return None
        name, _, _ = self.id.partition("-")
        return Bookmark.of(name, self.consumed, self._ledger.skips, self.source)

    def go_on_from(self, bookmark: Bookmark) -> None:
        """Takes everything before a bookmark as committed; called before anything was."""
        self.id = bookmark.generation
        self._ledger.enter(bookmark.skips, bookmark.consumed)

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

    def is_due(self, now: float) -> bool:
        """Tells whether it is time to let go of its source."""
        return self.release_at is not None and now >= self.release_at

    def size(self) -> int:
        """Returns the size of its file; what was consumed when there is none."""
        return self.source.size() if self.source else self.consumed.offset

    def take(self, source: Source | None) -> None:
        """Goes on with `source`, and closes it in the end."""
        self.look_anew()
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

    def look_anew(self) -> None:
        """Has the torn line looked through from its start the next time."""
        self._scan.forget()

    def close(self) -> None:
        """Gives the descriptor back; what memory holds stays readable."""
        source = self.give()
        if source is not None:
            source.close()

    # ---- forward ---------------------------------------------------------------------------

    def advance(self, now: float, patient: bool) -> Iterator[Committed | Skipped]:
        """Commits and yields what is whole by now; what was yielded does not come again.

        What is written meanwhile is for the next time, so that this has an end.

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
            if found.is_last:
                return

    def _settled(self, found: Found, now: float) -> Found | None:
        """Returns the part that no hole can change any more; None while there is none.

        Holes that are seen together are waited for together.
        """
        begin, end, data, _ = found
        at_hole = begin > self.consumed.offset
        if data is None or not (at_hole or NUL in data):
            return found
        clear = b"" if at_hole else whole(data[: data.index(NUL)])
        if not clear:
            if self._waited_for[1] <= self.consumed.offset:
                self._waited_for = (now, end)
            since, seen = self._waited_for
            if now - since < self._limits.hole_wait_s:
                return None
            clear = whole(data[: max(seen - begin, data.index(LF) + 1)])
        return Found(begin, begin + len(clear), clear)

    def _commit(self, source: Source, found: Found) -> list[Committed | Skipped]:
        """Takes `found` as consumed, unless the file was rewritten since it was looked at."""
        begin, end, data, _ = found
        before = self.consumed if begin == self.consumed.offset else Prefix.of(source, begin)
        grown = Prefix.of(source, end) if data is None else before.grown(data)
        head = source.read(begin, HEAD_BYTES)
        if not (self.consumed.begins(source) and grown.begins(source)):
            return []
        if self.id == UNNAMED:
            self.id = self._naming(head)
        items = list(self._items(found))
        self._ledger.enter(items, grown)
        return items

    def _items(self, found: Found) -> Iterator[Committed | Skipped]:
        begin, end, data, _ = found
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

    # ---- back ------------------------------------------------------------------------------

    def read(self, offset: int, limit: int) -> bytes | Skipped | None:
        """Reads committed lines again; see `Tail.read`."""
        return self.read_from(self._twin(), offset, limit)

    def read_from(self, source: Source | None, offset: int, limit: int) -> bytes | Skipped | None:
        """Reads them from a source that is trusted no further than it continues; closes it."""
        with closing(source) if source else nullcontext():
            return self._ledger.read(source, offset, limit)

    def before(self, offset: int) -> bytes | None:
        """Returns the last committed bytes before `offset`, None when they cannot be told.

        At the end of what is committed it asks no file and waits for nobody.
        """
        if offset == (consumed := self.consumed).offset:
            return consumed.tail
        source = self._twin()
        with closing(source) if source else nullcontext():
            return self._ledger.before(source, offset)

    def _twin(self) -> Source | None:
        """A descriptor of the reader's own: no file holds both up, and none is closed under it."""
        with self._lock:
            return self.source.twin() if self.source else None
