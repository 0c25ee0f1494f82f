"""Lines read ahead of what stands before them. Pure.

Any process can do it that knows the forms of the lines; the reader, who goes through the file in
order, takes the columns over and looks at the lines that had none of the forms.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import repeat
from typing import NamedTuple, get_args

import msgspec
import numpy as np

from karn_view.formats.taker import Form, Taken, Taker
from karn_view.formats.tell import UNKNOWN, Forms, Tell, distinct
from karn_view.formats.text import Indices, Lines, Text
from karn_view.lines import LF, Line
from karn_view.record import Record

_TOGETHER = 64
"""So many lines at most are tried at once."""
_MOST_TEXTS = 4_096
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
    forms: Forms
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
    """Reads lines, each for itself, with the forms of one era.

    A training writes lines of a few forms in turns. Which form a line has is guessed: what
    eight of its bytes tell, or that of a line that was the same but for its numbers, or that of
    the line before. A guess is cheap, and decoding tells whether it was right.

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
        self._tell = Tell()
        self._by_hash: dict[int, int] = {}

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

    def read(self, data: Lines) -> Ahead:
        """Reads whole lines. What it gives does not refer to their memory."""
        text = Text(data)
        left = self._take(text, np.arange(len(text)), self._tell.guess(text))
        hashes = _hashes(text, left)
        known = map(self._by_hash.get, hashes, repeat(UNKNOWN))
        self._try(text, self._take(text, left, np.fromiter(known, np.int16, len(left))))
        taken = {form: taker.cut() for form, taker in enumerate(self._takers) if taker.is_used}
        forms = np.full(len(text), UNKNOWN, np.int16)
        for form, found in taken.items():
            forms[found.lines] = form
        self._tell.learn(text, forms, len(left))
        self._remember(hashes, forms[left])
        return Ahead(self.era, text.begins, forms, taken)

    def _take(self, text: Text, which: Indices, guesses: Forms) -> Indices:
        """Takes lines by their guessed forms; returns those that had none, or another."""
        left = [which[guesses == UNKNOWN]]
        for form in distinct(guesses[guesses != UNKNOWN]):
            guessed = which[guesses == form]
            left.append(guessed[self._takers[form].take(text, guessed) :])
        return np.sort(np.concatenate(left))

    def _remember(self, hashes: Sequence[int], forms: Forms) -> None:
        if len(self._by_hash) > _MOST_TEXTS:
            self._by_hash.clear()
        self._by_hash.update(zip(hashes, forms.tolist(), strict=True))

    def _try(self, text: Text, which: Indices) -> None:
        """Takes lines by the form of the line before, or by any that their keys allow."""
        at, last, together = 0, UNKNOWN, 1
        while at < len(which):
            tried = which[at : at + together]
            for form in self._candidates(text[int(which[at])], last):
                if taken := self._takers[form].take(text, tried):
                    last = form
                    break
            else:
                taken = 1  # has none: somebody looks at it
            together = min(2 * together, _TOGETHER) if taken == len(tried) else 1
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


def _hashes(text: Text, which: Indices) -> list[int]:
    """What lines say but for numbers, by a hash of it."""
    hashes: list[int] = []
    for _, part in text.parts(which):
        hashes += map(hash, part.translate(None, _OF_NUMBERS).split(LF)[:-1])
    return hashes


def _kind(keys: tuple[str, ...], decisive: Iterable[str], record: Record) -> Kind:
    return keys, tuple((key, str(record[key])) for key in decisive)
