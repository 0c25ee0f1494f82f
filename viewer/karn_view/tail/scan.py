"""Where the next whole lines of a growing source end, however slowly they come."""

from typing import NamedTuple

from karn_view.lines import LF, NUL, whole
from karn_view.sources import Source

EDGE_BYTES = 64


class Found(NamedTuple):
    """Whole lines from `begin` to `end`, or one line that is too long, whose `data` is None.

    With `is_last` no other whole line was there when the source was read.
    """

    begin: int
    end: int
    data: bytes | None
    is_last: bool = False


class Scan:
    """Looks for LF from an offset on, and remembers how far a torn line was looked through.

    What is remembered only saves looking in vain: once there is an LF, and after as many looks as
    the line has blocks, all of it is looked through anew. So a line that grows in small pieces
    costs a few times its length and not the square of it, no torn line is held in memory, and one
    that is rewritten meanwhile is noticed.

    Args:
        block_bytes: What is read at a time.
        line_bytes: A longer line, its LF included, is not read; at least `block_bytes`.
    """

    def __init__(self, block_bytes: int, line_bytes: int) -> None:
        self._block_bytes = block_bytes
        self._line_bytes = line_bytes
        self._offset = self._scanned = 0
        self._edges = (b"", b"")
        self._looks_left = 0

    def forget(self) -> None:
        """Makes the next look a look from the start."""
        self._looks_left = 0

    def find(self, source: Source, offset: int) -> Found | None:
        """Finds the lines after `offset`, a line's start; None is "not yet".

        NUL bytes in front of the first line are passed over: they end where `begin` is.
        """
        if self._looks_left and offset == self._offset and self._edges == self._see_edges(source):
            self._looks_left -= 1
            if not self._look(source):
                return None
        self._offset = self._scanned = offset
        block = self._look(source)
        self._looks_left = (self._scanned - offset) // self._block_bytes
        return self._found(source, block) if block else None

    def _look(self, source: Source) -> bytes:
        """Returns the next block with an LF in it, b"" while there is none."""
        while LF not in (block := source.read(self._scanned, self._block_bytes)):
            if len(block) < self._block_bytes:
                return b""
            self._scanned += len(block)
            self._edges = self._see_edges(source)
        return block

    def _found(self, source: Source, block: bytes) -> Found | None:
        begin = self._begin(source, block)
        first_end = self._scanned + block.index(LF) + 1
        if first_end - begin > self._line_bytes:
            return Found(begin, first_end, None)
        before = source.read(begin, max(0, self._scanned - begin))
        data = before + whole(block)[max(0, begin - self._scanned) :]
        is_last = len(block) < self._block_bytes
        return Found(begin, begin + len(data), data, is_last) if data else None

    def _begin(self, source: Source, block: bytes) -> int:
        """Where the first byte stands that is not NUL. Not remembered, as holes may be filled."""
        begin = self._offset
        if begin == self._scanned and not block.startswith(NUL):
            return begin
        while block := source.read(begin, self._block_bytes):
            text = block.lstrip(NUL)
            begin += len(block) - len(text)
            if text:
                break
        return begin

    def _see_edges(self, source: Source) -> tuple[bytes, bytes]:
        """The ends of what was looked through: when they change, the torn line was rewritten."""
        length = min(EDGE_BYTES, self._scanned - self._offset)
        return source.read(self._offset, length), source.read(self._scanned - length, length)
