"""Where the next whole lines of a growing source end, however slowly they come."""

from typing import NamedTuple

from karn_view.lines import LF, NUL, whole
from karn_view.sources import Source

EDGE_BYTES = 64


class Found(NamedTuple):
    """Whole lines from `begin` to `end`, or one line that is too long, whose `data` is None."""

    begin: int
    end: int
    data: bytes | None


class Scan:
    """Looks for LF from an offset on, and remembers how far a torn line was looked through.

    So a line that grows in small pieces costs its length and not the square of it, and no torn
    line is held in memory. At most a block is looked at again each time.

    Args:
        block_bytes: What is read at a time.
        line_bytes: A longer line, its LF included, is not read; at least `block_bytes`.
    """

    def __init__(self, block_bytes: int, line_bytes: int) -> None:
        self._block_bytes = block_bytes
        self._line_bytes = line_bytes
        self._restart(0)

    def _restart(self, offset: int) -> None:
        self._offset = offset
        self._scanned = offset
        self._edges = (b"", b"")

    def find(self, source: Source, offset: int) -> Found | None:
        """Finds the lines after `offset`, a line's start; None is "not yet".

        NUL bytes in front of the first line are passed over: they end where `begin` is.
        """
        if offset != self._offset or self._edges != self._look_at_edges(source):
            self._restart(offset)
        while LF not in (block := source.read(self._scanned, self._block_bytes)):
            if len(block) < self._block_bytes:
                return None
            self._scanned += len(block)
            self._edges = self._look_at_edges(source)
        return self._found(source, block)

    def _found(self, source: Source, block: bytes) -> Found | None:
        begin = self._begin(source)
        first_end = self._scanned + block.index(LF) + 1
        if first_end - begin > self._line_bytes:
            return Found(begin, first_end, None)
        before = source.read(begin, max(0, self._scanned - begin))
        data = before + whole(block)[max(0, begin - self._scanned) :]
        return Found(begin, begin + len(data), data) if data else None

    def _begin(self, source: Source) -> int:
        """Where the first byte stands that is not NUL. Not remembered, as holes may be filled."""
        begin = self._offset
        while block := source.read(begin, self._block_bytes):
            text = block.lstrip(NUL)
            begin += len(block) - len(text)
            if text:
                break
        return begin

    def _look_at_edges(self, source: Source) -> tuple[bytes, bytes]:
        """The ends of what was looked through: when they change, the torn line was rewritten."""
        length = min(EDGE_BYTES, self._scanned - self._offset)
        return source.read(self._offset, length), source.read(self._scanned - length, length)
