"""Forms are told by a few bytes, wherever in lines they differ."""

from collections.abc import Callable

import numpy as np
import pytest
from karn_view.formats.tell import UNKNOWN, Forms, Tell
from karn_view.formats.text import Text

LINES = 400
Kind = Callable[[int], bytes]


def train(n: int) -> bytes:
    return b'{"step": %d, "loss": 0.%d}\n' % (1000 + n, n)


def rated(n: int) -> bytes:
    return b'{"step": %d, "loss": 0.%d, "rate": %d}\n' % (1000 + n, n, n)


def validated(n: int) -> bytes:
    return b'{"step": %d, "val_loss": 0.%d}\n' % (1000 + n, n)


def text_of(*kinds: Kind) -> tuple[Text, Forms]:
    """Lines of these kinds in turns, the first one ten times as often; and which kind each is."""
    forms = np.array([max(n % (9 + len(kinds)) - 9, 0) for n in range(LINES)], np.int16)
    made = [kinds[form](n) for n, form in enumerate(forms.tolist())]
    return Text(b"".join(made)), forms


@pytest.mark.parametrize("kinds", [(train,), (train, validated), (train, rated)])
def test_forms_that_differ_somewhere_are_told(kinds: tuple[Kind, ...]) -> None:
    text, forms = text_of(*kinds)
    tell = Tell()
    tell.learn(text, forms, wrong=LINES)
    assert np.mean(tell.guess(text) == forms) > 0.95


def test_nothing_is_guessed_before_lines_of_known_forms_were_seen() -> None:
    text, _ = text_of(train, validated)
    assert set(Tell().guess(text).tolist()) == {UNKNOWN}


def test_lines_that_differ_nowhere_are_not_guessed() -> None:
    text = Text(train(1) * LINES)
    tell = Tell()
    tell.learn(text, np.arange(LINES, dtype=np.int16) % 2, wrong=LINES)
    assert set(tell.guess(text).tolist()) == {UNKNOWN}


def test_another_place_is_looked_for_once_guesses_are_wrong() -> None:
    tell = Tell()
    tell.learn(*text_of(train, validated), wrong=LINES)
    text, forms = text_of(train, rated)
    for _ in range(3):
        tell.learn(text, forms, wrong=LINES)
    assert np.mean(tell.guess(text) == forms) > 0.95


def test_lines_shorter_than_a_word_are_no_trouble() -> None:
    tell = Tell()
    text = Text(b"{}\n" * LINES)
    tell.learn(text, np.zeros(LINES, np.int16), wrong=LINES)
    assert tell.guess(Text(b"\n")).tolist() == [UNKNOWN]
    assert len(tell.guess(text)) == LINES
