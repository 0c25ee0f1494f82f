from typing import Any

import numpy as np
from karn_view.store.column import AMPLE_BYTES, TIMES_FAR, TIMES_MOST, Column, Room, anonymous
from numpy.typing import NDArray


def test_what_is_expected_has_room_before_it_comes() -> None:
    made: list[int] = []

    def noted(length: int, dtype: np.dtype[Any]) -> NDArray[Any]:
        made.append(length)
        return anonymous(length, dtype)

    room = Room(noted)
    column = Column(np.float64, room)
    column.extend(np.arange(AMPLE_BYTES // 8))
    room.times = 5.0
    column.extend([0.5])
    before = len(made)
    column.extend(np.arange(4 * AMPLE_BYTES // 8 - 1))
    assert len(made) == before
    assert column.view[[0, AMPLE_BYTES // 8, -1]].tolist() == [0, 0.5, 4 * AMPLE_BYTES // 8 - 2]


def test_a_small_column_gets_what_it_asks_for() -> None:
    room = Room(anonymous)
    room.times = 1e9
    assert len(room(64, np.dtype(np.float64))) == 64
    assert len(room(AMPLE_BYTES, np.dtype(np.float64))) == TIMES_FAR * AMPLE_BYTES
    room.times = TIMES_MOST
    assert len(room(AMPLE_BYTES, np.dtype(np.float64))) == TIMES_MOST * AMPLE_BYTES


def test_a_file_that_is_shorter_than_what_was_read_of_it_makes_no_column_smaller() -> None:
    room = Room(anonymous)
    room.times = 0.1
    assert len(room(AMPLE_BYTES, np.dtype(np.float64))) == AMPLE_BYTES
