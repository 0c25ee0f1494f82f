"""What a tail hands on. Pure."""

from typing import NamedTuple


class Committed(NamedTuple):
    """Whole lines, the last LF included: about a block of them, or one longer line."""

    generation: str
    offset: int
    data: bytes


class Skipped(NamedTuple):
    """Bytes that are no line: a run of NUL, or a line over the limit. A fault with its size."""

    generation: str
    offset: int
    length: int
    reason: str


class NewGeneration(NamedTuple):
    """The path means another file, or the same one anew. Its first lines follow."""

    generation: str
    reason: str
