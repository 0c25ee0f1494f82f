"""A run file that was compressed once it was finished, read as if it were not.

It is inflated as far as somebody reads, into a file without a name: any offset can be read again,
and memory stays small.
"""

import errno
import os
import tempfile
import threading
from collections.abc import Callable, Hashable
from typing import IO, Protocol, Self

from karn_view.sources.file import File
from karn_view.sources.source import Source

BLOCK_BYTES = 1 << 20
RATIO_MOST = 200
"""JSON lines inflate tenfold, rarely fiftyfold; a gzip of nothing but zeros 1030-fold."""
ANY_RATIO_BYTES = 64 << 20
"""Up to here a small file may inflate as it likes."""
SIZE_MOST = 16 << 30


class Inflating(Protocol):
    """What `gzip` and `zstd` open: a stream of the bytes within."""

    def read1(self, size: int, /) -> bytes:
        """Returns up to `size` bytes, b"" at the end. Raises `EOFError` where it is cut off."""
        ...

    def close(self) -> None:
        """Ends reading."""
        ...


class Compressed:
    """An open compressed file.

    What cannot be inflated (damage, or more than a run file plausibly holds) ends the bytes, and
    `size` raises it, so that everything before it is read first. A file that is cut off in the
    middle ends there, as it may still be growing. What the system cannot read or write now is
    raised, and tried again by the next `read`.

    Args:
        file: The compressed bytes, closed with this source.
        inflating: Opens a stream of what they hold.
        damage: What that stream raises when they are not what they should be, and then alone.

    Attributes:
        file: The compressed bytes.
        stamp: The size of that file and the times of its last changes, before any was read.
    """

    def __init__(
        self,
        file: File,
        inflating: Callable[[IO[bytes]], Inflating],
        damage: tuple[type[Exception], ...],
    ) -> None:
        self.stamp = file.stamp()
        compressed_size, modified_ns, _ = self.stamp
        self.identity: Hashable = (file.identity, compressed_size, modified_ns)
        self.file = file
        self._inflating = inflating
        self._damage = damage
        self._most = min(SIZE_MOST, max(ANY_RATIO_BYTES, RATIO_MOST * compressed_size))
        self._lock = threading.Lock()
        self._raw: IO[bytes] | None = None
        self._stream: Inflating | None = None
        self._inflated: IO[bytes] | None = None
        self._waiting = b""
        """What was inflated and is not in the file yet; all of it stays here on a full disk."""
        self._end = 0
        self._taken = 0
        self._expected = 0
        self._trouble = ""

    def expect(self, end: int) -> None:
        """Takes it for known that so many bytes can be inflated: another viewer did."""
        self._expected = end

    def size(self) -> int:
        """Returns how much was inflated, or is known to be. Raises `OSError` if the rest cannot."""
        if self._trouble:
            raise OSError(errno.EIO, self._trouble)
        return max(self._end, self._expected)

    @property
    def whole_bytes(self) -> int:
        """About how much it will have been once all is inflated; 0 before any is. Asks no file."""
        estimate = self._end * self.stamp[0] // self._taken if self._taken else 0
        return max(estimate, self._expected)

    def read(self, offset: int, length: int) -> bytes:
        """Returns `length` bytes from `offset`, fewer only where no more can be inflated."""
        if length <= 0:
            return b""
        with self._lock:
            inflated = self._inflate_to(offset + length)
            return os.pread(inflated.fileno(), length, offset)

    def _inflate_to(self, end: int) -> IO[bytes]:
        if self._inflated is None or self._raw is None or self._stream is None:
            self._inflated = tempfile.TemporaryFile(prefix="karn-view-")  # noqa: SIM115
            self._raw = self.file.stream()
            self._stream = self._inflating(self._raw)
        while self._end < end and not self._trouble:
            self._waiting = self._waiting or self._block(self._stream)
            self._taken = self._raw.tell()
            if not self._waiting:
                break
            written = os.pwrite(self._inflated.fileno(), self._waiting, self._end)
            self._waiting, self._end = self._waiting[written:], self._end + written
        return self._inflated

    def _block(self, stream: Inflating) -> bytes:
        try:
            block = stream.read1(BLOCK_BYTES)
        except EOFError:
            return b""  # cut off: torn, not damaged
        except self._damage as error:
            return self._end_with(f"damaged compressed file: {error}")
        if self._end + len(block) > self._most:
            return self._end_with(f"inflates to more than {self._most} bytes")
        return block

    def _end_with(self, reason: str) -> bytes:
        self._trouble = reason
        return b""

    def renewed(self, fresh: Self) -> Self:
        """Goes on with what is inflated already."""
        fresh.close()
        return self

    def twin(self) -> Source:
        """Returns the bytes inflated so far or known, and those to come, as a file."""
        with self._lock:
            return File(os.dup(self._inflate_to(self._expected).fileno()))

    def close(self) -> None:
        """Gives the descriptors back. Closing twice is harmless."""
        with self._lock:
            for opened in (self._stream, self._raw, self._inflated, self.file):
                if opened is not None:
                    opened.close()
