"""Committed bytes read again: from a file while it still has them, else from memory."""

import threading
from bisect import bisect_left
from collections.abc import Iterable

from karn_view.lines import LF, NUL, whole
from karn_view.sources import Source
from karn_view.tail.chunks import Committed, Skipped
from karn_view.tail.prefix import TAIL_BYTES, Prefix
from karn_view.tail.spool import Spool


class Ledger:
    """Knows what was committed of one generation. Safe from any thread.

    Attributes:
        consumed: All of it, as a prefix to recognize a file by.
    """

    def __init__(self, spool_bytes: int) -> None:
        self.consumed = Prefix()
        self._spool = Spool(spool_bytes)
        self._skips: list[Skipped] = []
        self._lock = threading.Lock()

    def enter(self, chunks: Iterable[Committed | Skipped], consumed: Prefix) -> None:
        """Takes `chunks` down, with which everything up to `consumed` is committed."""
        with self._lock:
            for chunk in chunks:
                if isinstance(chunk, Committed):
                    self._spool.add(chunk.offset, chunk.data)
                else:
                    self._skips.append(chunk)
            self.consumed = consumed

    @property
    def skips(self) -> tuple[Skipped, ...]:
        """What of it was no line."""
        return (*self._skips,)

    def read(self, source: Source | None, offset: int, limit: int) -> bytes | Skipped | None:
        """Reads whole lines again; see `Tail.read`.

        Args:
            source: Where the generation's file may be; it is trusted only while it shows to be it.
            offset: Where a line begins.
            limit: About how many bytes.
        """
        consumed = self.consumed
        place = bisect_left(self._skips, offset, key=lambda skip: skip.offset)
        skip = self._skips[place] if place < len(self._skips) else None
        if skip and skip.offset == offset:
            return skip
        end = min(skip.offset if skip else consumed.offset, consumed.offset)
        if offset > end or not self._is_line_start(source, offset):
            return None
        return self._lines(source, offset, limit, end)

    def _lines(self, source: Source | None, offset: int, limit: int, end: int) -> bytes | None:
        """Whole lines, about `limit` bytes; as much more as it takes for one."""
        if offset == end:
            return b""
        length = min(max(limit, 1), end - offset)
        while (data := self._bytes(source, offset, length)) and not (lines := whole(data)):
            if length == end - offset:
                return None
            length = min(2 * length, end - offset)
        return lines if data else None

    def _is_line_start(self, source: Source | None, offset: int) -> bool:
        """A cursor of other content may stand anywhere; what memory begins with is a line."""
        return offset == 0 or self._bytes(source, offset - 1, 1) in (LF, NUL, b"")

    def before(self, source: Source | None, offset: int) -> bytes | None:
        """Returns the last committed bytes before `offset`, None when they cannot be told."""
        length = min(TAIL_BYTES, offset)
        if offset > self.consumed.offset:
            return None
        before = self._bytes(source, offset - length, length)
        return before if len(before) == length else None

    def _bytes(self, source: Source | None, offset: int, length: int) -> bytes:
        data = self._from_file(source, offset, length)
        if data:
            return data
        with self._lock:
            return self._spool.read(offset, length)

    def _from_file(self, source: Source | None, offset: int, length: int) -> bytes:
        try:
            consumed = self.consumed
            if source and consumed.begins(source):
                data = source.read(offset, length)
                if consumed.begins(source):
                    return data
        except OSError:
            pass  # the mount went away; memory may know
        return b""
