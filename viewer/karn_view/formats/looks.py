"""Values that must be looked at: text, short lists, statistics. Pure."""

import math
from itertools import pairwise, takewhile
from typing import Any

from karn_view.formats import words
from karn_view.formats.namespace import Found, Namespace
from karn_view.formats.rows import Progress
from karn_view.formats.values import LIST_MOST, Share, are_numbers, finite_size, is_gap, spelled
from karn_view.record import Record

_PAIR = 2
_ENOUGH = 20


class Statistics:
    """An object such as ``{"num", "mean", "std"}``: one series, of its mean, with a band."""

    def __init__(self, space: Namespace, path: str) -> None:
        self._space = space
        self._name = path
        self._step = space.step(path)
        self._is_kept = space.admits(path)

    def read(self, value: Record, found: Found) -> None:
        """Adds the mean; nothing when nothing was counted."""
        mean = value.get("mean")
        if not isinstance(mean, int | float) or value.get("num", value.get("count")) == 0:
            return
        if not self._is_kept:
            return
        if self._step is None:
            found.measured += 1
        else:
            found.steps.append((self._step, finite_size(mean)))
        title = self._space.title(found, self._name)
        found.points.add(title, finite_size(mean))
        if (band := band_of(mean, value)) is not None:
            found.points.add_band(title, band)


def band_of(mean: float, statistics: Record) -> tuple[float, float] | None:
    """The least and largest value, else a standard deviation below and above the mean."""
    low, high, spread = (_finite(statistics.get(key)) for key in ("min", "max", "std"))
    if low is not None and high is not None:
        return low, high
    return None if spread is None else (mean - spread, mean + spread)


def _finite(value: Any) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and math.isfinite(finite_size(value)) else None


class Elements:
    """A list: a series for each of a few numbers, or for each thing with a name and a value.

    Of a course in pairs of position and value, only where it has come to is taken.
    """

    def __init__(self, space: Namespace, path: str) -> None:
        self._space = space
        self._name = path

    def read(self, value: list[Any], found: Found) -> None:
        """Adds the elements when they are few and all numbers, or all named."""
        if not value:
            return
        if are_numbers(value):
            if len(value) <= LIST_MOST:
                for index, number in enumerate(value):
                    self._add(
                        self._name if len(value) == 1 else f"{self._name}/{index}", number, found
                    )
        elif all(type(item) is dict for item in value):
            self._read_named(value, found)
        elif all(type(item) is list and len(item) >= _PAIR for item in value):
            self._read_lists(value, found)

    def _read_lists(self, value: list[list[Any]], found: Found) -> None:
        """``["auc", 0.9]``, and ``["valid_0", "auc", 0.9, true]`` as LightGBM has it."""
        if all(are_numbers(item) and len(item) == _PAIR for item in value):
            if all(before[0] < item[0] for before, item in pairwise(value)):
                self._add(self._name, value[-1][1], found)
            return
        for item in value:
            words_first = [*takewhile(lambda part: type(part) is str, item)]
            number = next(iter(item[len(words_first) :]), None)
            if words_first and isinstance(number, int | float) and type(number) is not bool:
                self._add("/".join((self._name, *words_first)), number, found)

    def _read_named(self, value: list[Record], found: Found) -> None:
        folder, _, last = self._name.rpartition("/")
        prefix = folder if last.lower() in words.TRANSPARENT else self._name
        for item in value:
            names = (item[key] for key in words.named(item, words.LONG_NAMES))
            name = next((name for name in names if type(name) is str), "")
            number = next((item[key] for key in words.named(item, words.LONG_VALUES)), None)
            if name and isinstance(number, int | float) and type(number) is not bool:
                self._add("/".join(filter(None, (prefix, name))), number, found)

    def _add(self, name: str, number: float, found: Found) -> None:
        if self._space.admits(name):
            found.points.add(self._space.title(found, name), finite_size(number))
            found.measured += 1


class Spelling:
    """Text that may be a number: believed while nine in ten of its values are.

    Attributes:
        is_text: It is none, for good.
        step: The position that its numbers are.
    """

    def __init__(self, space: Namespace, path: str) -> None:
        self._space = space
        self._name = path
        self.step = space.step(path)
        last = path.rpartition("/")[2]
        self._is_total = self.step is None and words.plain(last) in words.TOTALS
        self._is_percent = path == last and words.plain(last) in words.PERCENT_DONE
        self._is_position = words.is_position_name(path)
        self._seen = 0
        self._parsed = 0
        self.is_text = False

    @property
    def is_plain(self) -> bool:
        """Whether numbers that are believed are values or positions, and nothing else."""
        return not (self.is_text or self._is_total or self._is_percent)

    @property
    def is_believed(self) -> bool:
        """Whether the next number is, and so all numbers up to the next text that is none."""
        return self._parsed + 1 >= 0.9 * (self._seen + 1)

    def count(self, numbers: int) -> None:
        """Takes note of so many numbers that somebody else has read."""
        self._seen += numbers
        self._parsed += numbers

    def read(self, value: str, found: Found) -> None:
        """Adds the number, if it is one."""
        if self.is_text or is_gap(value):
            return
        number = spelled(self._name, value)
        self._seen += 1
        self._parsed += number is not None
        self.is_text = self._seen >= _ENOUGH and self._parsed == 0
        if number is None or self._parsed < 0.9 * self._seen:
            return
        if isinstance(number, Share):
            self._share(number, found)
        elif self._is_percent:
            found.progress = found.progress or Progress(number.value, 100.0, "%")
        else:
            self._add(number.value, number.unit, found)

    def _share(self, share: Share, found: Found) -> None:
        found.progress = Progress(share.position, share.total, self._name)
        if self._is_position:
            self._add(share.position, "", found)

    def _add(self, value: float, unit: str, found: Found) -> None:
        if self._is_total or not self._space.admits(self._name):
            return
        if self.step is None:
            found.measured += 1
        else:
            found.steps.append((self.step, value))
        if unit:
            self._space.units[self._name] = unit
        found.points.add(self._space.title(found, self._name), value)
