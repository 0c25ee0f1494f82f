"""The data: 1,797 handwritten digits of 8 x 8 pixels that scikit-learn ships."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from growth.layers import Array

PIXELS, CLASSES = 64, 10
BRIGHTEST = 16.0
SHARES = (0.5, 0.75)
"""Where training ends and validation ends: a half, a quarter, and a quarter for the test."""


class Part(NamedTuple):
    """Pixels `(n, 64)` from 0 to 1 and the digit each row shows."""

    x: Array
    y: NDArray[np.int64]


class Digits(NamedTuple):
    """Validation steers the policy; only the test part was never looked at."""

    train: Part
    validation: Part
    test: Part


def load(seed: int) -> Digits:
    """Loads the digits, shuffled and split by `seed`."""
    from sklearn.datasets import load_digits  # takes a second: --help need not wait for it

    pixels, labels = load_digits(return_X_y=True)
    order = np.random.default_rng(seed).permutation(len(labels))
    cuts = [int(share * len(labels)) for share in SHARES]
    return Digits(*(Part(pixels[rows] / BRIGHTEST, labels[rows]) for rows in np.split(order, cuts)))
