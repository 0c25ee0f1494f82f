"""Blocks of lines read ahead of what stands before them. Pure.

Any process can do it that knows the forms of the lines; the reader, who goes through the file in
order, takes the columns over and looks at the lines that had none of the forms.
"""

import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from karn_view.formats.taker import Form, Taken, Taker
from karn_view.lines import LF, Line

_decode = msgspec.json.Decoder().decode


class Stretch(NamedTuple):
    """Lines of a block that stand together and have the same form, by its number."""

    form: int
    first: int
    length: int


class Ahead(NamedTuple):
    """What was read of a block.

    Attributes:
        era: Of which the numbers of forms are.
        begins: Where in the block each line begins, and after them where the last one ends.
        stretches: The lines that had a known form, in order.
        taken: Their columns by form; the rows in ``runs`` are lines of the block.
    """

    era: int
    begins: NDArray[np.int64]
    stretches: Sequence[tuple[int, int, int]]
    taken: dict[int, Taken]


class Block(NamedTuple):
    """Whole lines, and where in their file they begin."""

    offset: int
    data: bytes

    def line(self, ahead: Ahead, at: int) -> Line:
        """One of the lines."""
        begin, end = ahead.begins[at : at + 2].tolist()
        return Line(self.offset + begin, self.data[begin : end - 1])


class Scout:
    """Reads blocks of lines, each for itself, with the forms of one era.

    Attributes:
        era: As given.
        learnt: How many forms it knows.
    """

    def __init__(self, era: int) -> None:
        self.era = era
        self._takers: list[Taker] = []
        self._by_keys: dict[tuple[str, ...], list[int]] = {}
        self._successors: dict[int, int] = {}
        self._usual: dict[int, int] = {}
        """How many lines of a form stood together the last time."""
        self._last = -1
        self._run = 0

    @property
    def learnt(self) -> int:
        return len(self._takers)

    def learn(self, forms: Iterable[Form]) -> None:
        """Takes in the forms with the next numbers."""
        for form in forms:
            self._by_keys.setdefault(form.keys, []).append(len(self._takers))
            self._takers.append(Taker(form))

    def read(self, block: bytes) -> Ahead:
        """Reads the whole lines of a block."""
        lines = block.split(LF)[:-1]
        lengths = np.fromiter(map(len, lines), np.int64, len(lines))
        begins = np.concatenate(([0], np.cumsum(lengths + 1)))
        stretches = [*self._stretches(lines)]
        used = dict.fromkeys(stretch.form for stretch in stretches)
        return Ahead(self.era, begins, stretches, {form: self._takers[form].cut() for form in used})

    def _stretches(self, lines: Sequence[bytes]) -> Iterator[Stretch]:
        at = 0
        while at < len(lines):
            form, count = self._take(lines, at)
            if count:
                self._follow(form, count)
                yield Stretch(form, at, count)
            at += count or 1

    def _take(self, lines: Sequence[bytes], at: int) -> tuple[int, int]:
        for form in self._candidates(lines[at]):
            most = sys.maxsize if form == self._last else self._usual.get(form, sys.maxsize)
            if count := self._takers[form].take(lines, at, at, most):
                return form, count
        return -1, 0

    def _candidates(self, line: bytes) -> Iterator[int]:
        """The likely forms first, then all with the line's keys, which takes a look to tell."""
        if self._last in self._successors:
            yield self._successors[self._last]
        if self._last >= 0:
            yield self._last
        try:
            record = _decode(line)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return
        if type(record) is dict:
            yield from self._by_keys.get(tuple(record), ())

    def _follow(self, form: int, count: int) -> None:
        """Remembers which form came after which, and after how many lines."""
        if form == self._last:
            self._run += count
            return
        if self._last >= 0:
            self._successors[self._last], self._usual[self._last] = form, self._run
        self._last, self._run = form, count
