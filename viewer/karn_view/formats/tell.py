"""Tells the forms of lines by eight bytes of each, at the place where forms differ most. Pure."""

from itertools import product

import numpy as np
from numpy.typing import NDArray

from karn_view.formats.text import Indices, Text

UNKNOWN = -1
"""The number of no form."""
_REACH = 128
_SIZE = 8
_LINES_OF_A_FORM = 32
_LEAST_LINES = 128
_GOLDEN = 0.6180339887498949  # no other number's multiples are spread more evenly
_MOST_WRONG = 0.02

Forms = NDArray[np.int16]
_Words = NDArray[np.uint64]


class Tell:
    """Guesses; whoever asks has to look whether they are right.

    A line costs 10 ns. Where forms differ in no one place, counted from the beginnings of lines
    or from their ends, nothing is guessed.
    """

    def __init__(self) -> None:
        self._place = (0, False)
        self._words: _Words = np.empty(0, np.uint64)
        self._forms: Forms = np.empty(0, np.int16)
        self._failures = self._patience = 0

    def guess(self, text: Text) -> Forms:
        """The forms of lines, ``UNKNOWN`` where it cannot tell."""
        if not len(self._words):
            return np.full(len(text), UNKNOWN, np.int16)
        words = _words(text, slice(None), *self._place)
        at = np.minimum(np.searchsorted(self._words, words), len(self._words) - 1)
        return np.where(self._words[at] == words, self._forms[at], np.int16(UNKNOWN))

    def learn(self, text: Text, forms: Forms, wrong: int) -> None:
        """Looks for a better place after wrong guesses, the more rarely the less it helps.

        Args:
            text: The lines.
            forms: What their forms are.
            wrong: At how many of them the guess was of no use.
        """
        if len(text) < _LEAST_LINES:
            return
        if wrong <= _MOST_WRONG * len(text):
            self._failures = self._patience = 0
            return
        self._failures += 1
        if self._failures < self._patience:
            return
        self._failures, self._patience = 0, 2 * self._patience + 1
        which = _samples(forms)
        forms = forms[which]
        self._place = _telling(text, which, forms)
        words = _words(text, which, *self._place)
        order = np.argsort(words)
        words, forms = words[order], forms[order]
        begins = np.flatnonzero(np.append(True, words[1:] != words[:-1]))
        least, most = (fold.reduceat(forms, begins) for fold in (np.minimum, np.maximum))
        self._words = words[begins]
        self._forms = np.where(least == most, least, np.int16(UNKNOWN))


def distinct(forms: Forms) -> list[int]:
    """Which forms there are, ascending."""
    found: list[int] = (np.flatnonzero(np.bincount(forms - UNKNOWN)) + UNKNOWN).tolist()
    return found


def _telling(text: Text, which: Indices, forms: Forms) -> tuple[int, bool]:
    """The place where lines tell most: the first with one word for each form, if there is one."""
    least = (0, len(distinct(forms)) - 1)
    costs: dict[tuple[int, bool], tuple[int, int]] = {}
    for place in product(range(_REACH), (False, True)):
        costs[place] = _cost(_words(text, which, *place), forms)
        if costs[place] == least:
            return place
    return min(costs, key=costs.__getitem__)


def _words(text: Text, which: Indices | slice, at: int, is_end: bool) -> _Words:
    """Eight bytes of each line, so many from its beginning or before its end."""
    data = text.data if len(text.data) >= _SIZE else bytes(_SIZE)
    every: _Words = np.ndarray((len(data) - _SIZE + 1,), np.uint64, data, strides=(1,))
    places = text.begins[1:][which] - _SIZE - at if is_end else text.begins[:-1][which] + at
    found: _Words = every[np.clip(places, 0, len(every) - 1)]
    return found


def _samples(forms: Forms) -> Indices:
    """Some lines of each form, from all over; at no regular distance, which logs are full of."""
    at = np.arange(_LINES_OF_A_FORM) * _GOLDEN % 1.0
    of_each = (np.flatnonzero(forms == form) for form in distinct(forms))
    return np.concatenate([found[(at * len(found)).astype(np.int64)] for found in of_each])


def _cost(words: _Words, forms: Forms) -> tuple[int, int]:
    """How many words stand for two forms, and how many words there are."""
    order = np.lexsort((forms, words))
    is_new = np.diff(words[order]) != 0
    is_other = ~is_new & (np.diff(forms[order]) != 0)
    return int(np.sum(is_other)), int(np.sum(is_new))
