"""What the file at a path says as it grows, is rotated, rewritten, replaced or taken away.

A file is the same file while its content continues; each one that does not continue the one before
starts a generation at offset 0. Blocking, without threads of its own.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from functools import partial
from pathlib import Path

from karn_view.cursor import UNNAMED
from karn_view.sources import Compressed, File, Source, open_source
from karn_view.tail import prefix
from karn_view.tail.bookmark import Bookmark
from karn_view.tail.chunks import Committed, NewGeneration, Skipped
from karn_view.tail.limits import Limits
from karn_view.tail.rotated import is_numbered, rotated
from karn_view.tail.samples import Piece, newest, pieces
from karn_view.tail.stream import Stream

MOST_HELD = 32
"""Replaced files that are held open at most, waiting for their late lines."""

Item = Committed | Skipped | NewGeneration


class Tail:
    """Follows one path.

    `poll`, `close` and the attributes belong to one thread at a time; `read` and `check` may be
    called from any.

    Args:
        path: What to follow. Nothing needs to be there yet.
        limits: How much is read, held and waited for.
        clock: Monotonic seconds.
        patient: The file is on a mount: its holes may still fill, so they are waited for.
        open_source: How a path is opened.

    Attributes:
        size: The size of the file at the last pass.
        patient: As given; may be changed between two passes.
    """

    def __init__(
        self,
        path: Path,
        *,
        limits: Limits | None = None,
        clock: Callable[[], float] = time.monotonic,
        patient: bool = False,
        open_source: Callable[[Path], Source] = open_source,
    ) -> None:
        self.path = path
        self.size = 0
        self._limits = limits or Limits()
        self._clock = clock
        self.patient = patient
        self._open_source = open_source
        self._lock = threading.Lock()
        self._used: dict[str, int] = {}
        self._name = partial(_name, self._used)
        self._current = Stream("", self._limits, self._name)
        self._older: tuple[Stream, ...] = ()

    @property
    def generation(self) -> str:
        """The name of the current generation; `"0"` until its first line is committed."""
        return self._current.id

    @property
    def offset(self) -> int:
        """The end of the current generation's committed lines."""
        return self._current.consumed.offset

    @property
    def whole_bytes(self) -> int:
        """The size of the file, of a compressed one about what is in it. From any thread."""
        source = self._current.source
        return max(self.size, source.whole_bytes) if isinstance(source, Compressed) else self.size

    @property
    def torn(self) -> int:
        """How many bytes follow the last LF, as of the last pass."""
        return max(0, self.size - self.offset)

    @property
    def is_settled(self) -> bool:
        """Whether nothing but the file at the path may get lines: no replaced one is held."""
        held = any(stream.source for stream in self._older)
        return not held and self._current.release_at is None

    # ---- following -------------------------------------------------------------------------

    def poll(self) -> Iterator[Item]:
        """Makes one pass: everything committed since the last one, each file in its own order.

        Late lines of a file that was replaced carry its generation, and come without an
        announcement when it had no line before.

        Raises:
            FileNotFoundError: Nothing is at the path now; a state, not a failure.
            OSError: The path cannot be read now. Both come after whatever could be read, and
                the next pass goes on from there.
        """
        now = self._clock()
        for stream in self._older:
            yield from self._read_on(stream, now)
        try:
            fresh = self._open_source(self.path)
        except OSError as error:
            yield from self._read_on(self._current, now)
            if isinstance(error, FileNotFoundError):
                self._lose(self._current, now)
            raise
        yield from self._look_at(fresh, now)

    def _look_at(self, fresh: Source, now: float) -> Iterator[Item]:
        """Reads what the name means now; first to its end what it meant before."""
        try:
            if not self._current.reads(fresh):
                yield from self._read_on(self._current, now)
            self._turn_to(fresh, now)
        finally:
            if self._current.source is not fresh:
                fresh.close()
        current = self._same_or_anew(self._current)
        self.size = current.size()
        yield from self._advance(current, now)
        self.size = self._current.size()

    def _read_on(self, stream: Stream, now: float) -> Iterator[Item]:
        """Takes what is still written to a file that lost its name, as long as it is held."""
        with suppress(OSError):
            stream = self._same_or_anew(stream)
            if stream.is_due(now):
                stream.look_anew()
            yield from self._advance(stream, now)
        if stream.is_due(now):
            stream.close()

    def _advance(self, stream: Stream, now: float) -> Iterator[Item]:
        for item in stream.advance(now, self.patient):
            if item.offset == 0 and stream is self._current:
                yield NewGeneration(stream.id, stream.reason)
            yield item

    # ---- after a restart -------------------------------------------------------------------

    def bookmark(self) -> Bookmark | None:
        """Where the current generation stands, for a later viewer; None where that is of no use.

        Raises:
            OSError: The file cannot be read now.
        """
        return self._current.bookmark()

    def resume(self, bookmark: Bookmark) -> bool:
        """Goes on from where another viewer stood, before any pass; tells whether it may.

        Raises:
            OSError: The file cannot be read now.
        """
        source, fits = self._open_source(self.path), False
        try:
            fits = isinstance(source, File | Compressed) and bookmark.fits(source)
        finally:
            if not fits:
                source.close()
        if fits:
            self._used[bookmark.generation] = 1
            self._current.go_on_from(bookmark)
            self._current.take(source)
            if isinstance(source, Compressed):
                source.expect(bookmark.consumed.offset)
            self.size = source.size()
        return fits

    def inflate(self) -> Iterator[int]:
        """After `resume` has what a compressed file holds at hand again, a block each time.

        Yields:
            How many bytes are.

        Raises:
            OSError: It cannot be read now; the next pass goes on from there.
        """
        source = self._current.source
        if isinstance(source, Compressed):
            for end in range(self._limits.block_bytes, self.offset, self._limits.block_bytes):
                source.read(end - 1, 1)
                yield end

    def start_over(self) -> None:
        """Begins at the beginning after all, as what was known up to a bookmark is lost."""
        self.close()
        self._used.clear()
        self._current = Stream("", self._limits, self._name)

    # ---- which generation ------------------------------------------------------------------

    def _turn_to(self, fresh: Source, now: float) -> None:
        """Goes on with what is at the path: the same file, a copy that continues it, or another."""
        current = self._current
        if current.reads(fresh):
            current.renew(fresh)
        elif current.continues_in(fresh):
            current.close()
            current.take(fresh)
        else:
            self._lose(current, now)
            self._release(fresh)
            self._begin("the file was replaced by another").take(fresh)
        self._current.release_at = None

    def _same_or_anew(self, stream: Stream) -> Stream:
        """Starts a generation on the same file, when that no longer holds what was consumed of it.

        Of a file that was replaced nothing more is expected then.
        """
        if not stream.is_rewritten():
            return stream
        if stream is not self._current:
            stream.close()
            return stream
        shorter = stream.size() < stream.consumed.offset
        anew = self._begin("the file was shortened" if shorter else "the file was rewritten")
        anew.release_at = stream.release_at
        anew.take(stream.give())
        return anew

    def _begin(self, reason: str) -> Stream:
        with self._lock:
            self._older = self._worth_keeping((*self._older, self._current))
            self._current = Stream(reason, self._limits, self._name)
        return self._current

    def _worth_keeping(self, older: tuple[Stream, ...]) -> tuple[Stream, ...]:
        """The last few, and those whose late lines are waited for; descriptors are bounded."""
        for stream in older[:-MOST_HELD]:
            stream.close()
        recent = older[-self._limits.generations :]
        return tuple(stream for stream in older if stream.source or stream in recent)

    def _lose(self, stream: Stream, now: float) -> None:
        if stream.release_at is None:
            stream.release_at = now + self._limits.drain_s

    def _release(self, fresh: Source) -> None:
        """Lets go of a file that got its name back: its lines belong to one generation only."""
        for stream in self._older:
            if stream.reads(fresh):
                stream.close()

    # ---- looking ahead ---------------------------------------------------------------------

    def samples(self) -> list[Piece]:
        """Whole lines from all over the current file; none where any place costs all before it.

        Raises:
            OSError: It cannot be read now.
        """
        source = self._current.source
        return [*pieces(source, source.size())] if isinstance(source, File) else []

    def newest(self, begin: int) -> list[Piece]:
        """The current file's whole lines from a line's beginning on, the last of them if many.

        Raises:
            OSError: It cannot be read now.
        """
        source = self._current.source
        return [*newest(source, begin, self._limits.block_bytes)] if source else []

    # ---- looking back ----------------------------------------------------------------------

    def read(self, generation: str, offset: int, limit: int) -> bytes | Skipped | None:
        """Reads committed lines again, of any generation that is at hand. From any thread.

        Args:
            generation: Its name, or `"0"` with offset 0 for the current one.
            offset: Where a line begins.
            limit: About how many bytes; at least one line comes.

        Returns:
            Whole lines; empty at the end of what is committed; the `Skipped` that stands at
            `offset`, after which to go on; None when these bytes are no longer at hand. Bytes of
            another generation are never returned.
        """
        stream = self._find(generation, offset)
        if stream is None:
            return None
        page = stream.read(offset, limit)
        if page is None and stream.source is None and offset < stream.consumed.offset:
            page = self._read_rotated(stream, offset, limit)
        return page

    def _read_rotated(self, stream: Stream, offset: int, limit: int) -> bytes | Skipped | None:
        """What memory no longer holds may stand where the file was rotated or copied to."""
        with suppress(OSError):
            for path in rotated(self.path):
                page = stream.read_from(self._open_source(path), offset, limit)
                if page is not None:
                    return page
        return None

    def check(self, offset: int, generation: str | None = None) -> str | None:
        """Returns eight hex digits that stand for the bytes before `offset`, None if unknown.

        A page brings them back with its cursor, and a viewer that was started since can tell
        whether its file is the one that the page knows. From any thread; at `self.offset` of the
        current generation, which is meant by default, nothing is read and nobody waited for.
        """
        stream = self._current if generation is None else self._find(generation, offset)
        before = stream.before(offset) if stream else None
        return None if before is None else prefix.check(before)

    def _find(self, generation: str, offset: int) -> Stream | None:
        if generation == UNNAMED and offset == 0:
            return self._current
        streams = (self._current, *self._older)
        return next((stream for stream in streams if stream.id == generation), None)

    def recall(self, generation: str) -> dict[str, int]:
        """Looks for a generation that an earlier viewer saw, among the files rotated away since.

        It is at hand then with those that were rotated away after it, and their late lines come
        with the next passes. From any thread.

        Returns:
            The ends of their committed lines by generation, the oldest first; nothing when no file
            beside the path begins like it.
        """
        recalled: dict[str, int] = {}
        with suppress(OSError):
            for path in self._rotated_since(generation):
                stream = self._take_in(path)
                if stream.consumed.offset:
                    recalled[stream.id] = stream.consumed.offset
        return recalled

    def _rotated_since(self, generation: str) -> list[Path]:
        """Where a generation is, and the files after it that nobody has seen, the oldest first."""
        since: dict[str, Path] = {}
        for path in rotated(self.path):
            with closing(self._open_source(path)) as source:
                name = prefix.name(source.read(0, prefix.HEAD_BYTES))
            if name == generation:
                return [path, *reversed(since.values())]
            if is_numbered(path, self.path) and self._find(name, 0) is None:
                since.pop(name, None)  # the oldest of its copies tells its place
                since[name] = path
        return []

    def _take_in(self, path: Path) -> Stream:
        stream = Stream("", self._limits, prefix.name)
        stream.take(self._open_source(path))
        self._lose(stream, self._clock())
        try:
            for _ in stream.advance(self._clock(), self.patient):
                pass  # who asks for it reads it
        except OSError:
            stream.close()
            raise
        with self._lock:
            self._used.setdefault(stream.id, 1)
            self._older = self._worth_keeping((*self._older, stream))
        return stream

    def close(self) -> None:
        """Gives all descriptors back."""
        for stream in (self._current, *self._older):
            stream.close()


def _name(used: dict[str, int], head: bytes) -> str:
    """Names a generation after its first line; the second of the same name ends in -2.

    Not a tail's own method: with a stream that holds its tail either would wait for the collector,
    and what memory holds of the file with them.
    """
    name = prefix.name(head)
    used[name] = used.get(name, 0) + 1
    return name if used[name] == 1 else f"{name}-{used[name]}"
