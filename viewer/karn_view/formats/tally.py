"""How one candidate for the axis has behaved so far. Pure."""

from karn_view.formats.place import Place, is_position
from karn_view.formats.steps import StepName

_LEAST_RISING = 0.9
_LEAST_MOVING = 0.02
_LEAST_GROWING = 0.25  # of what is a position by its growth only; several rows may share one
_LEAST_VALID = 0.95
_PAIRS_TO_JUDGE = 2
_TIERS = (0.8, 0.3)


class Tally:
    """Counts what the values of a candidate do from record to record."""

    def __init__(self, step: StepName) -> None:
        self.step = step
        self.seen = self.valid = self.pairs = self.fell = self.rose = 0
        self.wrapped = self.unwrapped = self.rose_within = 0
        self._lasts: dict[str, tuple[float, float | None]] = {}

    def add(self, value: float, epoch: float | None, place: Place) -> None:
        """Takes note of the candidate's value in a record, and of that record's epoch."""
        self.seen += 1
        if not is_position(self.step, value):
            return
        self.valid += 1
        if place.is_aside:
            return
        if last := self._lasts.get(place.member):
            self._pair(*last, value, epoch)
        self._lasts[place.member] = value, epoch

    def _pair(self, before: float, last: float | None, value: float, epoch: float | None) -> None:
        self.pairs += 1
        self.rose += value > before
        if epoch is not None and last is not None and epoch > last:
            self.wrapped += value < before
            self.unwrapped += value >= before
        else:
            self.fell += value < before
            self.rose_within += value > before

    @property
    def wraps(self) -> bool:
        """Whether it begins again with the epoch, as batches do."""
        return self.step.letter in "ABC" and self.unwrapped < self.wrapped <= self.rose_within

    @property
    def _falls(self) -> int:
        return self.fell if self.wraps else self.fell + self.wrapped

    def objection(self) -> str | None:
        """Why this cannot be the axis, or None."""
        if not self._is_valid:
            return "not always a whole number from 0"
        if self.pairs < _PAIRS_TO_JUDGE:
            return "too few records to tell" if self.step.is_guess else None
        if self._falls_often:
            return f"falls {self._falls} of {self.pairs} times"
        if self.rose < (_LEAST_GROWING if self.step.is_guess else _LEAST_MOVING) * self.pairs:
            return "hardly moves"
        return None

    @property
    def is_position(self) -> bool:
        """Whether it says where a record stands and not, say, how long an episode was."""
        is_measured = self.step.may_measure or self._falls_often or not self._is_valid
        return self.objection() is None or not is_measured

    @property
    def _is_valid(self) -> bool:
        return self.valid >= _LEAST_VALID * self.seen

    @property
    def _falls_often(self) -> bool:
        return self._falls > 1 and self.pairs - self._falls < _LEAST_RISING * self.pairs

    def rank(self, records: int) -> tuple[int, str, int, int]:
        """Sorts candidates, the best first."""
        coverage = self.seen / max(records, 1)
        tier = sum(coverage <= bound for bound in _TIERS)
        return (tier, self.step.group, self.step.depth, self.step.order)
