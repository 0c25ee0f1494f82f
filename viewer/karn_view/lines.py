"""Lines and where they stand: bytes up to LF with the offset of their first byte. Pure."""

import re

import msgspec

LF = b"\n"
NUL = b"\0"
_HOLE = re.compile(rb"^\0+", re.MULTILINE)


class Line(msgspec.Struct, frozen=True, gc=False):
    """One committed line, without its LF. A CR before the LF is kept; `record` strips it."""

    offset: int
    data: bytes


def split(data: bytes, offset: int) -> list[Line]:
    """Splits whole lines that begin at `offset` of their file; `data` is empty or ends in LF.

    Empty lines are lines too, so that the offsets of all lines account for every byte.
    """
    lines = []
    for piece in data.split(LF)[:-1]:
        lines.append(Line(offset, piece))
        offset += len(piece) + 1
    return lines


def holes(data: bytes) -> list[tuple[int, int]]:
    """Finds the runs of NUL at the start of a line: where each begins and ends.

    They stand where a file was truncated under a writer that did not append, or where a machine
    went down before its data reached the disk.
    """
    return [hole.span() for hole in _HOLE.finditer(data)] if NUL in data else []


def whole(data: bytes) -> bytes:
    """Returns `data` up to and including its last LF."""
    return data[: data.rfind(LF) + 1]
