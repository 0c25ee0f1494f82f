"""What shows that a file still begins with the bytes that were consumed from it.

The first and the last consumed bytes are compared; inode and size prove nothing: a file system
gives the inode of a deleted file to the next one at once, and a rewritten file may have any size.
"""

from hashlib import blake2b
from typing import NamedTuple, Self

from karn_view.sources import Source

HEAD_BYTES = 256
TAIL_BYTES = 64


class Prefix(NamedTuple):
    """The first and the last of the `offset` bytes consumed. The empty prefix begins any file."""

    offset: int = 0
    head: bytes = b""
    tail: bytes = b""

    @classmethod
    def of(cls, source: Source, offset: int) -> Self:
        """Takes the first `offset` bytes of `source` as consumed."""
        start = max(0, offset - TAIL_BYTES)
        head = source.read(0, min(HEAD_BYTES, offset))
        return cls(offset, head, source.read(start, offset - start))

    def grown(self, data: bytes) -> Self:
        """Returns the prefix once `data` is consumed as well."""
        head = self.head + data[: HEAD_BYTES - len(self.head)]
        tail = (self.tail + data[-TAIL_BYTES:])[-TAIL_BYTES:]
        return type(self)(self.offset + len(data), head, tail)

    def begins(self, source: Source) -> bool:
        """Tells whether `source` still begins with these bytes, as far as can be seen."""
        tail_at = self.offset - len(self.tail)
        tail, head = source.read(tail_at, len(self.tail)), source.read(0, len(self.head))
        return tail == self.tail and head == self.head


def name(head: bytes) -> str:
    """Names a generation by how its first line begins, so that every viewer names it alike."""
    line, lf, _ = head[:HEAD_BYTES].partition(b"\n")
    return blake2b(line + lf, digest_size=6).hexdigest()


def check(tail: bytes) -> str:
    """Returns eight hex digits that stand for the bytes just before a cursor."""
    return blake2b(tail[-TAIL_BYTES:], digest_size=4).hexdigest()
