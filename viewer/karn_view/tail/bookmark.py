"""Where a viewer stood in a file, for one that is started later."""

from hashlib import blake2b
from typing import NamedTuple, Self

from karn_view.sources.file import File
from karn_view.tail.chunks import Skipped
from karn_view.tail.prefix import Prefix

PLACES = 64
PLACE_BYTES = 64


class Bookmark(NamedTuple):
    """What was read of a file, and how to tell that it still is that file.

    The first and last bytes that were read, those at some places between, and the size and the
    times of the file have to be as they were; of a file that grew, only the bytes. Bytes between
    the places that were overwritten, while the file grew too, are not noticed.

    Attributes:
        generation: How the first line names the file.
        consumed: What was read of it.
        skips: What of that was no line.
        stamp: The size of the file then, when its content and when its entry had last changed.
        trace: Stands for the bytes at the places.
    """

    generation: str
    consumed: Prefix
    skips: tuple[Skipped, ...]
    stamp: tuple[int, int, int]
    trace: bytes

    @classmethod
    def of(cls, generation: str, consumed: Prefix, skips: tuple[Skipped, ...], file: File) -> Self:
        """Where a viewer stands in an open file now. Raises `OSError`."""
        return cls(generation, consumed, skips, file.stamp(), _trace(file, consumed.offset))

    def fits(self, file: File) -> bool:
        """Tells whether an open file may be gone on with from here. Raises `OSError`."""
        stamp = file.stamp()
        is_grown = stamp[0] > self.stamp[0]
        return (
            (is_grown or stamp == self.stamp)
            and self.consumed.begins(file)
            and _trace(file, self.consumed.offset) == self.trace
        )


def _trace(file: File, end: int) -> bytes:
    found = blake2b(digest_size=16)
    for begin in range(0, end, -(-end // PLACES) or 1):
        found.update(file.read(begin, min(PLACE_BYTES, end - begin)))
    return found.digest()
