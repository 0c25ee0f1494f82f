"""What a tail commits, in order, each block with what other processes have read of it."""

from collections import deque
from collections.abc import Callable, Iterator

import numpy as np

from karn_view.decoding.decoders import Decoders, Ticket
from karn_view.forerunners import WORTH_BYTES
from karn_view.formats.ahead import Ahead
from karn_view.formats.reader import Reader
from karn_view.formats.tell import UNKNOWN
from karn_view.tail import Committed, NewGeneration, Skipped

Item = Committed | Skipped | NewGeneration

WORTH_SHARE = 0.5
"""Where fewer lines than this have a known form, others are of little help."""
TRIED = 16
"""So many blocks in a row of which others were of little help are enough."""


class Reading:
    """One pass over a file, by several processes while much of it is left.

    Args:
        read_next: Reads on; None at the end. Raises `OSError`.
        reader: Who takes the lines in; it becomes another one with a `NewGeneration`.
        left_bytes: How much is left to read.
    """

    def __init__(
        self,
        read_next: Callable[[], Item | None],
        reader: Callable[[], Reader],
        left_bytes: Callable[[], int],
    ) -> None:
        self._read_next = read_next
        self._reader = reader
        self._left_bytes = left_bytes
        self._decoders: Decoders | None = None
        self._waiting: deque[tuple[Item, Ticket | None]] = deque()
        self._held: Item | None = None
        """What nobody has time for yet; read here once it is first."""
        self._failure: OSError | None = None
        self._useless = 0

    def __iter__(self) -> Iterator[tuple[Item, Ahead | None]]:
        """Yields every item, and what was read ahead of it, valid until the next is asked for.

        Raises:
            OSError: What reading on raised, after everything that was read before.
        """
        try:
            while self._fill():
                item, ticket = self._waiting.popleft()
                ahead = self._decoders.result(ticket) if self._decoders and ticket else None
                self._note_use(ahead)
                yield item, ahead
                del ahead
                if ticket is not None:
                    ticket.release()
        finally:
            if self._decoders:
                self._decoders.close()
        if self._failure:
            try:
                raise self._failure
            finally:
                self._failure = None  # its traceback holds this object, and so the run

    def _fill(self) -> bool:
        """Reads on until the others have enough to do; tells whether anything waits."""
        while (item := self._held or self._next()) is not None:
            ticket = self._submit(item)
            self._held = item if ticket is None and self._waiting else None
            if self._held is not None:
                break
            self._waiting.append((item, ticket))
            if ticket is None:
                break
        return bool(self._waiting)

    def _next(self) -> Item | None:
        try:
            return None if self._failure else self._read_next()
        except OSError as error:
            self._failure = error
            return None

    def _submit(self, item: Item) -> Ticket | None:
        reader = self._reader()
        if not isinstance(item, Committed) or not reader.may_take_over or self._useless > TRIED:
            return None
        if self._decoders is None and self._left_bytes() > WORTH_BYTES:
            self._decoders = Decoders.begin()
        return self._decoders.submit(item.data, *reader.forms) if self._decoders else None

    def _note_use(self, ahead: Ahead | None) -> None:
        if ahead is not None:
            is_useful = np.mean(ahead.forms != UNKNOWN) > WORTH_SHARE
            self._useless = 0 if is_useful else self._useless + 1
