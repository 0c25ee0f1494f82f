"""Replay then live, with no seam: what a follower of a run has not seen yet."""

from itertools import takewhile

from karn_view.cursor import Cursor
from karn_view.pages import READ_BYTES, Page, Wanted, read_page
from karn_view.run import Run


class Follower:
    """Sees every committed line of a run once, in order, from a cursor on.

    The law: of each generation from the cursor's on, the follower has seen everything before an
    offset, and is owed the rest, the oldest generation first. So lines that were not read yet when
    a file was replaced still come, and late lines of a replaced file come when they are written.
    Making one may wait for the file.

    Attributes:
        start: Where it begins.
        reset: The cursor it began with is of no generation at hand: it starts anew with the
            current one and must forget what it had.
    """

    def __init__(self, run: Run, after: Cursor) -> None:
        self._run = run
        found = run.locate(after)
        self.reset = found is None
        with run.lock:
            self.start = found or Cursor(run.cursor.generation, 0)
            before = takewhile(lambda known: known != self.start.generation, run.ends)
            self._skipped = frozenset(before)
        self._seen = {self.start.generation: self.start.offset}

    def owed(self) -> list[Cursor]:
        """Where unseen lines begin now, oldest generation first. No I/O."""
        return [
            Cursor(generation, seen)
            for generation, end in list(self._run.ends.items())
            if generation not in self._skipped and (seen := self._seen.get(generation, 0)) < end
        ]

    def read(self, limit: int) -> Page:
        """The page that is owed next; call only while something is. Reads the file."""
        wanted = Wanted(limit=limit, scan_bytes=READ_BYTES)
        return read_page(self._run, self.owed()[0], wanted)

    def saw(self, page: Page) -> None:
        """Moves on. A replaced generation that is no longer at hand owes nothing more."""
        generation = page.after.generation
        lost = page.gone and generation != self._run.current.id
        end = self._run.ends.get(generation, page.cursor.offset)
        self._seen[generation] = end if lost else page.cursor.offset
