"""What the two ends of a run file tell: enough to list a run that nobody looks at yet."""

import time
from collections.abc import Iterator
from contextlib import closing
from functools import cache, partial
from pathlib import Path
from typing import Any

from karn_view import process
from karn_view.describe import describe
from karn_view.finding import Found, shown
from karn_view.formats.rows import Overrides
from karn_view.lines import LF, whole
from karn_view.run import Run
from karn_view.sources import Source, open_source
from karn_view.state import duration, judge
from karn_view.tail import Committed, NewGeneration, Tail, prefix

END_BYTES = 4 << 10
END_BYTES_MOST = 1 << 20
"""An end is looked at so far for one whole line, and no further."""
HEAD_LINES = 3
TAIL_LINES = 2


class Ends(Tail):
    """A tail that reads a few lines at both ends of a file, once, and nothing in between.

    Attributes:
        partial: There is something in between.
    """

    partial = False
    _end = 0

    @property
    def offset(self) -> int:
        """The end of the file's committed lines."""
        return self._end

    def poll(self) -> Iterator[Committed | NewGeneration]:
        """Commits the lines at both ends. Raises `OSError`."""
        with closing(self._open_source(self.path)) as source:
            head = _head(source)
            self.size = source.size()
            self._end, tail = _tail(source, len(head), self.size)
        if not head:
            return
        self.partial = self._end > END_BYTES
        if self.partial:
            head, tail = _joined(head, stop=HEAD_LINES), _joined(tail, start=-TAIL_LINES)
        name, lines = prefix.name(head), head + tail
        yield NewGeneration(name, "")
        yield Committed(name, self._end - len(lines), lines)


class Glance:
    """A run as it stood at some moment, which is now.

    Attributes:
        seen: The run as ``api/runs`` would have listed it then.
    """

    def __init__(self, run: Run) -> None:
        self.seen = describe(run)
        self._evidence, self._at = run.evidence(), time.time()
        self._process = run.current.evidence.process

    def info(self) -> dict[str, Any]:
        """The run as ``api/runs`` lists it, its state judged anew."""
        aged = self._evidence.aged(time.time() - self._at)
        if aged.process_alive:
            aged.process_alive = process.is_alive(*self._process)
        state, reason = judge(aged)
        return {**self.seen, "state": state, "reason": reason}


def glance_at(
    id: str, name: str, path: Path, overrides: Overrides, within: str | None = None
) -> Glance:
    """Glances at both ends of a run file. Reads a few kilobytes of it, and may wait for them.

    Args as for `Library`; within: The folder that it must lie in.
    """
    ends = Ends(path, open_source=partial(open_source, within=within))
    run = Run(id, name, path, ends, overrides=overrides)
    for _ in run.advance():
        run.partial = ends.partial
    return Glance(run)


def unread(id: str, name: str, path: Path, found: Found | None) -> dict[str, Any]:
    """A run that was found and not glanced at yet, as ``api/runs`` lists it."""
    written_at = found.mtime_ns / 1e9 if found and found.reachable else None
    age = f"; last written {duration(time.time() - written_at)} ago" if written_at else ""
    known = {"id": id, "name": name, "source": shown(path), "reason": f"not read yet{age}"}
    size = found.size if found else 0
    return {**_blank(), **known, "size_bytes": size, "arrived_at": written_at}


@cache
def _blank() -> dict[str, Any]:
    run = Run("", "", Path(), Ends(Path()))
    run.partial = True
    return describe(run)


def _head(source: Source) -> bytes:
    """The whole lines at the beginning, one at least if it is not too long."""
    length = END_BYTES
    while LF not in (data := source.read(0, length)) and len(data) == length < END_BYTES_MOST:
        length *= 4
    return whole(data)


def _tail(source: Source, begun: int, size: int) -> tuple[int, bytes]:
    """Where the committed lines end, and the last of them, which begin at ``begun`` or later."""
    length = END_BYTES
    while True:
        start = max(begun, size - length)
        data = whole(source.read(start, size - start))
        lines = data[data.find(LF) + 1 :] if start > begun else data
        if lines or start == begun or length >= END_BYTES_MOST:
            return (start + len(data) if data else begun), lines
        length *= 4


def _joined(lines: bytes, start: int | None = None, stop: int | None = None) -> bytes:
    """Some of the lines, as bytes again."""
    return b"".join(line + LF for line in lines.split(LF)[:-1][start:stop])
