"""Where a viewer stood in a file, for one that is started later."""

from hashlib import blake2b
from typing import NamedTuple, Self

from karn_view.sources import Compressed, File
from karn_view.tail.chunks import Skipped
from karn_view.tail.prefix import Prefix

PLACES = 64
PLACE_BYTES = 64


class Bookmark(NamedTuple):
    """What was read of a file, and how to tell that it still is that file.

    The first and last bytes that were read, those at some places between, and the size and the
    times of the file have to be as they were; of a file that grew, only the bytes. Bytes between
    the places that were overwritten, while the file grew too, are not noticed. Of a compressed file
    all of this is that of the compressed bytes, and it must not have grown.

    Attributes:
        generation: How the first line names the file.
        consumed: What was read of it.
        skips: What of that was no line.
        stamp: The size of the file then, when its content and when its entry had last changed.
        held: The bytes of the file itself that were read.
        trace: Stands for those at the places.
    """

    generation: str
    consumed: Prefix
    skips: tuple[Skipped, ...]
    stamp: tuple[int, int, int]
    held: Prefix
    trace: bytes

    @classmethod
    def of(
        cls,
        generation: str,
        consumed: Prefix,
        skips: tuple[Skipped, ...],
        source: File | Compressed,
    ) -> Self:
        """Where a viewer stands in an open file now. Raises `OSError`."""
        file, stamp = _file(source)
        held = consumed if file is source else Prefix.of(file, stamp[0])
        return cls(generation, consumed, skips, stamp, held, _trace(file, held.offset))

    def fits(self, source: File | Compressed) -> bool:
        """Tells whether an open file may be gone on with from here. Raises `OSError`."""
        file, stamp = _file(source)
        is_grown = file is source and stamp[0] > self.stamp[0]
        return (
            (is_grown or stamp == self.stamp)
            and self.held.begins(file)
            and _trace(file, self.held.offset) == self.trace
        )


def _file(source: File | Compressed) -> tuple[File, tuple[int, int, int]]:
    """What the system has of a source, and its stamp before anything was read of it."""
    if isinstance(source, Compressed):
        return source.file, source.stamp
    return source, source.stamp()


def _trace(file: File, end: int) -> bytes:
    found = blake2b(digest_size=16)
    for begin in range(0, end, -(-end // PLACES) or 1):
        found.update(file.read(begin, min(PLACE_BYTES, end - begin)))
    return found.digest()
