"""The extremes of a growing column in blocks, blocks of blocks, and so on. Pure."""

from collections.abc import Iterator
from itertools import count
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from karn_view.store.column import Allocate, Column, anonymous

Floats = NDArray[np.float64]
Places = NDArray[np.int64]

BLOCK = 16
"""So many values make a block of the lowest level."""
FACTOR = 4
"""So many blocks make one of the next level. All cost 2 bytes a value; 16 would cost 1.6
and answer a third slower, blocks of 8 values 4 and answer no quicker.
"""
WIDE = 128
"""So many blocks for each stretch are looked at one after the other. It is more than a block has,
so that one at least is whole; and of so many few are at an edge and yet have an extreme.
"""


class Extremes(NamedTuple):
    """The least and largest finite value of each of n stretches, and where the last one stands.

    NaN and -1 where there is none. Three columns or arrays of equal length.
    """

    low: Any
    high: Any
    latest: Any


FOLDS = Extremes(np.fmin, np.fmax, np.maximum)


def known(values: Floats) -> Floats:
    """The values, NaN where they are not finite."""
    finite = np.isfinite(values)
    return values if finite.all() else np.where(finite, values, np.nan)


def latest(values: Floats, places: Places) -> Places:
    """Where a value is finite its place, else -1."""
    finite = np.isfinite(values)
    return places if finite.all() else np.where(finite, places, -1)


class Pyramid:
    """Levels of blocks over columns of values, each coarser than the one below."""

    def __init__(self, allocate: Allocate = anonymous) -> None:
        self._allocate = allocate
        self._levels: list[Extremes] = []

    def __len__(self) -> int:
        """How many values it covers."""
        return BLOCK * len(self._levels[0].low) if self._levels else 0

    def extend(self, lows: Floats, highs: Floats, values: Floats) -> None:
        """Covers the columns as far as blocks are complete. Constant for each new value.

        Of the two first the extremes are told, of the third where its last finite value stands.
        """
        start, end = len(self), len(values) // BLOCK * BLOCK
        new = slice(start, end)
        low = known(lows[new])
        high = low if highs is lows else known(highs[new])
        parts = Extremes(low, high, latest(values[new], np.arange(start, end)))
        for depth in count():
            if not len(parts.low):
                return
            if depth == len(self._levels):
                self._levels.append(self._level())
            covered = len(self._levels[depth + 1].low) if depth + 1 < len(self._levels) else 0
            for column, fold, part in zip(self._levels[depth], FOLDS, parts, strict=True):
                column.extend(fold.reduce(_in_columns(part, _size(depth))))
            end = len(self._levels[depth].low) // FACTOR
            above = slice(covered * FACTOR, end * FACTOR)
            parts = Extremes(*(column.view[above] for column in self._levels[depth]))

    def _level(self) -> Extremes:
        dtypes = (np.float64, np.float64, np.int64)
        return Extremes(*(Column(dtype, self._allocate) for dtype in dtypes))

    def extremes(
        self, lows: Floats, highs: Floats, starts: Places, ends: Places
    ) -> tuple[Floats, Floats]:
        """The least and the largest in each of n stretches that are not empty, n not 0.

        The columns must be covered, and no value in two stretches. Costs ``WIDE`` blocks for each
        and, where an extreme may be at an edge, what two blocks hold on every level below.
        """
        depth, size = self._skimmable(starts, ends)
        begin, end = starts.min() // size, -(-ends.max() // size)
        least, most = self._blocks(depth, lows, highs, slice(begin, end))
        up, down = -(-starts // size) - begin, ends // size - begin
        low = _folded(np.fmin, least, up, down)
        high = _folded(np.fmax, most, up, down)
        edges = np.minimum((starts // size - begin, down), len(least) - 1)
        is_beyond = -(-ends // size) - begin > len(least)
        is_low = np.fmin(low, np.fmin(*least[edges])) == low
        is_high = np.fmax(high, np.fmax(*most[edges])) == high
        unsure = np.flatnonzero(~(is_low & is_high) | is_beyond)
        for below, which, places in _edges(starts[unsure], ends[unsure], depth):
            which = unsure[which]
            least, most = self._blocks(below, lows, highs, places)
            low[which] = np.fmin(low[which], np.fmin.reduce(least))
            high[which] = np.fmax(high[which], np.fmax.reduce(most))
        return low, high

    def _skimmable(self, starts: Places, ends: Places) -> tuple[int, int]:
        """The lowest level at which stretches have few enough blocks, and the size of these."""
        depth, size, span = 0, 1, ends.max() - starts.min()
        while depth < len(self._levels) and span > WIDE * size * len(starts):
            depth, size = depth + 1, size * _size(depth)
        return depth, size

    def _blocks(
        self, depth: int, lows: Floats, highs: Floats, which: slice | Places
    ) -> tuple[Floats, Floats]:
        """The least and the largest of blocks of a level, or of values themselves."""
        if depth:
            level = self._levels[depth - 1]
            return _picked(level.low.view, which), _picked(level.high.view, which)
        least = known(_picked(lows, which))
        return least, least if highs is lows else known(_picked(highs, which))

    def latest(self, values: Floats, starts: Places, ends: Places) -> Places:
        """Where the last finite value of each stretch stands; -1 where there is none."""
        found = np.full(len(starts), -1)
        for depth, which, places in _edges(starts, ends, len(self._levels) + 1):
            told = (
                self._levels[depth - 1].latest.view.take(places)
                if depth
                else latest(values.take(places), places)
            )
            found[which] = np.maximum(found[which], told.max(axis=0))
        return found


def _in_columns(part: NDArray[Any], size: int) -> NDArray[Any]:
    """A column for each block; numpy folds these several times as fast as rows."""
    return np.ascontiguousarray(part.reshape(-1, size).T)


def _size(depth: int) -> int:
    """How many of a level, or of the values, make a block of the next one."""
    return FACTOR if depth else BLOCK


def _picked(values: Floats, which: slice | Places) -> Floats:
    return values[which] if isinstance(which, slice) else values.take(which)


def _folded(fold: np.ufunc, values: Floats, starts: Places, ends: Places) -> Floats:
    """One value for each stretch; NaN for one that is empty."""
    folded = np.full(len(starts), np.nan)
    which = np.flatnonzero(starts < ends)
    if len(which):
        which = which[np.argsort(starts[which], kind="stable")]
        bounds = np.column_stack((starts[which], ends[which])).ravel()
        folded[which] = fold.reduceat(values[: bounds[-1]], bounds[:-1])[::2]
    return folded


def _edges(starts: Places, ends: Places, depths: int) -> Iterator[tuple[int, Places, Places]]:
    """What of stretches stands at their edges, up to whole blocks of so many levels.

    Yields:
        How many levels up, which stretches, and a column of places for each. Those at its two ends
        may be the same, or within a block that is whole: it is the extremes that are asked for.
    """
    which = np.arange(len(starts))
    for depth in range(depths):
        size, last = _size(depth), ends - 1
        near = np.arange(size - 1)[:, np.newaxis]
        yield (
            depth,
            which,
            np.concatenate((np.minimum(starts + near, last), np.maximum(last - near, starts))),
        )
        starts, ends = -(-starts // size), ends // size
        whole = starts < ends
        which, starts, ends = which[whole], starts[whole], ends[whole]
        if not len(which):
            return
