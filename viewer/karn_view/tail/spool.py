"""The committed bytes of last, kept in memory for when their file no longer has them. No I/O."""

from collections import deque

CHUNK_BYTES = 1 << 16


class Spool:
    """Remembers the last `limit_bytes` that were added, whole lines each time."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit_bytes = limit_bytes
        self._size = 0
        self._chunks: deque[tuple[int, bytearray]] = deque()

    def add(self, offset: int, data: bytes) -> None:
        """Remembers `data`, which stands at `offset`, and forgets the oldest beyond the limit."""
        start, last = self._chunks[-1] if self._chunks else (0, bytearray())
        if self._chunks and start + len(last) == offset and len(last) < CHUNK_BYTES:
            last += data
        else:
            self._chunks.append((offset, bytearray(data)))
        self._size += len(data)
        while self._size > self._limit_bytes:
            self._size -= len(self._chunks.popleft()[1])

    def read(self, offset: int, length: int) -> bytes:
        """Returns the bytes at `offset` as far as remembered without a gap, at most `length`."""
        found = bytearray()
        for start, chunk in self._chunks:
            at = offset + len(found)
            if start <= at < start + len(chunk):
                found += chunk[at - start :]
            if len(found) >= length:
                break
        return bytes(found[:length])
