import tempfile
from collections.abc import Iterator

import numpy as np
import pytest
from karn_view.decoding.slots import Slots, get, put
from karn_view.forerunners import SLOT_BYTES, SLOTS
from karn_view.formats.ahead import Ahead
from karn_view.formats.taker import Taken
from karn_view.formats.tell import UNKNOWN


@pytest.fixture
def memory() -> Iterator[int]:
    with tempfile.TemporaryFile() as file:
        file.truncate(SLOTS * SLOT_BYTES)
        yield file.fileno()


def an_ahead(lines: int) -> Ahead:
    values, walls = np.arange(2.0 * lines).reshape(-1, 2), np.full(lines, np.nan)
    taken = Taken(np.arange(lines), values, walls, np.empty(0))
    return Ahead(7, np.arange(lines + 1) * 10, np.full(lines, 3, np.int16), {3: taken})


def test_what_is_laid_down_is_read_by_whoever_has_the_descriptor(memory: int) -> None:
    ours, theirs = Slots(memory), Slots(memory)
    for slot in range(SLOTS):
        layout = put(an_ahead(5 + slot), theirs[slot])
        assert layout is not None
        found, expected = get(layout, ours[slot]), an_ahead(5 + slot)
        assert (found.era, found.forms.tolist()) == (7, [3] * (5 + slot))
        assert found.begins.tolist() == expected.begins.tolist()
        assert found.taken[3].values.tolist() == expected.taken[3].values.tolist()
        assert np.isnan(found.taken[3].walls).all() and not len(found.taken[3].percents)


def test_what_is_too_much_for_a_slot_is_not_laid_down(memory: int) -> None:
    slots = Slots(memory)
    assert put(an_ahead(SLOT_BYTES // 8), slots[0]) is None


def test_of_a_block_without_a_known_form_only_the_lines_are_told(memory: int) -> None:
    slots = Slots(memory)
    layout = put(Ahead(1, np.array([0, 4]), np.array([UNKNOWN], np.int16), {}), slots[0])
    assert layout is not None
    assert get(layout, slots[0]).forms.tolist() == [UNKNOWN]
