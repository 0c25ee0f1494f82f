"""Processes that read blocks ahead, and fail without harm."""

import logging
import threading
from multiprocessing.connection import Connection
from typing import NamedTuple, Self

from karn_view import forerunners
from karn_view.decoding.slots import Layout, Slots, get
from karn_view.forerunners import SLOT_BYTES, SLOTS, Begun, End
from karn_view.formats.ahead import Ahead
from karn_view.formats.taker import Form

log = logging.getLogger(__name__)

AT_A_TIME = 2
"""So many readings have decoders at a time: each has as many as there are processors."""
ANSWER_S = 10.0
"""A block takes 20 ms; who needs so long is stopped or starved."""


class Ticket(NamedTuple):
    """A block on its way."""

    decoder: "Decoder"
    slot: int

    def release(self) -> None:
        """Nobody looks at what was read of it any more."""
        self.decoder.free.append(self.slot)


class Decoder:
    """One process. It gets blocks in order and answers in that order.

    Raises:
        OSError: The system grants no memory.
    """

    def __init__(self, end: End) -> None:
        self._slots = Slots(end.memory.fileno())
        self.free = [*range(SLOTS)]
        self._era, self._taught = 0, 0
        self._channel = Connection(end.channel.detach())
        self._process: int | None = None

    def submit(self, data: bytes, era: int, forms: list[Form]) -> Ticket | None:
        """Sends a block; None when it has enough to do or does not answer yet."""
        if not self.free or not self._answers():
            return None
        if era != self._era:
            self._era, self._taught = era, 0
        slot = self.free.pop()
        self._slots[slot][: len(data)] = data
        self._channel.send((slot, len(data), era, forms[self._taught :]))
        self._taught = len(forms)
        return Ticket(self, slot)

    def _answers(self) -> bool:
        if self._process is None and self._channel.poll(0):
            self._process = self._channel.recv()
        return self._process is not None

    def result(self, ticket: Ticket) -> Ahead | None:
        """What was read of the oldest block that was not asked for yet; None for too much.

        Raises:
            OSError, EOFError: It does not answer, or not in time.
        """
        if not self._channel.poll(ANSWER_S):
            raise TimeoutError(f"no answer for {ANSWER_S:g} s")
        layout: Layout | None = self._channel.recv()
        return None if layout is None else get(layout, self._slots[ticket.slot])

    def close(self) -> None:
        """Tells the process to end; the memory goes with the last array over it."""
        self._channel.close()


_free = threading.Semaphore(AT_A_TIME)


class Decoders:
    """As many as there are processors; it takes them half a second to begin. For one thread."""

    @classmethod
    def begin(cls) -> Self | None:
        """Begins them; None while others have enough."""
        return cls() if _free.acquire(blocking=False) else None

    def __init__(self) -> None:
        self._begun: Begun | None = None
        self._decoders: list[Decoder] = []
        self._next = 0
        self._is_counted = True
        try:
            self._begun = forerunners.take() or forerunners.begin()
            for end in self._begun.ends:
                self._decoders.append(Decoder(end))
        except OSError as error:
            self._give_up(error)

    def submit(self, data: bytes, era: int, forms: list[Form]) -> Ticket | None:
        """Sends a block to one that has time for it; None when there is none."""
        if len(data) > SLOT_BYTES:
            return None
        for _ in range(len(self._decoders)):
            self._next = (self._next + 1) % len(self._decoders)
            try:
                if ticket := self._decoders[self._next].submit(data, era, forms):
                    return ticket
            except (OSError, EOFError) as error:
                self._give_up(error)
                return None
        return None

    def result(self, ticket: Ticket) -> Ahead | None:
        """What was read of a block, in the order of `submit`; None when that did not succeed."""
        try:
            return ticket.decoder.result(ticket) if self._decoders else None
        except (OSError, EOFError) as error:
            self._give_up(error)
            return None

    def _give_up(self, error: Exception) -> None:
        log.warning(
            "reading goes on in one process: another ended (%s)", str(error) or "no more answers"
        )
        self.close()

    def close(self) -> None:
        """Ends all of them."""
        decoders, self._decoders = self._decoders, []
        for decoder in decoders:
            decoder.close()
        if self._begun is not None:
            self._begun.end()
            self._begun = None
        if self._is_counted:
            self._is_counted = False
            _free.release()
