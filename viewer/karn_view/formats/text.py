"""Many lines as one text, of which each is cut out only when somebody asks for it. Pure."""

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from karn_view.lines import LF

Indices = NDArray[np.int64]


class Text:
    """Whole lines.

    Attributes:
        begins: Where each line begins, and where the last one ends.
    """

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._bytes = np.frombuffer(data, np.uint8)
        self.begins: Indices = np.append(0, np.flatnonzero(self._bytes == ord(LF)) + 1)

    def __len__(self) -> int:
        return len(self.begins) - 1

    @cached_property
    def lines(self) -> list[bytes]:
        """The lines without their ends."""
        return self._data.split(LF)[:-1]

    def line(self, at: int) -> bytes:
        """One of them."""
        return self.lines[at]

    def part(self, first: int, end: int) -> "Text":
        """The lines from one up to another."""
        return Text(self._data[self.begins[first] : self.begins[end]])

    def objects(self, which: Sequence[int]) -> bytes | None:
        """Some lines without the last one's end; None unless each looks like one whole object.

        That is, it begins with a brace and ends with one: no value goes on from one such line into
        the next, as within a value a closing brace is never followed by an opening one.
        """
        if not isinstance(which, range):
            return LF.join([self.lines[at] for at in which]) if self._look[which].all() else None
        if not self._look[which.start : which.stop].all():
            return None
        return self._data[self.begins[which.start] : self.begins[which.stop] - 1]

    @cached_property
    def _look(self) -> NDArray[np.bool_]:
        """Which lines look like objects."""
        begins, ends = self.begins[:-1], self.begins[1:] - 1
        looks = (self._bytes[begins] == ord("{")) & (self._bytes[ends - 1] == ord("}"))
        return np.asarray(looks, bool)
