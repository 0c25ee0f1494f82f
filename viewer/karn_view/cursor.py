"""``generation:offset``: "I have everything before this". Pure."""

from typing import NamedTuple, Self

from karn_view.errors import KarnViewError

UNNAMED = "0"
"""The generation of a file without a line, and of who has none yet: ``0:0`` fits every file."""
OFFSET_DIGITS = 18
"""No file is longer; a longer number is no offset."""


class Cursor(NamedTuple):
    """A place between two lines of a run file; the one resume token everywhere."""

    generation: str
    offset: int

    def __str__(self) -> str:
        return f"{self.generation}:{self.offset}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Reads what ``str`` wrote.

        Raises:
            KarnViewError: It is not a generation, a colon and a whole number.
        """
        generation, colon, offset = text.rpartition(":")
        is_whole = offset.isascii() and offset.isdigit() and len(offset) <= OFFSET_DIGITS
        if not (colon and generation and is_whole):
            raise KarnViewError(f"not a cursor (generation:offset): {text[:80]!r}")
        return cls(generation, int(offset))


START = Cursor(UNNAMED, 0)
