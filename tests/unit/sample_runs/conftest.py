"""What the tests of the sample training share."""

from collections.abc import Callable
from functools import cache

import numpy as np
import pytest
from growth.digits import Digits, Part, load
from growth.layers import Array

STEP = 1e-6

Slopes = Callable[[Callable[[], float], Array], Array]


@cache
def few_digits() -> Digits:
    return Digits(*(Part(part.x[:96], part.y[:96]) for part in load(0)))


@pytest.fixture
def digits() -> Digits:
    """The real digits, few of them."""
    return few_digits()


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)


@pytest.fixture
def slopes_of() -> Slopes:
    """Measures by finite differences how a number changes along each entry of an array."""

    def slopes(measure: Callable[[], float], place: Array) -> Array:
        found = np.zeros_like(place)
        for index in np.ndindex(place.shape):
            middle = place[index]
            place[index] = middle + STEP
            above = measure()
            place[index] = middle - STEP
            found[index] = (above - measure()) / (2 * STEP)
            place[index] = middle
        return found

    return slopes
