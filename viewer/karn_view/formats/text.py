"""Whole lines in one piece, and where each of them begins. Pure."""

from collections.abc import Iterator
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from karn_view.lines import LF

PART = 256
"""So many lines, and what they become, stay in the processor's caches until they are done with."""

Indices = NDArray[np.int64]
Lines = bytes | memoryview


class Text:
    """Lines that follow each other, each with its LF.

    Attributes:
        data: All of them.
        begins: Where each begins, and where the last one ends.
    """

    def __init__(self, data: Lines) -> None:
        self.data = data
        self._bytes = np.frombuffer(data, np.uint8)
        self.begins: Indices = np.append(0, np.flatnonzero(self._bytes == ord(LF)) + 1)

    def __len__(self) -> int:
        return len(self.begins) - 1

    def __getitem__(self, at: int) -> bytes:
        """A line without its LF."""
        begin, end = self.begins[at : at + 2].tolist()
        return bytes(self.data[begin : end - 1])

    def parts(self, which: Indices) -> Iterator[tuple[Indices, bytes]]:
        """Some lines, ``PART`` at a time: their numbers, which ascend, and their text."""
        if not len(which):
            return
        text: Lines
        first, last = int(which[0]), int(which[-1])
        if last - first + 1 == len(which):
            text, ends = self.data, self.begins[first:]
        else:
            text, ends = self._joined(which)
        for at in range(0, len(which), PART):
            part = which[at : at + PART]
            begin, end = int(ends[at]), int(ends[at + len(part)])
            yield part, bytes(text[begin:end])

    def are_objects(self, which: Indices) -> bool:
        """Whether each of some lines looks like a whole object.

        That is, it begins with a brace and ends with one: no value goes on from one such line into
        the next, as within a value a closing brace is never followed by an opening one.
        """
        return bool(self._looks[which].all())

    @cached_property
    def _looks(self) -> NDArray[np.bool_]:
        begins, ends = self.begins[:-1], self.begins[1:] - 1
        looks = (self._bytes[begins] == ord("{")) & (self._bytes[ends - 1] == ord("}"))
        return np.asarray(looks, bool)

    def _joined(self, which: Indices) -> tuple[bytes, Indices]:
        """The text of lines that stand apart, and where in it each begins and the last one ends."""
        begins, ends = self.begins[which], self.begins[which + 1]
        is_apart = begins[1:] != ends[:-1]
        starts, stops = begins[np.append(True, is_apart)], ends[np.append(is_apart, True)]
        runs = map(slice, starts.tolist(), stops.tolist())
        text = b"".join(map(self.data.__getitem__, runs))
        return text, np.append(0, np.cumsum(ends - begins))
