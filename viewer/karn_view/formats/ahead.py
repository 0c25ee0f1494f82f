"""Lines read ahead of what stands before them. Pure.

Any process can do it that knows the forms of the lines; the reader, who goes through the file in
order, takes the columns over and looks at the lines that had none of the forms.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, get_args

import msgspec
import numpy as np
from numpy.typing import NDArray

from karn_view.formats.taker import Form, Taken, Taker
from karn_view.formats.text import Indices, Text
from karn_view.record import Record

UNKNOWN = -1
_TOGETHER = 64
"""Where lines of the usual form stand together in fewer, lines are sorted."""
_MOST_WORDS = 4_096
_OF_NUMBERS = b"0123456789.+-eE"
_decode = msgspec.json.Decoder().decode

Kind = tuple[tuple[str, ...], tuple[tuple[str, str], ...]]
"""The keys of lines, and some of their words: those that they have in common with their form."""


class Ahead(NamedTuple):
    """What was read of some lines.

    Attributes:
        era: Of which the numbers of forms are.
        begins: Where each line begins, and where the last one ends.
        forms: The form of each line by its number, ``UNKNOWN`` where it has none.
        taken: The columns of the lines that have one, by form.
    """

    era: int
    begins: Indices
    forms: NDArray[np.int16]
    taken: dict[int, Taken]


class Block(NamedTuple):
    """Whole lines, and where in their file they begin."""

    offset: int
    data: bytes

    def line(self, ahead: Ahead, at: int) -> bytes:
        """One of the lines, without its end."""
        begin, end = ahead.begins[at : at + 2].tolist()
        return self.data[begin : end - 1]


class Scout:
    """Reads lines, each for itself, with the forms of one era.

    A training writes lines of a few forms in turns. Which form a line has is guessed: the usual
    one, or that of a line that was the same but for its numbers, or that of the line before. A
    guess is cheap, and decoding tells whether it was right.

    Attributes:
        era: As given.
        learnt: How many forms it knows.
    """

    def __init__(self, era: int) -> None:
        self.era = era
        self._takers: list[Taker] = []
        self._by_kind: dict[Kind, list[int]] = defaultdict(list)
        self._decisive: dict[tuple[str, ...], set[tuple[str, ...]]] = defaultdict(set)
        """By the keys of lines: keys at which all lines of some form have the same word."""
        self._by_words: dict[int, int] = {}
        self._usual = UNKNOWN

    @property
    def learnt(self) -> int:
        return len(self._takers)

    def learn(self, forms: Iterable[Form]) -> None:
        """Takes in the forms with the next numbers."""
        for form in forms:
            words = {key: get_args(type)[0] for key, type in form.fields if get_args(type)}
            self._decisive[form.keys].add((*words,))
            self._by_kind[_kind(form.keys, words, words)].append(len(self._takers))
            self._takers.append(Taker(form))

    def read(self, text: Text) -> Ahead:
        """Reads lines."""
        left: list[int] = []
        alike = self._alike(text, self._beside_usual(text))
        for words, which in alike.items():
            form = self._by_words.get(words, UNKNOWN)
            left += which if form == UNKNOWN else which[self._takers[form].take(text, which) :]
        self._try(text, sorted(left))
        taken = {form: taker.cut() for form, taker in enumerate(self._takers) if taker.is_used}
        forms = np.full(len(text), UNKNOWN, np.int16)
        for form, found in taken.items():
            forms[found.lines] = form
        self._remember(alike, forms)
        self._usual = max(taken, key=lambda form: len(taken[form].lines), default=UNKNOWN)
        return Ahead(self.era, text.begins, forms, taken)

    def _beside_usual(self, text: Text) -> Sequence[int]:
        """Takes lines of the usual form while they stand together; returns the others."""
        others: list[int] = []
        left = range(len(text))
        while left and self._usual != UNKNOWN and len(others) <= 1 + left.start // _TOGETHER:
            left = left[self._takers[self._usual].take(text, left) :]
            others += left[:1]
            left = left[1:]
        return [*others, *left]

    def _alike(self, text: Text, which: Iterable[int]) -> dict[int, list[int]]:
        """Lines by a hash of their text but for numbers."""
        groups: dict[int, list[int]] = defaultdict(list)
        for at in which:
            groups[hash(text.lines[at].translate(None, _OF_NUMBERS))].append(at)
        return groups

    def _remember(self, alike: dict[int, list[int]], forms: NDArray[np.int16]) -> None:
        if len(self._by_words) > _MOST_WORDS:
            self._by_words.clear()
        known = forms[[which[-1] for which in alike.values()]].tolist() if alike else ()
        self._by_words.update(zip(alike, known, strict=True))

    def _try(self, text: Text, which: Sequence[int]) -> None:
        """Takes lines by the form of the line before, or by any that their keys allow."""
        at, last = 0, UNKNOWN
        while at < len(which):
            together = which[at : at + _TOGETHER]
            for form in self._candidates(text.lines[which[at]], last):
                if taken := self._takers[form].take(text, together):
                    last = form
                    break
            else:
                taken = 1  # has none: somebody looks at it
            at += taken

    def _candidates(self, line: bytes, last: int) -> Iterator[int]:
        if last != UNKNOWN:
            yield last
        try:
            record = _decode(line)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return
        keys = tuple(record) if type(record) is dict else ()
        for decisive in self._decisive.get(keys, ()):
            yield from self._by_kind.get(_kind(keys, decisive, record), ())


def _kind(keys: tuple[str, ...], decisive: Iterable[str], record: Record) -> Kind:
    return keys, tuple((key, str(record[key])) for key in decisive)
