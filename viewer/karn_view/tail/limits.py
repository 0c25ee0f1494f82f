"""How much a tail reads, holds and waits for. Pure."""

from dataclasses import dataclass

MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """The defaults suit runs of any size.

    Attributes:
        line_bytes: A longer line, its LF included, is skipped. Never less than `block_bytes`.
        block_bytes: What is read at a time.
        spool_bytes: Committed bytes of a generation kept in memory, in case the file loses them.
        generations: How many older generations stay readable.
        drain_s: How long a file that lost its name is read on for late lines.
        hole_wait_s: How long a hole on a mount may take to fill before it counts as one.
    """

    line_bytes: int = 16 * MIB
    block_bytes: int = 2 * MIB
    spool_bytes: int = 8 * MIB
    generations: int = 4
    drain_s: float = 5.0
    hole_wait_s: float = 60.0
