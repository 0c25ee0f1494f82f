import numpy as np
from growth.digits import CLASSES, load


def test_no_digit_is_in_two_parts() -> None:
    parts = load(3)
    assert sum(len(part.y) for part in parts) == 1797
    rows = np.vstack([part.x for part in parts])
    assert len(np.unique(rows, axis=0)) == 1797


def test_pixels_go_from_0_to_1_and_every_digit_is_there() -> None:
    for part in load(3):
        assert part.x.min() == 0.0
        assert part.x.max() == 1.0
        assert set(part.y) == set(range(CLASSES))


def test_the_seed_decides_the_split() -> None:
    assert np.array_equal(load(1).test.y, load(1).test.y)
    assert not np.array_equal(load(1).test.y, load(2).test.y)
