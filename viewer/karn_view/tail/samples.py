"""Whole lines from places that are spread evenly over a source."""

from collections.abc import Iterator

from karn_view.lines import LF, NUL
from karn_view.sources import Source

HEAD_BYTES = 256 << 10
"""The beginning is read as one piece: settings stand there, and what tells the formats apart."""
BLOCKS = 500
BLOCK_BYTES = 4 << 10
BLOCK_BYTES_MOST = 32 << 10
LINES_A_BLOCK = 4
"""Where lines are long, blocks are as long as so many of them."""

Piece = tuple[int, bytes]
"""Where some whole lines begin, and their bytes."""


def pieces(source: Source, size: int) -> Iterator[Piece]:
    """The head, the samples and the end of a source, in order: 2 to 16 MB however large it is.

    Raises:
        OSError: It cannot be read now.
    """
    head = source.read(0, HEAD_BYTES)
    yield from _whole(0, head, begins_line=True)
    line_bytes = len(head) // (head.count(LF) or 1)
    length = min(max(BLOCK_BYTES, LINES_A_BLOCK * line_bytes), BLOCK_BYTES_MOST)
    last = size - length
    for number in range(1, BLOCKS + 1):
        begin = HEAD_BYTES + (last - HEAD_BYTES) * number // BLOCKS
        yield from _whole(begin, source.read(begin, length))


def newest(source: Source, begin: int, most: int) -> Iterator[Piece]:
    """The whole lines from a line's beginning on, ``most`` bytes of them at the end."""
    length = source.size() - begin
    if length > most:
        begin, length = begin + length - most, most
        yield from _whole(begin, source.read(begin, length))
    elif length > 0:
        yield from _whole(begin, source.read(begin, length), begins_line=True)


def _whole(begin: int, block: bytes, *, begins_line: bool = False) -> Iterator[Piece]:
    """The whole lines of a block; none of one with a hole."""
    first = 0 if begins_line else block.find(LF) + 1
    end = block.rfind(LF) + 1
    if (begins_line or first) and end > first and NUL not in block:
        yield begin + first, block[first:end]
