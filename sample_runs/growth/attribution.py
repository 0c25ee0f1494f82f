"""What each seed is worth: all coalitions tried, then shared out fairly. Pure.

Nothing is sampled: with three slots there are at most eight coalitions and six orders of joining.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain, combinations, permutations
from statistics import fmean, pstdev
from typing import NamedTuple

Coalition = frozenset[str]


class Share(NamedTuple):
    """A slot's marginal gains over all orders of joining: their mean is its Shapley value."""

    mean: float
    std: float
    n_samples: int


def coalitions(slot_ids: Sequence[str]) -> Iterator[Coalition]:
    """Yields every subset of the slots, the empty one (the host alone) first."""
    sizes = range(len(slot_ids) + 1)
    return map(frozenset, chain.from_iterable(combinations(slot_ids, size) for size in sizes))


def worths(slot_ids: Sequence[str], worth: Callable[[Coalition], float]) -> dict[Coalition, float]:
    """Returns what every coalition is worth; calls `worth` 2 ** n times."""
    return {coalition: worth(coalition) for coalition in coalitions(slot_ids)}


def shapley(slot_ids: Sequence[str], matrix: Mapping[Coalition, float]) -> dict[str, Share]:
    """Returns each slot's share; the means add up to all together minus the host alone."""
    gains: dict[str, list[float]] = {slot_id: [] for slot_id in slot_ids}
    for order in permutations(slot_ids):
        for place, slot_id in enumerate(order):
            before = frozenset(order[:place])
            gains[slot_id].append(matrix[before | {slot_id}] - matrix[before])
    return {name: Share(fmean(all_), pstdev(all_), len(all_)) for name, all_ in gains.items()}
