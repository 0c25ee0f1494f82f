"""How many lines of which kind were read. Pure."""

from dataclasses import dataclass


@dataclass(slots=True)
class Counts:
    """Every line is counted once, so that the rest adds up to ``lines``.

    Attributes:
        lines: Everything up to an LF, blank lines too.
        records: Lines that hold records, bare or wrapped.
        faults: Lines that begin like a record and are none.
        text: Lines of words, kept for the event log.
        blank: Lines of nothing.
        within: Lines of an indented document in which no record of it ends.
    """

    lines: int = 0
    records: int = 0
    faults: int = 0
    text: int = 0
    blank: int = 0
    within: int = 0
